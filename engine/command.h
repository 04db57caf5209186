#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/model/fact.h"
#include "common/model/ids.h"
#include "common/model/rare.h"
#include "common/model/time.h"
#include "engine/event.h"

namespace baton::engine {

/// These atoms may start now, in this order (priority, then definition); each is named once until it is
/// placed, becomes unable to start, or is handed back. The host answers with Placed in the same step, or
/// keeps them waiting and asks may_start() before it places them later.
struct Place {
  std::vector<AtomIndex> atoms;
};
/// Send the atom's open delivery (Engine::request) to its recorded worker. A copy of a recorded fact:
/// repeatable.
struct Send {
  AtomIndex atom = kNoAtom;
};
/// Ask the worker to end this delivery; the host answers with DeliveryClosed.
struct CancelDelivery {
  AtomIndex atom = kNoAtom;
  Dispatch dispatch = 0;
  Incarnation worker;
  Rare<std::string> why;  // always there; a wide step has a command for each atom, and this one is rare
};
/// After a take-over: ask the recorded worker whether it runs this delivery before it is reverted
/// (PROTOCOL.md H24). The answer comes as AtomFinished, DeliveryLost, or DeliveryClosed (never started).
struct Probe {
  AtomIndex atom = kNoAtom;
  Dispatch dispatch = 0;
  Incarnation worker;
};
struct SetTimer {
  TimerKey timer = 0;
  Millis after{0};
};
struct CancelTimer {
  TimerKey timer = 0;
};
/// What became of an order that has a number: to be recorded with this step's facts.
struct OrderTaken {
  OrderId order = 0;
  std::string no_effect;  // why nothing follows from it; empty: it is carried out
};
/// The run is over, or the flow is SUSPENDED and nothing is out.
struct Finish {
  FlowState state = FlowState::Success;
};

using Command = std::variant<Place, Send, CancelDelivery, Probe, SetTimer, CancelTimer, OrderTaken, Finish>;

/// What one step asks for: first remember the facts (whole, in one transaction), then obey the commands in
/// order. `Place` is answered before the facts are remembered.
struct StepOutput {
  std::vector<Fact> facts;
  std::vector<Command> commands;
};

}  // namespace baton::engine
