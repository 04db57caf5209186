#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "engine/flow.h"

namespace baton::bench {

/// What goes wrong when a flow of a shape is walked.
enum class Trouble {
  None,
  FirstTries,  // every task with a retry around it fails once
};

/// A family of flows of any size, for figures (engine_bench) and for counts of work
/// (tests/engine/growth_test).
struct Shape {
  std::string_view name;
  std::string_view what;
  engine::FlowSpec (*make)(std::size_t atoms);  // about so many atoms, never more
  Trouble trouble = Trouble::None;
  bool last_runs = true;  // no decider ignores its last task
};

std::span<const Shape> flow_shapes();

}  // namespace baton::bench
