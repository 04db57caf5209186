#pragma once

#include <optional>
#include <vector>

#include "common/model/fact.h"
#include "engine/engine.h"

namespace baton::conductor {

/// A seam in FlowHost for who drives flows step by step (the simulator, the conformance runner): it sees the
/// inside of a step before it is remembered, and may hand in orders just there. A conductor has none. Owner's
/// thread only; calls come from inside a step and must not call back.
struct FlowHooks {
  virtual ~FlowHooks() = default;
  /// An engine's life begins; nothing is stepped yet. Orders to hand in together with Started.
  virtual std::vector<engine::Event> on_begin(const FlowId&, const engine::Engine&) = 0;
  /// The step so far asks for starts. An order to hand in in their place.
  virtual std::optional<engine::Event> before_starts(const FlowId&, const engine::Engine&,
                                                     const std::vector<Fact>& step_so_far) = 0;
  /// engine::Options::before_retry
  virtual std::optional<Failure> before_retry(const FlowId&, AtomIndex, Intention) = 0;
};

}  // namespace baton::conductor
