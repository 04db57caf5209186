#pragma once

#include <functional>
#include <string>
#include <vector>

#include "common/model/ids.h"
#include "common/model/job.h"
#include "common/model/result.h"
#include "common/model/time.h"

namespace baton::ports {

/// What can go wrong at the board. AlreadyClaimed, JobGone: another was faster, no news. NotOwner: the lock
/// is not the one of this claim. SessionLost: every claim of this board object is void; begin anew.
/// Unavailable: the server is away and nothing was done. Refused: the board is laid out otherwise than this
/// process was told, and nothing is done on it until that is mended. Unknown never reaches a caller: adapters
/// read back after a lost reply.
enum class BoardErrorCode { AlreadyClaimed, JobGone, NotOwner, SessionLost, Unavailable, Refused, TooLarge };
struct BoardError {
  BoardErrorCode code;
  std::string message;
};

/// A job node as seen. `path` identifies the node (one uuid may stand on two nodes).
struct BoardJob {
  std::string path;
  Posting posting;
  std::int64_t czxid = 0;  // order of posting
  TimePoint posted_at{};   // the node's ctime
  bool claimed = false;    // a lock stands beside it
};

/// Our hold on a job. Belongs to the session that made it: void after SessionLost.
struct BoardClaim {
  std::string path;
  JobId uuid;
  std::string board_id;  // read in the same session as the claim; Postgres turns it into the generation
  std::int64_t lock_czxid = 0;
};

/// What a board says of itself. A wiped one has another id; one that was found restored is given another, so
/// that the store knows that older lock numbers say nothing (PROTOCOL.md H12, H13).
struct BoardIdentity {
  std::string id;
  std::uint32_t generation = 0;  // the highest at work here so far; 0: none is noted
  std::int32_t version = 0;  // as read: counts how often it was written; whoever writes it has read the last
  std::vector<std::string> folders;  // the paths of its jobs begin so, or once did; never empty
};

/// Where jobs are posted, claimed and taken away: TaskFlow's zookeeper jobboard on the wire
/// (interop/jobboard-wire.md). Owner's thread only; callbacks come on it, never inline. At most one Listener,
/// set by open().
class JobBoard {
 public:
  struct Listener {
    virtual ~Listener() = default;
    virtual void on_job(const BoardJob&) = 0;           // new to us, or claimed/freed since (see .claimed)
    virtual void on_gone(const std::string& path) = 0;  // consumed, trashed or deleted
    virtual void on_unreadable(const std::string& path, const std::string& why) = 0;  // once a node
    /// Another's hand removed the lock of a claim of ours: it is void, the job is on the board for everyone.
    virtual void on_claim_lost(const std::string& path) { static_cast<void>(path); }
    /// A lock that no session's end will remove (once a lock, of each session): to be shown, a person must
    /// delete it.
    virtual void on_stuck_lock(const std::string& path, const std::string& why) {
      static_cast<void>(path);
      static_cast<void>(why);
    }
    /// … and it has been deleted.
    virtual void on_stuck_lock_gone(const std::string& path) { static_cast<void>(path); }
    /// Every verb but letting go of claims is Refused; told again as long as it is.
    virtual void on_refused(const std::string& why) { static_cast<void>(why); }
    /// So many job nodes stand in a folder that was the board's once and is not listed any more; 0: none does
    /// now. Told when that changes, and anew in each session.
    virtual void on_stray(const std::string& folder, std::size_t jobs) {
      static_cast<void>(folder);
      static_cast<void>(jobs);
    }
    /// A session stands and a complete listing has been delivered: after each one, the first of a session
    /// too, unless the board has changed meanwhile: then after the second.
    virtual void on_listed() = 0;
    /// Disconnected: work goes on, the fence protects. Lost: every claim is void; the adapter opens a new
    /// session itself and delivers everything anew.
    virtual void on_disconnected() = 0;
    virtual void on_session_lost() = 0;
  };
  template <class T>
  using Done = std::function<void(Result<T, BoardError>)>;

  virtual ~JobBoard() = default;

  /// Starts watching. Without open() the board can still post, list and show (a client's use).
  virtual void open(Listener&) = 0;

  /// Idempotent by uuid and run: on a board that is watched what is there is not posted again; after a lost
  /// reply it looks for its own node first. Returns the path.
  virtual void post(const Posting&, Done<std::string>) = 0;

  /// Read anew; made where it is missing.
  virtual void identity(Done<BoardIdentity>) = 0;
  /// Writes id and generation in place of what `identity` was read as. AlreadyClaimed: another has written
  /// since. Claims made in this session afterwards carry the new id.
  virtual void identify(const BoardIdentity&, Done<void>) = 0;
  /// The czxid of an ephemeral node that is made now, in this session, and removed again: above every number
  /// that this board has given out before, unless it went back to a backup.
  virtual void height(Done<std::int64_t>) = 0;

  /// Lock with complete data in its first write; the lock's czxid is known when this is done.
  virtual void claim(const std::string& path, Done<BoardClaim>) = 0;
  /// Removes our lock; the job is free for others.
  virtual void abandon(const BoardClaim&, Done<void>) = 0;
  /// Removes job and lock in one multi. JobGone counts as done by the caller.
  virtual void consume(const BoardClaim&, Done<void>) = 0;
  /// Moves the posting to .trash, with the reason added where it is an object; removes job and lock.
  virtual void trash(const BoardClaim&, const std::string& reason, Done<void>) = 0;
  /// Moves an unreadable node (nobody can claim it in TaskFlow's sense) to .trash.
  virtual void trash_unreadable(const std::string& path, const std::string& reason, Done<void>) = 0;

  /// Who holds the lock; empty: nobody.
  virtual void owner(const std::string& path, Done<std::string>) = 0;
  /// Every readable job, read afresh.
  virtual void list(Done<std::vector<BoardJob>>) = 0;

  /// Frees nothing by itself: closes the session, which ends every lock at once.
  virtual void close() = 0;
};

}  // namespace baton::ports
