#pragma once

#include <cstdint>
#include <set>
#include <utility>

#include "tests/engine/engine_story.h"

namespace baton::tests {

/// The moves that a walk made.
struct Walked {
  AtomMoves moves;
  std::set<std::pair<FlowState, FlowState>> flow_moves;
};

/// Runs a random flow to its end, through random outcomes, lost workers, hand-backs, suspensions, cancels,
/// restores and reruns, and checks after every step what must always hold.
Walked random_walk(std::uint64_t seed);

}  // namespace baton::tests
