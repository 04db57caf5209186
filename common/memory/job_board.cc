#include "common/memory/job_board.h"

#include <algorithm>
#include <optional>

#include "common/memory/job_board_mirror.h"

namespace baton::memory {

using ports::BoardClaim;
using ports::BoardError;
using ports::BoardErrorCode;
using ports::BoardJob;

struct MemoryJobBoard::Parts final : MemorySession::Listener {
  Parts(MemorySession& s, Settings given)
      : session(s), ensemble(s.ensemble()), settings(std::move(given)), mirror(ensemble, settings.path) {}

  void on_session() override { refresh(); }
  void on_reconnected() override { refresh(); }
  void on_change() override { refresh(); }
  void on_disconnected() override {
    if (listener) listener->on_disconnected();
  }
  void on_session_lost() override {
    mirror.clear();
    held.clear();
    if (listener) listener->on_session_lost();
  }

  void refresh() {
    if (!listener || !session.connected()) return;
    // A copy: what the listener does may change the mirror's grounds.
    for (const auto& change : mirror.compare()) {
      if (!listener) return;
      change(*listener);
    }
    for (auto it = held.begin(); it != held.end();) {
      const bool stands = is_mine(it->first, it->second);
      const std::string path = it->first;
      it = stands ? std::next(it) : held.erase(it);
      if (!stands && listener) listener->on_claim_lost(path);
    }
    if (listener) listener->on_listed();
  }

  bool is_mine(const std::string& path, std::int64_t czxid) const {
    const auto* lock = ensemble.find(path + ".lock");
    return lock && lock->session == session.number() && lock->czxid == czxid;
  }

  /// Runs the verb on the server and posts its answer, unless link or session are gone by then.
  template <class T>
  void run(Done<T> done, std::function<Result<T, BoardError>()> verb) {
    const auto sent_in = session.number();
    const bool sent = session.connected();
    session.request(
        [this, weak = std::weak_ptr(alive), done = std::move(done), verb = std::move(verb), sent, sent_in] {
          if (weak.expired()) return;
          if (session.number() != sent_in && sent_in != 0)
            return done(Fail(BoardError{BoardErrorCode::SessionLost, "the session ended meanwhile"}));
          if (!session.connected() || (!sent && sent_in != 0))
            return done(Fail(BoardError{BoardErrorCode::Unavailable, "the link is cut"}));
          done(verb());
        });
  }

  Result<BoardClaim, BoardError> claim(const std::string& path);
  Result<void, BoardError> end(const BoardClaim&, bool remove_job, const std::string* trash_reason);

  std::string beside(const std::string& name) const {
    return settings.path.substr(0, settings.path.rfind('/')) + "/" + name;
  }

  void move_to_trash(const std::string& path, const std::string& data) {
    const std::string place = beside(".trash") + path.substr(path.rfind('/'));
    if (!ensemble.create(place, data))
      ensemble.create(place + "." + ensemble.entropy().uuid().to_string(), data);
  }

  MemorySession& session;
  MemoryEnsemble& ensemble;
  const Settings settings;
  JobBoardMirror mirror;
  std::map<std::string, std::int64_t> held;  // path -> the lock's czxid
  JobBoard::Listener* listener = nullptr;
  const std::shared_ptr<int> alive = std::make_shared<int>(0);
};

MemoryJobBoard::MemoryJobBoard(MemorySession& session, Settings settings)
    : parts_(std::make_shared<Parts>(session, std::move(settings))) {
  session.subscribe(parts_);
}

MemoryJobBoard::~MemoryJobBoard() = default;

void MemoryJobBoard::open(Listener& listener) {
  parts_->listener = &listener;
  parts_->session.request([weak = std::weak_ptr(parts_)] {
    if (const auto parts = weak.lock()) parts->refresh();
  });
}

void MemoryJobBoard::post(const Posting& posting, Done<std::string> done) {
  parts_->run<std::string>(
      std::move(done), [parts = parts_.get(), posting]() -> Result<std::string, BoardError> {
        if (posting.raw.json().size() > kPostingBytesMax)
          return Fail(BoardError{BoardErrorCode::TooLarge,
                                 "job " + posting.uuid.value + ": the posting is too large"});
        if (auto known = parts->mirror.find(posting.uuid, posting.run); !known.empty()) return known;
        return parts->ensemble.create_sequential(parts->settings.path + "/job",
                                                 std::string(posting.raw.json()));
      });
}

Result<BoardClaim, BoardError> MemoryJobBoard::Parts::claim(const std::string& path) {
  const auto* node = ensemble.find(path);
  if (!node) return Fail(BoardError{BoardErrorCode::JobGone, path + ": no such node"});
  const auto posting = Posting::parse(node->data);
  if (!posting.ok())
    return Fail(BoardError{BoardErrorCode::JobGone, path + " cannot be read: " + posting.error().message});
  const auto* lock =
      ensemble.create(path + ".lock", "{\"owner\": " + quoted(settings.owner) + "}", session.number());
  if (!lock) return Fail(BoardError{BoardErrorCode::AlreadyClaimed, path + ": another was faster"});
  held[path] = lock->czxid;
  return BoardClaim{path, posting->uuid, ensemble.id_at(beside(".baton/board-id")), lock->czxid};
}

Result<void, BoardError> MemoryJobBoard::Parts::end(const BoardClaim& claim, bool remove_job,
                                                    const std::string* trash_reason) {
  const auto known = held.find(claim.path);
  if (known == held.end() || known->second != claim.lock_czxid || !is_mine(claim.path, claim.lock_czxid))
    return Fail(BoardError{BoardErrorCode::NotOwner, claim.path + ": this session does not hold that claim"});
  held.erase(known);
  ensemble.remove(claim.path + ".lock");
  if (!remove_job) return {};
  const auto* job = ensemble.find(claim.path);
  if (!job) return Fail(BoardError{BoardErrorCode::JobGone, claim.path + ": removed by another"});
  if (trash_reason) {
    std::string data = job->data;
    data.insert(data.rfind('}'), ", \"trash_reason\": " + quoted(*trash_reason));
    move_to_trash(claim.path, data);
  }
  ensemble.remove(claim.path);
  return {};
}

void MemoryJobBoard::claim(const std::string& path, Done<BoardClaim> done) {
  parts_->run<BoardClaim>(std::move(done), [parts = parts_.get(), path] { return parts->claim(path); });
}

void MemoryJobBoard::abandon(const BoardClaim& claim, Done<void> done) {
  parts_->run<void>(std::move(done),
                    [parts = parts_.get(), claim] { return parts->end(claim, false, nullptr); });
}

void MemoryJobBoard::consume(const BoardClaim& claim, Done<void> done) {
  parts_->run<void>(std::move(done),
                    [parts = parts_.get(), claim] { return parts->end(claim, true, nullptr); });
}

void MemoryJobBoard::trash(const BoardClaim& claim, const std::string& reason, Done<void> done) {
  parts_->run<void>(std::move(done),
                    [parts = parts_.get(), claim, reason] { return parts->end(claim, true, &reason); });
}

void MemoryJobBoard::trash_unreadable(const std::string& path, const std::string&, Done<void> done) {
  parts_->run<void>(std::move(done), [parts = parts_.get(), path]() -> Result<void, BoardError> {
    const auto* node = parts->ensemble.find(path);
    if (!node) return Fail(BoardError{BoardErrorCode::JobGone, path + ": no such node"});
    if (parts->ensemble.find(path + ".lock"))
      return Fail(BoardError{BoardErrorCode::AlreadyClaimed, path + ": somebody holds it"});
    parts->move_to_trash(path, node->data);
    parts->ensemble.remove(path);
    return {};
  });
}

void MemoryJobBoard::owner(const std::string& path, Done<std::string> done) {
  parts_->run<std::string>(std::move(done),
                           [parts = parts_.get(), path]() -> Result<std::string, BoardError> {
                             const auto* lock = parts->ensemble.find(path + ".lock");
                             if (!lock) return std::string{};
                             const auto tree = Value::parse(lock->data);
                             const auto value = tree.ok() ? tree->tree() : boost::json::value{};
                             const auto* object = value.if_object();
                             const auto* owner = object ? object->if_contains("owner") : nullptr;
                             if (!owner || !owner->is_string()) return std::string("(unreadable lock)");
                             return std::string(owner->get_string().data(), owner->get_string().size());
                           });
}

void MemoryJobBoard::list(Done<std::vector<BoardJob>> done) {
  parts_->run<std::vector<BoardJob>>(
      std::move(done), [parts = parts_.get()]() -> Result<std::vector<BoardJob>, BoardError> {
        auto jobs = parts->mirror.read();
        std::stable_sort(jobs.begin(), jobs.end(), [](const auto& a, const auto& b) {
          return a.posting.priority > b.posting.priority;
        });
        return jobs;
      });
}

void MemoryJobBoard::close() {
  parts_->listener = nullptr;
  parts_->session.close();
}

}  // namespace baton::memory
