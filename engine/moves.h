#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "common/model/states.h"
#include "engine/plan.h"

/// The states of atoms and flows as data (semantics.md section 3). The engine makes no move that is not here,
/// the picture in docs/states.md is drawn from here, and a move that no test takes fails the tests.
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
    AtomMove{AtomState::Pending, AtomState::Ignore, Mover::Any,
             "a decider said no, or a person who skips it"},
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
    AtomMove{AtomState::RevertFailure, AtomState::Reverting, Mover::TaskOnly,
             "a person has asked that its revert be tried again"},
    AtomMove{AtomState::RevertFailure, AtomState::Reverted, Mover::Any, "a person has undone it"},
    AtomMove{AtomState::Success, AtomState::Retrying, Mover::RetryOnly, "its flow is to run again"},
    AtomMove{AtomState::Retrying, AtomState::Running, Mover::RetryOnly, "its flow has been reset"},
    AtomMove{AtomState::Reverted, AtomState::Pending, Mover::Any, "reset: to run again"},
    AtomMove{AtomState::Ignore, AtomState::Pending, Mover::Any, "reset: the deciders vote anew"},
    AtomMove{AtomState::Success, AtomState::Pending, Mover::Any,
             "reset: a rerun takes what was left standing"},
    AtomMove{AtomState::Failure, AtomState::Pending, Mover::Any,
             "reset: a rerun after a cancel that kept all"},
};

constexpr bool may_move(AtomKind kind, AtomState from, AtomState to) {
  if (from == to) return true;
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
  std::string_view why;
};

/// RESUMING is TaskFlow's: Baton's flows go on at once and never record it. What is beyond TaskFlow: a
/// suspension taken back, and CANCELLED.
inline constexpr std::array kFlowMoves{
    FlowMove{FlowState::Pending, FlowState::Running, "begun"},
    FlowMove{FlowState::Running, FlowState::Success, "all is done"},
    FlowMove{FlowState::Running, FlowState::Failure, "it cannot go on"},
    FlowMove{FlowState::Running, FlowState::Reverted, "undone"},
    FlowMove{FlowState::Running, FlowState::Suspending, "asked, or a retry wants a person to look"},
    FlowMove{FlowState::Running, FlowState::Cancelled, "asked, and all that ran has ended"},
    FlowMove{FlowState::Suspending, FlowState::Suspended, "what ran has ended"},
    FlowMove{FlowState::Suspending, FlowState::Success, "nothing was left to do"},
    FlowMove{FlowState::Suspending, FlowState::Failure, "it cannot go on"},
    FlowMove{FlowState::Suspending, FlowState::Reverted, "nothing was left to undo"},
    FlowMove{FlowState::Suspending, FlowState::Running, "resumed before it stood still"},
    FlowMove{FlowState::Suspending, FlowState::Cancelled, "cancelled meanwhile"},
    FlowMove{FlowState::Suspended, FlowState::Running, "resumed, or cancelled"},
    FlowMove{FlowState::Success, FlowState::Running, "run again"},
    FlowMove{FlowState::Failure, FlowState::Running, "run again: it goes on"},
    FlowMove{FlowState::Reverted, FlowState::Pending, "run again: anew"},
    FlowMove{FlowState::Cancelled, FlowState::Pending, "run again: anew"},
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
