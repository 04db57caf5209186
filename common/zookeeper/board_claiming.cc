#include "common/zookeeper/board_claims.h"
#include "common/zookeeper/guarded.h"
#include "common/zookeeper/lock_data.h"

namespace baton::zookeeper {

using ports::BoardClaim;
using ports::BoardError;
using ports::BoardErrorCode;

struct BoardClaims::Claiming {
  BoardClaim claim;
  Done<BoardClaim> done;
  std::uint64_t session = 0;
  std::int32_t version = 0;     // of the job node as read
  std::int32_t id_version = 0;  // of the board's id
  int tries = 0;
};

namespace {

constexpr std::size_t kIdChecked = 1;  // the place of that check in the multi

}  // namespace

BoardClaims::BoardClaims(Session& session, BoardPath path, BoardHome& home, std::string owner,
                         Incarnation incarnation)
    : session_(session),
      path_(std::move(path)),
      home_(home),
      owner_(std::move(owner)),
      incarnation_(incarnation) {}

void BoardClaims::claim(const std::string& path, Done<BoardClaim> done) {
  if (ours(path)) {
    session_.executor().post([path, done = std::move(done)] {
      done(Fail(BoardError{BoardErrorCode::AlreadyClaimed, path + ": this process holds it already"}));
    });
    return;
  }
  claiming_.insert(path);
  auto claiming = std::make_shared<Claiming>();
  claiming->claim.path = path;
  claiming->done = std::move(done);
  begin(claiming);
}

void BoardClaims::begin(const ClaimingPtr& claiming) {
  home_.ready(guarded(weak_from_this(),
                      [claiming](BoardClaims& self, const Result<ports::BoardIdentity, BoardError>& id) {
                        if (!id.ok()) return self.failed(claiming, id.error().code, id.error().message);
                        claiming->claim.board_id = id->id;
                        claiming->id_version = id->version;
                        claiming->session = self.session_.number();
                        self.read_job(claiming);
                      }));
}

/// As TaskFlow does: the lock is made only beside the node that was read. It gives the uuid, too.
void BoardClaims::read_job(const ClaimingPtr& claiming) {
  session_.get(claiming->claim.path,
               guarded(weak_from_this(), [claiming](BoardClaims& self, const Result<Node, Error>& node) {
                 if (!node.ok() && node.error().code == Code::ConnectionLoss) return self.read_back(claiming);
                 if (!node.ok()) {
                   const auto error = to_board_error(node.error());
                   return self.failed(claiming, error.code, error.message);
                 }
                 const auto posting = Posting::parse(node->data);
                 if (!posting.ok())
                   return self.failed(claiming, BoardErrorCode::JobGone,
                                      claiming->claim.path + " cannot be read: " + posting.error().message);
                 claiming->claim.uuid = posting->uuid;
                 claiming->version = node->stat.version;
                 self.write_lock(claiming);
               }));
}

/// The `exists` goes out right behind the multi: the lock's czxid costs no round trip. The board's id is the
/// one that was read, or there is no lock: another may have found that the board went back (PROTOCOL.md H13).
void BoardClaims::write_lock(const ClaimingPtr& claiming) {
  if (session_.number() != claiming->session)
    return failed(claiming, BoardErrorCode::SessionLost, "the session ended while claiming");
  const std::string& job = claiming->claim.path;
  const std::string lock = BoardPath::lock_of(job);
  const auto made = std::make_shared<Result<void, Error>>();
  session_.multi({CheckOp{job, claiming->version}, CheckOp{path_.id_node(), claiming->id_version},
                  CreateOp{lock, lock_data(owner_, session_.id(), incarnation_), NodeKind::Ephemeral}},
                 [made](const Result<void, Error>& result) { *made = result; });
  session_.exists(
      lock, guarded(weak_from_this(), [claiming, made](BoardClaims& self, const Result<Stat, Error>& stat) {
        self.judge(claiming, *made, stat);
      }));
}

void BoardClaims::judge(const ClaimingPtr& claiming, const Result<void, Error>& multi,
                        const Result<Stat, Error>& lock) {
  const auto lost = [](const Error& error, Code code) { return error.code == code; };
  for (const auto code : {Code::SessionLost, Code::ConnectionLoss}) {
    const bool hit = (!multi.ok() && lost(multi.error(), code)) || (!lock.ok() && lost(lock.error(), code));
    if (!hit) continue;
    if (code == Code::ConnectionLoss) return read_back(claiming);
    return failed(claiming, BoardErrorCode::SessionLost, "the session ended while claiming");
  }
  const bool mine = lock.ok() && is_mine(*lock);
  if (multi.ok() || multi.error().code == Code::NodeExists) {
    // Also after NodeExists: our own lock of a try whose reply was lost.
    if (mine) return won(claiming, *lock);
    return failed(claiming, BoardErrorCode::AlreadyClaimed, claiming->claim.path + ": another was faster");
  }
  const bool moved = multi.error().code == Code::BadVersion || multi.error().code == Code::NoNode;
  if (moved && multi.error().operation == kIdChecked && ++claiming->tries < kTriesMax) {
    home_.doubt();
    return begin(claiming);
  }
  if (multi.error().code == Code::BadVersion && ++claiming->tries < kTriesMax) return read_job(claiming);
  const auto error = to_board_error(multi.error());
  failed(claiming, error.code, error.message);
}

/// After a lost reply: the lock is there and of this session, or the multi was not done.
void BoardClaims::read_back(const ClaimingPtr& claiming) {
  if (++claiming->tries > kTriesMax)
    return failed(claiming, BoardErrorCode::Unavailable, "the connection broke at every try");
  session_.await_connection(
      kConnectionWait, guarded(weak_from_this(), [claiming](BoardClaims& self, bool up) {
        if (self.session_.number() != claiming->session)
          return self.failed(claiming, BoardErrorCode::SessionLost, "the session ended while claiming");
        if (!up) {
          const auto error = no_connection(self.session_);
          return self.failed(claiming, error.code, error.message);
        }
        const std::string lock = BoardPath::lock_of(claiming->claim.path);
        self.session_.sync(lock, [](const Result<void, Error>&) {});  // if it is lost, so is the next answer
        self.session_.exists(
            lock,
            guarded(self.weak_from_this(), [claiming](BoardClaims& again, const Result<Stat, Error>& stat) {
              if (stat.ok() && again.is_mine(*stat)) {
                if (!claiming->claim.uuid.value.empty()) return again.won(claiming, *stat);
              }
              if (!stat.ok() && stat.error().code == Code::ConnectionLoss) return again.read_back(claiming);
              again.read_job(claiming);  // another's lock is found by the next multi
            }));
      }));
}

void BoardClaims::won(const ClaimingPtr& claiming, const Stat& lock) {
  claiming->claim.lock_czxid = lock.czxid;
  claiming_.erase(claiming->claim.path);
  held_[claiming->claim.path] = {lock.czxid};
  claiming->done(claiming->claim);
}

void BoardClaims::failed(const ClaimingPtr& claiming, BoardErrorCode code, const std::string& message) {
  claiming_.erase(claiming->claim.path);
  claiming->done(Fail(BoardError{code, message}));
}

void BoardClaims::on_session_lost() {
  held_.clear();
}

std::vector<std::string> BoardClaims::lost_locks(const std::function<bool(const std::string&)>& is_locked) {
  std::vector<std::string> lost;
  for (const auto& [path, held] : held_)
    if (!held.ending && !is_locked(path)) lost.push_back(path);
  for (const auto& path : lost) held_.erase(path);
  return lost;
}

void BoardClaims::examine_lock(const std::string& path, std::function<void(const std::string&)> stuck) {
  const std::string lock = BoardPath::lock_of(path);
  session_.exists(
      lock, guarded(weak_from_this(), [path, lock, stuck = std::move(stuck)](
                                          BoardClaims& self, const Result<Stat, Error>& stat) {
        if (!stat.ok() || self.ours(path)) return;
        if (stat->ephemeral_owner == 0)
          stuck(lock + " is a persistent node: no session's end will remove it; delete it by hand");
        else if (self.is_mine(*stat))
          self.session_.remove(lock, stat->version, [](const Result<void, Error>&) {});
      }));
}

}  // namespace baton::zookeeper
