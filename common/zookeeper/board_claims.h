#pragma once

#include <set>
#include <unordered_map>

#include "common/zookeeper/board_home.h"

namespace baton::zookeeper {

/// The verbs of a holder: claim, abandon, consume, trash. A claim belongs to the session that made its lock
/// and dies with it. A lock is known by owner session and czxid, never by its version, which is always 0
/// (PROTOCOL.md H27); after a lost reply it is read back.
class BoardClaims : public std::enable_shared_from_this<BoardClaims> {
 public:
  template <class T>
  using Done = ports::JobBoard::Done<T>;

  BoardClaims(Session&, BoardPath, BoardHome&, std::string owner, Incarnation);

  void claim(const std::string& path, Done<ports::BoardClaim>);
  void abandon(const ports::BoardClaim&, Done<void>);
  void consume(const ports::BoardClaim&, Done<void>);
  void trash(const ports::BoardClaim&, const std::string& reason, Done<void>);

  void on_session_lost();
  /// The answer to a listing, as it comes, shows these locks. Returns the jobs that we held and whose lock is
  /// gone by another's hand; they are held no more. A session's answers come in the order of its requests: a
  /// lock that is held now was there before this listing was made.
  std::vector<std::string> lost_locks(const std::function<bool(const std::string& path)>& is_locked);
  bool ours(const std::string& path) const { return held_.contains(path) || claiming_.contains(path); }
  /// Looks whose the lock is: one of this session that nobody here knows of is deleted (a reply was lost and
  /// never made up for); of one without a session `stuck` is told.
  void examine_lock(const std::string& path, std::function<void(const std::string& why)> stuck);

 private:
  struct Claiming;
  struct Ending;
  using ClaimingPtr = std::shared_ptr<Claiming>;
  using EndingPtr = std::shared_ptr<Ending>;
  struct Held {
    std::int64_t czxid = 0;
    bool ending = false;  // its holder is letting it go: no news that the lock is gone
  };

  void begin(const ClaimingPtr&);
  void read_job(const ClaimingPtr&);
  void write_lock(const ClaimingPtr&);
  void judge(const ClaimingPtr&, const Result<void, Error>& multi, const Result<Stat, Error>& lock);
  void read_back(const ClaimingPtr&);
  void won(const ClaimingPtr&, const Stat&);
  void failed(const ClaimingPtr&, ports::BoardErrorCode, const std::string& message);

  void end(const EndingPtr&);
  void compare(const EndingPtr&);
  void not_ours(const EndingPtr&);
  void read_posting(const EndingPtr&);
  void remove(const EndingPtr&);
  void removed(const EndingPtr&, const Result<void, Error>&);
  void only_unlock(const EndingPtr&);
  void compare_again(const EndingPtr&);
  void ended(const EndingPtr&, Result<void, ports::BoardError>);

  bool is_mine(const Stat& lock) const { return lock.ephemeral_owner == session_.id(); }

  Session& session_;
  const BoardPath path_;
  BoardHome& home_;
  const std::string owner_;
  const Incarnation incarnation_;
  std::unordered_map<std::string, Held> held_;
  std::set<std::string> claiming_;
};

}  // namespace baton::zookeeper
