#include "engine/moves.h"

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "tests/engine/engine_story.h"
#include "tests/engine/random_walk.h"
#include "tests/engine/state_picture.h"

namespace baton::tests {

using engine::AtomKind;

namespace {

bool taken(const AtomMoves& moves, const engine::AtomMove& move, AtomKind kind) {
  const bool other =
      move.mover == (kind == AtomKind::Task ? engine::Mover::RetryOnly : engine::Mover::TaskOnly);
  return other || moves.contains({kind, move.from, move.to});
}

// What is too rare for a walk.

/// A store that keeps half a commit shows a retry in RUNNING; what runs beside it fails before it goes on.
AtomMoves retry_found_running_and_reverted() {
  EngineStory story;
  story.given_flow(R"({"name": "f", "pattern": "unordered", "nodes": [
      {"task": "step", "name": "other"},
      {"flow": {"name": "g", "pattern": "linear", "nodes": [{"task": "step", "name": "first"},
        {"flow": {"name": "h", "pattern": "linear", "retry": {"name": "r", "policy": "times"},
                  "nodes": [{"task": "step", "name": "a"}]}}]}}]})");
  auto failed = story.answer("other");
  failed.outcome = Failure::make("Boom", "");
  story.succeed("first");
  REQUIRE(std::get<AtomFact>(story.last_facts()[1].body).after.state == AtomState::Running);
  story.cut(2, {failed});
  CHECK(story.reverts_until_quiet() == Names{"other", "first"});
  CHECK(story.state("r") == AtomState::Reverted);
  return story.moves();
}

AtomMoves ignored_retry_reset() {
  EngineStory story;
  story.given_flow(
      R"({"name": "f", "pattern": "graph", "retry": {"policy": "times", "attempts": 2}, "nodes": [
      {"task": "step", "name": "a"}, {"task": "step", "name": "b"},
      {"flow": {"name": "g", "pattern": "linear", "retry": {"name": "r", "policy": "times"}, "nodes": []}}],
      "links": [{"from": "a", "to": "g", "when": {"const": false}}]})");
  story.succeed("a");
  CHECK(story.state("r") == AtomState::Ignore);
  story.fail("b");
  story.reverts_until_quiet();
  CHECK(story.running() == Names{"a", "b"});
  return story.moves();
}

/// A retry that failed itself is left as it is by a cancel that keeps all; a rerun begins anew.
AtomMoves failed_retry_kept_and_rerun() {
  EngineStory story;
  story.given_flow(R"({"name": "f", "pattern": "linear",
      "retry": {"policy": "always_revert", "on_exhausted": "suspend"},
      "nodes": [{"flow": {"name": "g", "pattern": "linear", "retry": {"name": "r", "policy": "for_each"}}}]})");
  CHECK(story.flow_state() == FlowState::Suspended);
  story.cancel(true);
  CHECK(story.flow_state() == FlowState::Cancelled);
  CHECK(story.state("r") == AtomState::Failure);
  story.rerun();
  return story.moves();
}

/// A person has looked at what could not be reverted, a task and a retry, and asks for another run.
AtomMoves asked_again(engine::RunAsked::How how, const std::string& atom = {}) {
  EngineStory story;
  engine::Options options;
  options.before_retry = [](AtomIndex, Intention call) {
    return call == Intention::Revert ? std::optional(Failure::make("Stuck", "")) : std::nullopt;
  };
  story.given_flow(
      R"({"name": "f", "pattern": "linear", "retry": {"name": "r", "policy": "times", "attempts": 1},
      "nodes": [{"task": "step", "name": "a", "on_revert_failure": "continue"}]})",
      {}, std::move(options));
  story.cancel();
  story.close("a");
  story.fail("a", "Stuck");
  CHECK(story.states() == Names{"r REVERT_FAILURE", "a REVERT_FAILURE"});
  story.next_run({engine::RunAsked{how, "ann", "", atom, 1}});
  return story.moves();
}

std::string read_file(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

TEST_CASE("every move in the tables is made by some flow, of tasks and of retries") {
  Walked all;
  for (std::uint64_t seed = 1000; seed < 1400; ++seed) {
    Walked one = random_walk(seed);
    all.moves.merge(one.moves);
    all.flow_moves.merge(one.flow_moves);
  }
  all.moves.merge(retry_found_running_and_reverted());
  all.moves.merge(ignored_retry_reset());
  all.moves.merge(failed_retry_kept_and_rerun());
  all.moves.merge(asked_again(engine::RunAsked::How::Keep));
  all.moves.merge(asked_again(engine::RunAsked::How::SkipAtom, "r"));
  all.moves.merge(asked_again(engine::RunAsked::How::RetryAtom, "a"));
  for (const auto& move : engine::kAtomMoves) {
    INFO(to_string(move.from) << " -> " << to_string(move.to) << ": " << move.why);
    CHECK(taken(all.moves, move, AtomKind::Task));
    CHECK(taken(all.moves, move, AtomKind::Retry));
  }
  for (const auto& move : engine::kFlowMoves) {
    INFO(to_string(move.from) << " -> " << to_string(move.to));
    CHECK(all.flow_moves.contains({move.from, move.to}));
  }
}

TEST_CASE("no table has a move twice, and every state can be reached") {
  std::set<std::tuple<AtomState, AtomState>> atom_moves;
  std::set<AtomState> reached{AtomState::Pending};
  for (const auto& move : engine::kAtomMoves) {
    CHECK(atom_moves.emplace(move.from, move.to).second);
    reached.insert(move.to);
  }
  CHECK(reached.size() == 9);
  std::set<std::tuple<FlowState, FlowState>> flow_moves;
  for (const auto& move : engine::kFlowMoves) CHECK(flow_moves.emplace(move.from, move.to).second);
}

TEST_CASE("the picture of the states is that of the tables") {
  const std::string path = BATON_STATES_PAGE;
  if (std::getenv("BATON_REWRITE")) std::ofstream(path) << state_picture();  // make states
  INFO("run make states");
  CHECK(read_file(path) == state_picture());
}

TEST_CASE("no flow makes a move that is not in the tables") {
  CHECK_FALSE(engine::may_move(AtomKind::Task, AtomState::Pending, AtomState::Success));
  CHECK_FALSE(engine::may_move(AtomKind::Retry, AtomState::RevertFailure, AtomState::Reverting));
  CHECK_FALSE(engine::may_move(AtomKind::Task, AtomState::Success, AtomState::Retrying));
  CHECK(engine::may_move(AtomKind::Retry, AtomState::Success, AtomState::Retrying));
  CHECK_FALSE(engine::may_move(AtomKind::Retry, AtomState::Failure, AtomState::Reverted));
  CHECK_FALSE(engine::may_move(AtomKind::Task, AtomState::RevertFailure, AtomState::Pending));
  CHECK_FALSE(engine::may_move(AtomKind::Task, AtomState::Running, AtomState::Pending));
  CHECK_FALSE(engine::may_move(FlowState::Success, FlowState::Reverted));
  CHECK_FALSE(engine::may_move(FlowState::Rejected, FlowState::Running));
}

}  // namespace baton::tests
