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
  void session_lost();
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
  std::map<Incarnation, Timers::Id> suspects_;
  Alive alive_;
};

}  // namespace baton::conductor
