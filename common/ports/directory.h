#pragma once

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/model/ids.h"
#include "common/model/result.h"
#include "common/model/time.h"

namespace baton::ports {

/// An inbox: a partition of one of the two topics, leased to one process, and where reading starts.
enum class InboxKind { Requests, Replies };
struct InboxAddress {
  InboxKind kind = InboxKind::Requests;
  std::int32_t partition = 0;
  std::int64_t offset = 0;  // the end offset when the inbox was opened; nothing before it is for us
  bool operator==(const InboxAddress&) const = default;
};

enum class AdvertState { Ready, Draining, Unreachable };
std::string_view to_string(AdvertState);
std::optional<AdvertState> advert_state_from(std::string_view);

/// What a worker process says of itself. Identity is the incarnation, never the name.
struct Advert {
  std::string name;
  Incarnation incarnation;
  std::vector<std::string> task_types;
  std::uint32_t slots = 1;
  std::map<std::string, std::string> labels;
  std::optional<InboxAddress> inbox;  // none: of a worker whose advert nobody here could ever read
  AdvertState state = AdvertState::Ready;
  std::string version;
  std::string host;
  std::int64_t pid = 0;
  bool operator==(const Advert&) const = default;
};

/// A conductor that is alive: for hash ownership of jobs, for the API's list, and for TaskFlow's entities.
struct Member {
  std::string name;
  Incarnation incarnation;
  std::string host;
  std::int64_t pid = 0;
  std::string version;
  std::string api;  // "127.0.0.1:27080"; empty: none
  std::optional<InboxAddress>
      inbox;  // for answers that another conductor did not live to hear; none: ask others
  bool operator==(const Member&) const = default;
};

/// Jobs at whose work processes have died, and who: by the uuid of the job, the incarnations of the dead.
using Culprits = std::map<std::string, std::vector<Incarnation>>;

/// The tasks that a worker which has died was at work on.
struct LastTasks {
  std::set<std::string> names;  // task_name(): the one to blame, or all that ran
  std::string crash;            // "SIGSEGV": how the one to blame ended the process; empty: nobody did
  bool operator==(const LastTasks&) const = default;
};
std::string task_name(const FlowId&, std::string_view atom);  // "<flow>/<atom>"

/// What a supervisor notes of a death: JSON, {"job": …, "tasks": [<flow>/<atom>, …], "crash": "SIGSEGV"}.
struct DeathNote {
  std::string job;                 // that a conductor was at work on; empty: none
  std::optional<LastTasks> tasks;  // of a worker; none: not known
};
std::string to_json(const DeathNote&);
DeathNote death_note_from_json(std::string_view);  // what cannot be read says nothing

enum class DirectoryErrorCode { SessionLost, Unavailable, NameTaken };
struct DirectoryError {
  DirectoryErrorCode code;
  std::string message;
};

/// Adverts, partition leases and members: who is there. Owner's thread only; callbacks on it, never inline.
/// After a lost session the adapter opens a new one and writes this process's own advert, lease and
/// membership again (same incarnation), then lists anew.
class Directory {
 public:
  struct Listener {
    virtual ~Listener() = default;
    /// A complete picture, read after something changed. Nobody is judged lost before the first one of a
    /// session. `noted_dead`: incarnations whose death was noted (no grace for them).
    virtual void on_workers(const std::vector<Advert>&, const std::vector<Incarnation>& noted_dead) = 0;
    virtual void on_conductors(const std::vector<Member>&) = 0;
    /// What workers whose death was noted were at work on, as far as it is known. Told before the picture
    /// that shows the death.
    virtual void on_last_tasks(const std::map<Incarnation, LastTasks>&) {}
    /// The jobs at whose work processes have died, as noted: who did, in the last hour (PROTOCOL.md H22).
    virtual void on_culprits(const Culprits&) {}
    /// What a process says of itself cannot be read: told once, until it changes. A worker is listed all the
    /// same, as UNREACHABLE: it is there.
    virtual void on_unreadable(const std::string& path, const std::string& why) { (void)path, (void)why; }
    /// Nothing known may be judged until the next on_workers.
    virtual void on_session_lost() = 0;
  };
  template <class T>
  using Done = std::function<void(Result<T, DirectoryError>)>;

  virtual ~Directory() = default;

  virtual void open(Listener&) = 0;

  /// Leases the partition of the kind that has the fewest holders; held until close(). Returns its number.
  virtual void lease_partition(InboxKind, std::int32_t partitions, Incarnation, Done<std::int32_t>) = 0;

  virtual void advertise(const Advert&, Done<void>) = 0;  // the first time and at each change
  virtual void withdraw(Done<void>) = 0;
  virtual void join(const Member&, Done<void>) = 0;  // a conductor

  /// How long ago the session was last heard of (I14); the process starts nothing when it is silent for 2/3
  /// of timeout().
  virtual Millis silent_for() const = 0;
  virtual Millis timeout() const = 0;  // as granted by the server; 0: no session yet

  /// Ends the session: adverts and leases vanish at once.
  virtual void close() = 0;
};

}  // namespace baton::ports
