#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "common/model/states.h"
#include "engine/plan.h"

/// The states of atoms and flows as data (semantics.md section 3): what the engine asserts, what the state
/// picture shows and what the tests must cover are these tables.
namespace baton::engine {

/// Who may make a move.
enum class Mover : std::uint8_t { Any, TaskOnly, RetryOnly };

struct AtomMove {
  AtomState from;
  AtomState to;
  Mover mover;
  std::string_view why;
};

inline constexpr std::array kAtomMoves{
    AtomMove{AtomState::Pending, AtomState::Running, Mover::Any, "placed"},
    AtomMove{AtomState::Pending, AtomState::Ignore, Mover::Any, "a decider said no"},
    AtomMove{AtomState::Running, AtomState::Success, Mover::Any, "executed"},
    AtomMove{AtomState::Running, AtomState::Failure, Mover::Any, "failed"},
    AtomMove{AtomState::Running, AtomState::Reverting, Mover::Any,
             "its execution is lost and it is to be reverted"},
    AtomMove{AtomState::Success, AtomState::Reverting, Mover::Any, "placed for its revert"},
    AtomMove{AtomState::Failure, AtomState::Reverting, Mover::Any, "placed for its revert"},
    AtomMove{AtomState::Failure, AtomState::Reverted, Mover::TaskOnly,
             "its attempt was never dispatched: nothing to undo"},
    AtomMove{AtomState::Reverting, AtomState::Reverted, Mover::Any, "reverted"},
    AtomMove{AtomState::Reverting, AtomState::RevertFailure, Mover::Any, "its revert failed"},
    AtomMove{AtomState::Success, AtomState::Retrying, Mover::RetryOnly, "its flow is to run again"},
    AtomMove{AtomState::Retrying, AtomState::Running, Mover::RetryOnly, "its flow has been reset"},
};

/// A reset for a retry or a rerun writes PENDING from any state; an IGNORE of a decider's depth meets atoms
/// in PENDING or IGNORE.
constexpr bool may_move(AtomKind kind, AtomState from, AtomState to) {
  if (to == AtomState::Pending || from == to) return true;
  for (const AtomMove& move : kAtomMoves) {
    if (move.from != from || move.to != to) continue;
    if (move.mover == Mover::Any) return true;
    return (move.mover == Mover::TaskOnly) == (kind == AtomKind::Task);
  }
  return false;
}

struct FlowMove {
  FlowState from;
  FlowState to;
};

/// RESUMING is TaskFlow's: Baton's flows go on at once and never record it. What is beyond TaskFlow: a
/// suspension taken back, and CANCELLED.
inline constexpr std::array kFlowMoves{
    FlowMove{FlowState::Pending, FlowState::Running},
    FlowMove{FlowState::Running, FlowState::Success},
    FlowMove{FlowState::Running, FlowState::Failure},
    FlowMove{FlowState::Running, FlowState::Reverted},
    FlowMove{FlowState::Running, FlowState::Suspending},
    FlowMove{FlowState::Running, FlowState::Cancelled},
    FlowMove{FlowState::Suspending, FlowState::Suspended},
    FlowMove{FlowState::Suspending, FlowState::Success},
    FlowMove{FlowState::Suspending, FlowState::Failure},
    FlowMove{FlowState::Suspending, FlowState::Reverted},
    FlowMove{FlowState::Suspending, FlowState::Running},  // taken back
    FlowMove{FlowState::Suspending, FlowState::Cancelled},
    FlowMove{FlowState::Suspended, FlowState::Running},

    FlowMove{FlowState::Success, FlowState::Running},
    FlowMove{FlowState::Failure, FlowState::Running},
    FlowMove{FlowState::Reverted, FlowState::Pending},
    FlowMove{FlowState::Cancelled, FlowState::Pending},
};

constexpr bool may_move(FlowState from, FlowState to) {
  for (const FlowMove& move : kFlowMoves)
    if (move.from == from && move.to == to) return true;
  return false;
}

/// What an atom in this state and intention is to those after and before it (semantics.md 18, 19).
struct Standing {
  bool passes;   // its successors may execute
  bool cleared;  // its predecessors may revert
};

constexpr Standing standing_of(AtomState state, Intention intention) {
  const bool goes_forward = intention == Intention::Execute || intention == Intention::Ignore;
  switch (state) {
    case AtomState::Success:
      return {goes_forward, false};
    case AtomState::Ignore:
      return {goes_forward, true};
    case AtomState::Pending:
    case AtomState::Reverted:
      return {false, true};
    case AtomState::Running:
    case AtomState::Failure:
    case AtomState::Reverting:
    case AtomState::RevertFailure:
    case AtomState::Retrying:
      return {false, false};
  }
  return {false, false};
}

/// What an atom asks for once its neighbours let it.
enum class Wish : std::uint8_t { Nothing, Execute, Revert, Retry };

constexpr Wish wish_of(AtomKind kind, AtomState state, Intention intention) {
  const bool waits = state == AtomState::Pending || (state == AtomState::Retrying && kind == AtomKind::Retry);
  if (waits && intention == Intention::Execute) return Wish::Execute;
  const bool ended = state == AtomState::Success || state == AtomState::Failure;
  if (ended && intention == Intention::Revert) return Wish::Revert;
  if (state == AtomState::Success && intention == Intention::Retry) return Wish::Retry;
  return Wish::Nothing;
}

}  // namespace baton::engine
