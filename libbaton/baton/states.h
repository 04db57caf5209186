#pragma once

#include <cstdint>
#include <string_view>

/// The states of atoms and flows, by TaskFlow's names.
namespace baton::embed {

/// Of an atom: a task, or the retry of a flow.
enum class AtomState : std::uint8_t {
  pending = 0,
  running = 1,
  success = 2,
  failure = 3,
  reverting = 4,
  reverted = 5,
  revert_failure = 6,
  retrying = 7,
  ignore = 8
};

enum class FlowState : std::uint8_t {
  pending = 0,
  running = 1,
  success = 2,
  failure = 3,
  reverted = 4,
  suspending = 5,
  suspended = 6,
  resuming = 7,
  cancelled = 8,
  rejected = 9,
  trashed = 10
};

/// "RUNNING", "REVERT_FAILURE", …
std::string_view to_string(AtomState);
std::string_view to_string(FlowState);

/// Its run is over.
constexpr bool is_final(FlowState state) {
  return (state >= FlowState::success && state <= FlowState::reverted) || state >= FlowState::cancelled;
}

}  // namespace baton::embed
