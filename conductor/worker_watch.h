#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "common/ports/directory.h"
#include "conductor/alive.h"
#include "conductor/bounds.h"
#include "conductor/dispatcher.h"
#include "conductor/timers.h"

namespace baton::conductor {

/// Decides when a worker that holds deliveries of ours is gone (PROTOCOL.md H18, H19): by incarnation, never
/// by name; at once if its death was noted, else after a grace in which the same incarnation may come back;
/// and never before the first complete picture of a directory session. Every picture is compared with all who
/// hold something, and every new delivery with the last picture, so no order of events hides a death.
/// Owner's thread only.
class WorkerWatch {
 public:
  WorkerWatch(Timers&, Dispatcher&, const Bounds&);

  void picture(const std::vector<ports::Advert>&, const std::vector<Incarnation>& noted_dead);
  void last_tasks(const std::map<Incarnation, ports::LastTasks>& told) { last_tasks_ = told; }
  void session_lost();
  /// How the delivery to a worker that is gone was lost. Of one that died it may be known what it was at work
  /// on: then what had no part in its death is not charged for it.
  Loss loss(const Incarnation& worker, const FlowId&, const std::string& atom) const;
  /// Its death was noted, and nothing listed says otherwise.
  bool died(const Incarnation& worker) const {
    return complete_ && noted_dead_.contains(worker) && !listed_.contains(worker);
  }

 private:
  void suspect(const Incarnation&);

  Timers& timers_;
  Dispatcher& dispatcher_;
  const Bounds& bounds_;
  bool complete_ = false;
  std::set<Incarnation> listed_;
  std::set<Incarnation> noted_dead_;
  std::map<Incarnation, ports::LastTasks> last_tasks_;  // of noted dead
  std::map<Incarnation, Timers::Id> suspects_;
  Alive alive_;
};

}  // namespace baton::conductor
