#include "common/memory/job_board.h"

#include <set>

#include "common/memory/job_board_tree.h"

namespace baton::memory {

using ports::BoardClaim;
using ports::BoardError;
using ports::BoardErrorCode;
using ports::BoardJob;

namespace {

BoardError error_of(MemorySession::Failed how) {
  if (how == MemorySession::Failed::SessionLost)
    return {BoardErrorCode::SessionLost, "the session ended meanwhile"};
  return {BoardErrorCode::Unavailable, "the link is cut"};
}

}  // namespace

struct MemoryJobBoard::Parts final : MemorySession::Listener, std::enable_shared_from_this<Parts> {
  Parts(MemorySession& s, Settings settings)
      : session(s), tree(s.ensemble(), std::move(settings.path), std::move(settings.owner)) {}

  void on_session() override { refresh(); }
  void on_reconnected() override { refresh(); }
  void on_change() override { refresh(); }
  void on_disconnected() override {
    if (listener) listener->on_disconnected();
  }
  void on_session_lost() override {
    tree.begin_anew();
    held.clear();
    busy.clear();
    if (listener) listener->on_session_lost();
  }

  /// `answer` is dropped when this board is gone by then.
  template <class T>
  void ask(std::function<T(std::uint64_t session)> verb, std::function<void(T)> answer,
           std::function<void(MemorySession::Failed)> failed) {
    session.exchange(
        [verb = std::move(verb), answer = std::move(answer),
         weak = weak_from_this()](std::uint64_t in) -> MemorySession::Answer {
          return [weak, answer, result = verb(in)] {
            if (!weak.expired()) answer(result);
          };
        },
        [weak = weak_from_this(), failed = std::move(failed)](MemorySession::Failed how) {
          if (!weak.expired()) failed(how);
        });
  }
  template <class T>
  void run(Done<T> done, std::function<Result<T, BoardError>(std::uint64_t session)> verb) {
    ask<Result<T, BoardError>>(std::move(verb), done,
                               [done](MemorySession::Failed how) { done(Fail(error_of(how))); });
  }

  void refresh() {
    if (!listener) return;
    if (!refused.empty()) return tell([why = refused](JobBoard::Listener& to) { to.on_refused(why); });
    ask<JobBoardTree::Listing>([tree = tree](std::uint64_t in) { return tree.listing(in); },
                               [this](const JobBoardTree::Listing& listing) { listed(listing); },
                               [](MemorySession::Failed) {});  // comes again with the link, or anew
  }

  void tell(const std::function<void(JobBoard::Listener&)>& what) {
    ask<bool>([](std::uint64_t) { return true; },
              [this, what](bool) {
                if (listener) what(*listener);
              },
              [](MemorySession::Failed) {});
  }

  void listed(const JobBoardTree::Listing& listing) {
    for (const auto& change : listing.changes) {
      if (!listener) return;
      change(*listener);
    }
    for (auto it = held.begin(); it != held.end();) {
      const auto lock = listing.locks.find(it->first);
      const bool stands =
          busy.contains(it->first) || (lock != listing.locks.end() && lock->second == it->second);
      const std::string path = it->first;
      it = stands ? std::next(it) : held.erase(it);
      if (!stands && listener) listener->on_claim_lost(path);
    }
    // One of our session that nobody here knows of: its claimer was told that the link is cut.
    for (const auto& [path, czxid] : listing.locks)
      if (!held.contains(path) && !busy.contains(path))
        let_go(BoardClaim{path, {}, {}, czxid}, [](const auto&) {});
    if (listener) listener->on_listed();
  }

  void claim(const std::string& path, Done<BoardClaim> done) {
    if (claims_fail)
      return run<BoardClaim>(std::move(done),
                             [code = *claims_fail](std::uint64_t) -> Result<BoardClaim, BoardError> {
                               return Fail(BoardError{code, "claims fail"});
                             });
    busy.insert(path);
    run_unless_refused<BoardClaim>(
        [this, path, done = std::move(done)](const Result<BoardClaim, BoardError>& claimed) {
          busy.erase(path);
          if (claimed.ok()) held[path] = claimed->lock_czxid;
          done(claimed);
        },
        [tree = tree, path](std::uint64_t in) { return tree.claim(path, in); });
  }

  using End = std::function<Result<void, BoardError>(std::uint64_t session)>;
  void end(const BoardClaim& claim, End verb, Done<void> done) {
    busy.insert(claim.path);
    run<void>(
        [this, path = claim.path, done = std::move(done)](const Result<void, BoardError>& ended) {
          busy.erase(path);
          if (ended.ok() || ended.error().code != BoardErrorCode::Unavailable) held.erase(path);
          done(ended);
        },
        std::move(verb));
  }
  void let_go(const BoardClaim& claim, Done<void> done) {
    end(
        claim, [tree = tree, claim](std::uint64_t in) { return tree.unlock(claim, in); }, std::move(done));
  }

  /// What needs the board to be as we were told.
  template <class T>
  void run_unless_refused(Done<T> done, std::function<Result<T, BoardError>(std::uint64_t session)> verb) {
    if (refused.empty()) return run<T>(std::move(done), std::move(verb));
    run<T>(std::move(done), [why = refused](std::uint64_t) -> Result<T, BoardError> {
      return Fail(BoardError{BoardErrorCode::Refused, why});
    });
  }

  MemorySession& session;
  std::string refused;
  std::optional<BoardErrorCode> claims_fail;
  const JobBoardTree tree;
  std::map<std::string, std::int64_t> held;  // path -> the lock's czxid
  std::set<std::string> busy;                // being claimed or ended
  JobBoard::Listener* listener = nullptr;
};

MemoryJobBoard::MemoryJobBoard(MemorySession& session, Settings settings)
    : parts_(std::make_shared<Parts>(session, std::move(settings))) {
  session.subscribe(parts_);
}

MemoryJobBoard::~MemoryJobBoard() = default;

void MemoryJobBoard::open(Listener& listener) {
  parts_->listener = &listener;
  parts_->refresh();
}

void MemoryJobBoard::post(const Posting& posting, Done<std::string> done) {
  parts_->run_unless_refused<std::string>(
      std::move(done), [tree = parts_->tree, posting](std::uint64_t) { return tree.post(posting); });
}

void MemoryJobBoard::identity(Done<ports::BoardIdentity> done) {
  parts_->run_unless_refused<ports::BoardIdentity>(
      std::move(done), [tree = parts_->tree](std::uint64_t) { return tree.identity(); });
}

void MemoryJobBoard::identify(const ports::BoardIdentity& identity, Done<void> done) {
  parts_->run<void>(std::move(done),
                    [tree = parts_->tree, identity](std::uint64_t) { return tree.identify(identity); });
}

void MemoryJobBoard::height(Done<std::int64_t> done) {
  parts_->run<std::int64_t>(std::move(done),
                            [tree = parts_->tree](std::uint64_t in) { return tree.height(in); });
}

void MemoryJobBoard::claim(const std::string& path, Done<BoardClaim> done) {
  parts_->claim(path, std::move(done));
}

void MemoryJobBoard::abandon(const BoardClaim& claim, Done<void> done) {
  parts_->let_go(claim, std::move(done));
}

void MemoryJobBoard::consume(const BoardClaim& claim, Done<void> done) {
  parts_->end(
      claim, [tree = parts_->tree, claim](std::uint64_t in) { return tree.remove(claim, in, nullptr); },
      std::move(done));
}

void MemoryJobBoard::trash(const BoardClaim& claim, const std::string& reason, Done<void> done) {
  parts_->end(
      claim,
      [tree = parts_->tree, claim, reason](std::uint64_t in) { return tree.remove(claim, in, &reason); },
      std::move(done));
}

void MemoryJobBoard::trash_unreadable(const std::string& path, const std::string&, Done<void> done) {
  parts_->run<void>(std::move(done),
                    [tree = parts_->tree, path](std::uint64_t) { return tree.trash_unreadable(path); });
}

void MemoryJobBoard::owner(const std::string& path, Done<std::string> done) {
  parts_->run<std::string>(std::move(done),
                           [tree = parts_->tree, path](std::uint64_t) { return tree.owner(path); });
}

void MemoryJobBoard::list(Done<std::vector<BoardJob>> done) {
  parts_->run<std::vector<BoardJob>>(std::move(done),
                                     [tree = parts_->tree](std::uint64_t) { return tree.list(); });
}

void MemoryJobBoard::refuse(std::string why) {
  parts_->refused = std::move(why);
  parts_->refresh();
}

void MemoryJobBoard::fail_claims(std::optional<BoardErrorCode> code) {
  parts_->claims_fail = code;
}

void MemoryJobBoard::stray(const std::string& folder, std::size_t jobs) {
  parts_->tell([folder, jobs](Listener& listener) { listener.on_stray(folder, jobs); });
}

void MemoryJobBoard::close() {
  parts_->listener = nullptr;
  parts_->session.close();
}

}  // namespace baton::memory
