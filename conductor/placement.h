#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "common/ports/clock.h"
#include "common/ports/directory.h"
#include "common/ports/entropy.h"
#include "conductor/alive.h"
#include "conductor/bounds.h"
#include "conductor/flows.h"
#include "conductor/inspection.h"
#include "engine/flow.h"

namespace baton::conductor {

/// Which worker an atom goes to. Fit: the worker is READY, advertises the task type and carries every label
/// asked for. Of those with room the preferred one, else the less loaded of two random ones; those with a
/// free slot come before those that would only queue it. Room is slots and a small prefetch less what this
/// conductor has out there: it is counted when chosen, and given back by release() exactly once.
/// An atom without a fit waits in the queue of its (task type, labels); room that appears is offered to the
/// flows that wait in turn, and within a flow by priority, then age. O(log) per placement, nothing is
/// rescanned.
/// Owner's thread only.
class Placement {
 public:
  static constexpr std::size_t kPoolsMax = 1024;  // more (type, labels): those that nobody waits in go

  struct Chosen {
    Incarnation worker;
    std::string name;
  };

  Placement(ports::Clock&, ports::Entropy&, Flows&, const Bounds&);
  ~Placement();

  /// The whole picture. Rooms of those who are gone are kept until released.
  void workers(const std::vector<ports::Advert>&);

  /// Where an atom would rather go, and where only if no other has room.
  struct Taste {
    std::optional<Incarnation> prefer, avoid;
  };
  /// A worker with room, counted; or the atom waits, and FlowInbox::grant is called when there is one.
  std::optional<Chosen> place(const FlowId&, AtomIndex, const engine::TaskSpec&, const Taste&);
  /// Counts a delivery that was recorded before (restored flows), also beyond the bound.
  void count(const Incarnation&);
  void release(const Incarnation&);
  /// It said that it is full, or was silent: nothing is placed there for so long.
  void rest(const Incarnation&, Millis);
  void forget(const FlowId&);  // none of its atoms waits any more

  std::vector<WaitingAtom> waiting(const FlowId&, const std::function<void(AtomIndex, WaitingAtom&)>& name,
                                   std::size_t limit) const;
  std::size_t waiting_count(const FlowId&) const;  // may count atoms that have become unable to start
  std::size_t waiting_count() const { return waiting_; }
  std::vector<WorkerView> view() const;

 private:
  enum class Room;
  struct Worker;
  struct Pool;
  struct Waiting {
    std::int32_t priority = 0;
    std::uint64_t number = 0;  // of asking
    AtomIndex atom = kNoAtom;
    Micros since{0};
    Taste taste;
    bool operator<(const Waiting& other) const {
      return priority != other.priority ? priority > other.priority : number < other.number;
    }
  };

  Pool& pool_of(const engine::TaskSpec&);
  void fill_pools();
  Worker& worker(const Incarnation&);
  void attach(Worker&, Pool&);
  void room_changed(Worker&);
  void wake_later(const Incarnation&, Millis);
  Worker* choose(Pool&, const Taste&);
  void serve(Pool&);
  std::uint32_t places(const Worker&) const;
  Room room(const Worker&) const;
  std::string reason(const Pool&) const;

  ports::Clock& clock_;
  ports::Entropy& entropy_;
  Flows& flows_;
  const Bounds& bounds_;
  std::map<Incarnation, std::unique_ptr<Worker>> workers_;
  std::map<std::string, std::unique_ptr<Pool>> pools_;
  std::uint64_t asked_ = 0;
  std::size_t waiting_ = 0;
  Alive alive_;
};

}  // namespace baton::conductor
