#include "common/zookeeper/board_claims.h"
#include "common/zookeeper/guarded.h"
#include "common/zookeeper/trash_data.h"

namespace baton::zookeeper {

using ports::BoardClaim;
using ports::BoardError;
using ports::BoardErrorCode;

/// One of the three ways to let go of a job.
struct BoardClaims::Ending {
  enum class Kind { Abandon, Consume, Trash };
  Kind kind;
  BoardClaim claim;
  Done<void> done;
  std::string reason{};      // of a trash
  std::string posting{};     // of a trash: what is moved
  std::string trash_name{};  // of a trash: may need another than the job's
  bool reply_lost = false;   // our multi may have been done
  int tries = 0;
};

void BoardClaims::abandon(const BoardClaim& claim, Done<void> done) {
  end(std::make_shared<Ending>(Ending{Ending::Kind::Abandon, claim, std::move(done)}));
}

void BoardClaims::consume(const BoardClaim& claim, Done<void> done) {
  end(std::make_shared<Ending>(Ending{Ending::Kind::Consume, claim, std::move(done)}));
}

void BoardClaims::trash(const BoardClaim& claim, const std::string& reason, Done<void> done) {
  const auto ending = std::make_shared<Ending>(Ending{Ending::Kind::Trash, claim, std::move(done), reason});
  ending->trash_name = BoardPath::name_of(claim.path);
  end(ending);
}

/// Held claims are of this session; anything else is refused without asking the server.
void BoardClaims::end(const EndingPtr& ending) {
  session_.executor().post(guarded(weak_from_this(), [ending](BoardClaims& self) {
    const auto held = self.held_.find(ending->claim.path);
    if (held != self.held_.end() && held->second.czxid == ending->claim.lock_czxid) {
      held->second.ending = true;
      return self.compare(ending);
    }
    self.ended(ending, Fail(BoardError{BoardErrorCode::NotOwner,
                                       ending->claim.path + ": this session does not hold that claim"}));
  }));
}

void BoardClaims::compare(const EndingPtr& ending) {
  session_.exists(BoardPath::lock_of(ending->claim.path),
                  guarded(weak_from_this(), [ending](BoardClaims& self, const Result<Stat, Error>& lock) {
                    if (!lock.ok() && lock.error().code == Code::ConnectionLoss)
                      return self.compare_again(ending);
                    if (!lock.ok() && lock.error().code != Code::NoNode)
                      return self.ended(ending, Fail(to_board_error(lock.error())));
                    const bool mine =
                        lock.ok() && self.is_mine(*lock) && lock->czxid == ending->claim.lock_czxid;
                    if (!mine) return self.not_ours(ending);
                    if (ending->kind == Ending::Kind::Trash) return self.read_posting(ending);
                    self.remove(ending);
                  }));
}

/// The lock is gone or another's: by our multi whose reply was lost, or by another's hand.
void BoardClaims::not_ours(const EndingPtr& ending) {
  session_.exists(ending->claim.path,
                  guarded(weak_from_this(), [ending](BoardClaims& self, const Result<Stat, Error>& job) {
                    const std::string& path = ending->claim.path;
                    if (job.ok() && ending->kind == Ending::Kind::Abandon && ending->reply_lost)
                      return self.ended(ending, {});
                    if (job.ok())
                      return self.ended(ending, Fail(BoardError{BoardErrorCode::NotOwner,
                                                                path + ": its lock is not ours any more"}));
                    if (job.error().code == Code::ConnectionLoss) return self.compare_again(ending);
                    if (job.error().code == Code::NoNode && ending->reply_lost) return self.ended(ending, {});
                    self.ended(ending, Fail(to_board_error(job.error())));
                  }));
}

void BoardClaims::read_posting(const EndingPtr& ending) {
  session_.get(ending->claim.path,
               guarded(weak_from_this(), [ending](BoardClaims& self, const Result<Node, Error>& node) {
                 if (node.ok()) {
                   ending->posting = with_trash_reason(node->data, ending->reason);
                   return self.remove(ending);
                 }
                 if (node.error().code == Code::ConnectionLoss) return self.compare_again(ending);
                 if (node.error().code == Code::NoNode) return self.only_unlock(ending);
                 self.ended(ending, Fail(to_board_error(node.error())));
               }));
}

void BoardClaims::remove(const EndingPtr& ending) {
  std::vector<Op> ops;
  if (ending->kind == Ending::Kind::Trash)
    ops.emplace_back(CreateOp{path_.trash() + "/" + ending->trash_name, ending->posting});
  ops.emplace_back(RemoveOp{BoardPath::lock_of(ending->claim.path)});
  if (ending->kind != Ending::Kind::Abandon) ops.emplace_back(RemoveOp{ending->claim.path});
  session_.multi(ops,
                 guarded(weak_from_this(), [ending](BoardClaims& self, const Result<void, Error>& multi) {
                   self.removed(ending, multi);
                 }));
}

void BoardClaims::removed(const EndingPtr& ending, const Result<void, Error>& multi) {
  if (multi.ok()) return ended(ending, {});
  const bool trash = ending->kind == Ending::Kind::Trash;
  const std::size_t lock_operation = trash ? 1 : 0;
  switch (multi.error().code) {
    case Code::ConnectionLoss:
      ending->reply_lost = true;
      return compare_again(ending);
    case Code::NodeExists:  // an older job of that number is in the trash (the board was made anew)
      ending->trash_name = std::string(BoardPath::name_of(ending->claim.path)) + "." +
                           std::to_string(ending->claim.lock_czxid);
      return compare_again(ending);
    case Code::NoNode:
      if (trash && multi.error().operation == 0) {
        // Somebody removed the trash folder: without it there is no place for the posting.
        session_.ensure_path(path_.trash(), [](const Result<void, Error>&) {});
        return compare_again(ending);
      }
      if (multi.error().operation == lock_operation) return not_ours(ending);
      return only_unlock(ending);
    case Code::BadVersion:
    case Code::NotEmpty:
    case Code::SessionLost:
    case Code::Refused:
      return ended(ending, Fail(to_board_error(multi.error())));
  }
}

/// The job has gone by another's hand; our lock must not stay.
void BoardClaims::only_unlock(const EndingPtr& ending) {
  session_.remove(BoardPath::lock_of(ending->claim.path), kAnyVersion,
                  guarded(weak_from_this(), [ending](BoardClaims& self, const Result<void, Error>& gone) {
                    if (!gone.ok() && gone.error().code == Code::ConnectionLoss)
                      return self.compare_again(ending);
                    self.ended(ending, Fail(BoardError{BoardErrorCode::JobGone,
                                                       ending->claim.path + ": removed by another"}));
                  }));
}

void BoardClaims::compare_again(const EndingPtr& ending) {
  if (++ending->tries > kTriesMax)
    return ended(ending,
                 Fail(BoardError{BoardErrorCode::Unavailable, ending->claim.path + ": no answer in " +
                                                                  std::to_string(kTriesMax) + " tries"}));
  session_.await_connection(
      kConnectionWait, guarded(weak_from_this(), [ending](BoardClaims& self, bool up) {
        if (!self.held_.contains(ending->claim.path))
          return self.ended(ending, Fail(BoardError{BoardErrorCode::SessionLost,
                                                    ending->claim.path + ": the session ended meanwhile"}));
        if (!up) return self.ended(ending, Fail(no_connection(self.session_)));
        self.session_.sync(ending->claim.path, [](const Result<void, Error>&) {});
        self.compare(ending);
      }));
}

/// Held on: only after Unavailable, so that the caller can try again.
void BoardClaims::ended(const EndingPtr& ending, Result<void, BoardError> result) {
  const auto held = held_.find(ending->claim.path);
  const bool keep = !result.ok() && result.error().code == BoardErrorCode::Unavailable;
  if (held != held_.end() && held->second.czxid == ending->claim.lock_czxid) {
    held->second.ending = false;
    if (!keep) held_.erase(held);
  }
  ending->done(std::move(result));
}

}  // namespace baton::zookeeper
