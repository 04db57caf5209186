#include "common/zookeeper/own_node.h"

#include "common/zookeeper/guarded.h"

namespace baton::zookeeper {

using ports::DirectoryError;
using ports::DirectoryErrorCode;

DirectoryError to_directory_error(const Error& error) {
  const bool lost = error.code == Code::SessionLost;
  return {lost ? DirectoryErrorCode::SessionLost : DirectoryErrorCode::Unavailable, error.message};
}

OwnNode::~OwnNode() {
  for (const auto& waiter : waiters_) session_.clock().cancel(waiter.timer);
  session_.clock().cancel(retry_);
}

void OwnNode::put(std::string data, Done done) {
  wish(std::move(data), std::move(done));
}

void OwnNode::remove(Done done) {
  wish(std::nullopt, std::move(done));
}

void OwnNode::wish(std::optional<std::string> data, Done done) {
  data_ = std::move(data);
  const auto number = ++wish_;
  const auto late = guarded(weak_from_this(), [number](OwnNode& self) {
    self.answer(number, Fail(DirectoryError{DirectoryErrorCode::Unavailable,
                                            self.path_ + ": not written yet, ZooKeeper does not answer"}));
  });
  waiters_.push_back({number, session_.clock().after(kAnswerLimit, late), std::move(done)});
  work();
}

void OwnNode::on_session_lost() {
  ++round_;
  exists_ = under_way_ = false;
  landed_ = 0;
}

/// One request at a time; the newest wish is what is written.
void OwnNode::work() {
  if (under_way_ || landed_ == wish_ || !session_.connected()) return;
  under_way_ = true;
  if (!data_) return erase();
  if (exists_) return write();
  create();
}

void OwnNode::create() {
  const auto then = [wish = wish_, round = round_](OwnNode& self, const Result<std::string, Error>& made) {
    if (round != self.round_) return;
    if (made.ok()) return self.landed(wish, true);
    switch (made.error().code) {
      case Code::NodeExists:
        return self.take_over();
      case Code::NoNode:
        if (std::exchange(self.made_folder_, true)) return self.failed({Code::Refused, made.error().message});
        // Both go out in this order.
        self.session_.ensure_path(self.path_.substr(0, self.path_.rfind('/')),
                                  [](const Result<void, Error>&) {});
        return self.create();
      case Code::NotEmpty:
      case Code::BadVersion:
      case Code::ConnectionLoss:
      case Code::SessionLost:
      case Code::Refused:
        return self.failed(made.error());
    }
  };
  session_.create(path_, *data_, NodeKind::Ephemeral, guarded(weak_from_this(), then));
}

void OwnNode::take_over() {
  const auto then = [round = round_](OwnNode& self, const Result<Stat, Error>& stat) {
    if (round != self.round_) return;
    const bool gone = !stat.ok() && stat.error().code == Code::NoNode;
    if (!stat.ok() && !gone) return self.failed(stat.error());
    self.under_way_ = false;
    self.exists_ = stat.ok() && stat->ephemeral_owner == self.session_.id();  // a reply was lost
    if (stat.ok() && !self.exists_)
      self.session_.remove(self.path_, stat->version, [](const Result<void, Error>&) {});
    self.work();
  };
  session_.exists(path_, guarded(weak_from_this(), then));
}

void OwnNode::write() {
  const auto then = [wish = wish_, round = round_](OwnNode& self, const Result<Stat, Error>& stat) {
    if (round != self.round_) return;
    if (stat.ok()) return self.landed(wish, true);
    if (stat.error().code != Code::NoNode) return self.failed(stat.error());
    self.under_way_ = self.exists_ = false;  // another's hand
    self.work();
  };
  session_.set(path_, *data_, kAnyVersion, guarded(weak_from_this(), then));
}

void OwnNode::erase() {
  const auto then = [wish = wish_, round = round_](OwnNode& self, const Result<void, Error>& gone) {
    if (round != self.round_) return;
    if (gone.ok() || gone.error().code == Code::NoNode) return self.landed(wish, false);
    self.failed(gone.error());
  };
  session_.remove(path_, kAnyVersion, guarded(weak_from_this(), then));
}

void OwnNode::landed(std::uint64_t wish, bool exists) {
  under_way_ = made_folder_ = false;
  exists_ = exists;
  landed_ = wish;
  const auto self = shared_from_this();  // a caller may end us
  answer(wish, {});
  work();
}

/// A broken connection is followed by on_connected(); for anything else there is the timer.
void OwnNode::failed(const Error& error) {
  under_way_ = exists_ = made_folder_ = false;
  if (error.code != Code::Refused) return;
  answer(wish_, Fail(to_directory_error(error)));
  session_.clock().cancel(retry_);
  retry_ = session_.clock().after(kRetry, guarded(weak_from_this(), [](OwnNode& self) {
                                    self.retry_ = 0;
                                    self.work();
                                  }));
}

void OwnNode::answer(std::uint64_t up_to_wish, const Result<void, DirectoryError>& result) {
  std::vector<Waiter> due, left;
  for (auto& waiter : waiters_) (waiter.wish <= up_to_wish ? due : left).push_back(std::move(waiter));
  waiters_ = std::move(left);
  for (const auto& waiter : due) session_.clock().cancel(waiter.timer);
  for (const auto& waiter : due) waiter.done(result);
}

}  // namespace baton::zookeeper
