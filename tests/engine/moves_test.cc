#include "engine/moves.h"

#include "tests/engine/engine_story.h"
#include "tests/engine/random_walk.h"

namespace baton::tests {

using engine::AtomKind;

TEST_CASE("every move in the tables is made by some flow") {
  Walked all;
  for (std::uint64_t seed = 1000; seed < 1400; ++seed) all.moves.merge(random_walk(seed).moves);
  for (std::uint64_t seed = 1000; seed < 1400; ++seed) all.flow_moves.merge(random_walk(seed).flow_moves);
  for (const auto& move : engine::kAtomMoves) {
    INFO(to_string(move.from) << " -> " << to_string(move.to) << ": " << move.why);
    CHECK(all.moves.contains({move.from, move.to}));
  }
  for (const auto& move : engine::kFlowMoves) {
    INFO(to_string(move.from) << " -> " << to_string(move.to));
    CHECK(all.flow_moves.contains({move.from, move.to}));
  }
}

TEST_CASE("no flow makes a move that is not in the tables") {
  CHECK_FALSE(engine::may_move(AtomKind::Task, AtomState::Pending, AtomState::Success));
  CHECK_FALSE(engine::may_move(AtomKind::Task, AtomState::RevertFailure, AtomState::Reverting));
  CHECK_FALSE(engine::may_move(AtomKind::Task, AtomState::Success, AtomState::Retrying));
  CHECK(engine::may_move(AtomKind::Retry, AtomState::Success, AtomState::Retrying));
  CHECK_FALSE(engine::may_move(AtomKind::Retry, AtomState::Failure, AtomState::Reverted));
  CHECK(engine::may_move(AtomKind::Task, AtomState::RevertFailure, AtomState::Pending));  // a reset
  CHECK_FALSE(engine::may_move(FlowState::Success, FlowState::Reverted));
  CHECK_FALSE(engine::may_move(FlowState::Rejected, FlowState::Running));
}

}  // namespace baton::tests
