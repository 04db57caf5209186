#pragma once

#include <optional>
#include <string>
#include <variant>

#include "common/model/failure.h"
#include "common/model/ids.h"

namespace baton::engine {

using TimerKey = std::uint64_t;  // made by the engine, unique in one engine's life

/// First event of an engine's life (a fresh flow, or one restored after a crash or take-over).
struct Started {
  std::uint32_t generation = 0;  // high digits of new dispatch numbers
};
/// The host has chosen a worker for an atom that may start (Engine::may_start). For a retry: no worker (nil).
/// RUNNING and REVERTING arise only from this. Shares the commit of the step that asked for it.
struct Placed {
  AtomIndex atom = kNoAtom;
  Incarnation worker;
  std::string worker_name;
};
/// A worker's answer. Ignored unless the atom is in that intention's state with that attempt and dispatch.
struct AtomFinished {
  AtomIndex atom = kNoAtom;
  Intention intention = Intention::Execute;
  Attempt attempt = 0;
  Dispatch dispatch = 0;
  std::variant<Value, Failure> outcome;
};
/// The worker had no room, or is draining, and has not started it: it is placed elsewhere, not charged.
struct HandedBack {
  AtomIndex atom = kNoAtom;
  Dispatch dispatch = 0;
};
/// The worker's incarnation is gone (noted, or expired and grace over), or it was silent for n re-sends:
/// redeliver, or fail by on_worker_loss or max_deliveries.
struct DeliveryLost {
  AtomIndex atom = kNoAtom;
  Dispatch dispatch = 0;
  std::string why;
  bool charged = true;  // false: its worker died of something else; of ten such, one counts
};
/// A delivery that had failed by timeout or cancel is known to run no more (closed, its worker gone, or
/// abandoned).
struct DeliveryClosed {
  AtomIndex atom = kNoAtom;
  Dispatch dispatch = 0;
  bool abandoned = false;
};
/// The worker has begun to run it: starts start_to_close.
struct DeliveryStarted {
  AtomIndex atom = kNoAtom;
  Dispatch dispatch = 0;
};
struct TimerFired {
  TimerKey timer = 0;
};
/// Orders. The host has recorded them before (PROTOCOL.md I21); a new owner hands those that are open in
/// together with Started, in one step. One with a number is answered by OrderTaken in the same step.
using OrderId = std::uint64_t;
struct SuspendAsked {
  std::string who, why;
  OrderId order = 0;
};
struct ResumeAsked {
  std::string who, why;
  OrderId order = 0;
};
struct CancelAsked {
  std::string who, why;
  bool keep = false;  // revert nothing
  OrderId order = 0;
  /// An engine before this one has begun it: it stays in force until the flow has ended. Wakes no flow that
  /// was suspended meanwhile.
  bool in_force = false;
};
/// How a run begins that a person has asked for, of a flow that has ended. Handed in together with Started of
/// the run's first engine; else it has no effect.
struct RunAsked {
  enum class How : std::uint8_t {
    Keep,       // what succeeded and was not reverted is kept, all else runs again
    Anew,       // all runs again
    RetryAtom,  // the revert that failed is tried again, and the flow goes on from there; else as Keep
    SkipAtom,   // the revert that failed is passed over, and the flow goes on from there; else as Keep,
                // without the atom
    MarkDone    // as Keep, and the atom has succeeded: a person has done its work, with this result
  };
  How how = How::Keep;
  std::string who, why;
  std::string atom;
  OrderId order = 0;
  Value result;
};

using Event = std::variant<Started, Placed, AtomFinished, HandedBack, DeliveryLost, DeliveryClosed,
                           DeliveryStarted, TimerFired, SuspendAsked, ResumeAsked, CancelAsked, RunAsked>;

}  // namespace baton::engine
