#include "common/zookeeper/inbox_lease.h"

#include <algorithm>

#include "common/zookeeper/own_node.h"

namespace baton::zookeeper {
namespace {

using ports::DirectoryError;
using ports::DirectoryErrorCode;

/// Each lost race is another's success, so as many rounds as there are rivals are enough.
constexpr int kRoundsMax = 1000;
constexpr Millis kConnectionWait{10'000};

/// One lease being made; it lives in the callbacks of its steps.
struct Leasing : std::enable_shared_from_this<Leasing> {
  Session& session;  // only while `owner` is there
  std::weak_ptr<const void> owner;
  std::string folder;
  std::string incarnation;
  ports::Directory::Done<std::int32_t> done;
  std::vector<std::int32_t> holders;
  std::int32_t version = 0;
  std::optional<Error> error;
  std::int32_t taken = -1;  // tried in a round whose reply was lost
  int rounds = 0;

  Leasing(Session& s, std::weak_ptr<const void> o, std::string f, std::int32_t partitions, Incarnation i,
          ports::Directory::Done<std::int32_t> d)
      : session(s),
        owner(std::move(o)),
        folder(std::move(f)),
        incarnation(i.value.to_string()),
        done(std::move(d)),
        holders(static_cast<std::size_t>(partitions)) {}

  std::string partition(std::int32_t n) const { return folder + "/" + std::to_string(n); }
  std::string node(std::int32_t n) const { return partition(n) + "/" + incarnation; }

  template <class F>
  auto step(F f) {
    return [self = shared_from_this(), f](const auto&... answer) {
      if (!self->owner.expired()) f(*self, answer...);
    };
  }

  void begin() {
    if (++rounds > kRoundsMax)
      return fail(
          {Code::ConnectionLoss, folder + ": no partition in " + std::to_string(kRoundsMax) + " rounds"});
    session.await_connection(
        kConnectionWait, step([](Leasing& self, bool up) {
          if (!up)
            return self.fail({Code::ConnectionLoss, self.session.closed()
                                                        ? "this process has closed its session"
                                                        : "ZooKeeper cannot be reached"});
          if (self.taken >= 0) return self.look();
          self.count();
        }));
  }

  void look() {
    session.sync(folder, [](const Result<void, Error>&) {});
    session.exists(node(taken), step([](Leasing& self, const Result<Stat, Error>& stat) {
                     if (stat.ok() && stat->ephemeral_owner == self.session.id())
                       return self.done(self.taken);
                     if (!stat.ok() && stat.error().code != Code::NoNode)
                       return self.again_or_fail(stat.error());
                     // Of an earlier session of ours: it would be counted, and vanish later.
                     if (stat.ok())
                       self.session.remove(self.node(self.taken), stat->version,
                                           [](const Result<void, Error>&) {});
                     self.taken = -1;
                     self.count();
                   }));
  }

  /// The version first, then the counts: what changes in between is noticed by the multi.
  void count() {
    error.reset();
    session.ensure_path(folder, [](const Result<void, Error>&) {});
    session.exists(folder, step([](Leasing& self, const Result<Stat, Error>& stat) {
                     if (stat.ok())
                       self.version = stat->version;
                     else
                       self.error = stat.error();
                   }));
    for (std::size_t n = 0; n < holders.size(); ++n)
      session.exists(partition(static_cast<std::int32_t>(n)),
                     step([n](Leasing& self, const Result<Stat, Error>& stat) {
                       self.holders[n] = stat.ok() ? stat->children : 0;
                       if (!stat.ok() && stat.error().code != Code::NoNode) self.error = stat.error();
                       if (n + 1 < self.holders.size()) return;
                       if (self.error) return self.again_or_fail(*self.error);
                       self.take();
                     }));
  }

  void take() {
    taken = static_cast<std::int32_t>(std::min_element(holders.begin(), holders.end()) - holders.begin());
    session.ensure_path(partition(taken), [](const Result<void, Error>&) {});
    session.multi({SetOp{folder, "", version}, CreateOp{node(taken), "{}", NodeKind::Ephemeral}},
                  step([](Leasing& self, const Result<void, Error>& made) {
                    if (made.ok()) return self.done(self.taken);
                    const Code code = made.error().code;
                    if (code == Code::BadVersion) self.taken = -1;  // somebody else leased one: count again
                    if (code == Code::BadVersion || code == Code::NodeExists) return self.begin();
                    self.again_or_fail(made.error());
                  }));
  }

  void again_or_fail(const Error& why) {
    if (why.code == Code::ConnectionLoss) return begin();
    fail(why);
  }

  void fail(const Error& why) { done(Fail(to_directory_error(why))); }
};

}  // namespace

std::string partitions_folder(const std::string& root, ports::InboxKind kind) {
  return root + "/partitions/" + (kind == ports::InboxKind::Requests ? "requests" : "replies");
}

void lease_inbox(Session& session, std::weak_ptr<const void> owner, const std::string& folder,
                 std::int32_t partitions, Incarnation incarnation,
                 ports::Directory::Done<std::int32_t> done) {
  BATON_ASSERT(partitions > 0);
  std::make_shared<Leasing>(session, std::move(owner), folder, partitions, incarnation, std::move(done))
      ->begin();
}

}  // namespace baton::zookeeper
