#pragma once

#include <set>
#include <vector>

#include "common/ports/clock.h"
#include "common/ports/flow_store.h"
#include "conductor/alive.h"
#include "conductor/bounds.h"
#include "conductor/flows.h"

namespace baton::conductor {

/// Brings what people ask of flows to those that are at work here. The store tells that there is something
/// (of any flow, of anybody's); what it is, is asked for, many flows at once, one question at a time. What
/// was recorded before a flow came here, came with it. Owner's thread only.
class Orders {
 public:
  Orders(ports::FlowStore& store, Flows& flows, ports::Clock& clock, const Bounds& bounds)
      : store_(store), flows_(flows), clock_(clock), bounds_(bounds) {}

  void heard(const FlowId&);
  /// Some may not have been told: those of every flow here are asked for.
  void missed();

 private:
  using Found = Result<std::vector<ports::FlowOrder>, ports::StoreError>;
  void ask();
  void found(const std::vector<FlowId>& asked, const Found&);

  ports::FlowStore& store_;
  Flows& flows_;
  ports::Clock& clock_;
  const Bounds& bounds_;
  std::set<FlowId> wanted_;  // of the flows here
  bool asking_ = false;      // or pausing, after the store could not be read
  Alive alive_;
};

/// As the flow's engine takes it.
engine::Event event_of(const ports::OrderRecord&);

}  // namespace baton::conductor
