#include "tests/engine/engine_story.h"

namespace baton::tests {
namespace {

Names cancelled(const EngineStory& story) {
  Names names;
  for (const auto& command : story.last_commands())
    if (const auto* one = std::get_if<engine::CancelDelivery>(&command))
      names.push_back(story.engine().plan().name(one->atom));
  return names;
}

}  // namespace

TEST_CASE_METHOD(EngineStory, "a cancelled flow ends what runs, then reverts everything, and asks no retry") {
  given_flow(R"({"name": "f", "pattern": "linear", "retry": {"policy": "times", "attempts": 9},
      "nodes": [{"task": "step", "name": "a"}, {"task": "step", "name": "b"}, {"task": "step", "name": "c"}]})");
  succeed("a");
  cancel();
  CHECK(cancelled(*this) == Names{"b"});
  CHECK(flow_state() == FlowState::Running);
  CHECK(running() == Names{"b"});
  close("b");
  CHECK(record("b").failure->type == "Cancelled");
  CHECK(record("b").failure->message == "cancelled by ann: not needed");
  CHECK(reverts_until_quiet() == Names{"b", "a"});
  CHECK(states() == Names{"f_retry REVERTED", "a REVERTED", "b REVERTED", "c PENDING"});
  CHECK(flow_state() == FlowState::Cancelled);
}

TEST_CASE_METHOD(EngineStory,
                 "a task that ends well before its cancel reaches it is reverted with its result") {
  given_flow("a > b");
  cancel();
  succeed("a", "7");
  CHECK(request("a").result.json() == "7");
  succeed("a");
  CHECK(flow_state() == FlowState::Cancelled);
}

TEST_CASE_METHOD(EngineStory, "with keep nothing is reverted, and what is kept is listed") {
  given_flow("a > b > c");
  succeed("a");
  cancel(true);
  close("b");
  CHECK(states() == Names{"a SUCCESS", "b FAILURE", "c PENDING"});
  CHECK(flow_state() == FlowState::Cancelled);
  CHECK(last_flow_fact().kept == std::vector<AtomIndex>{0});
}

TEST_CASE_METHOD(EngineStory, "with keep a flow that had only to end has succeeded") {
  given_flow("a");
  cancel(true);
  succeed("a");
  CHECK(flow_state() == FlowState::Success);
}

TEST_CASE_METHOD(EngineStory,
                 "a rollback under way goes on, also with keep, and its retry does not try again") {
  given_flow(R"({"name": "f", "pattern": "linear", "retry": {"policy": "times", "attempts": 9},
      "nodes": [{"task": "step", "name": "a"}, {"task": "step", "name": "b"}]})");
  succeed("a");
  fail("b");
  cancel(true);
  CHECK(cancelled(*this).empty());
  CHECK(reverts_until_quiet() == Names{"b", "a"});
  CHECK(flow_state() == FlowState::Cancelled);
  CHECK(states() == Names{"f_retry REVERTED", "a REVERTED", "b REVERTED"});
}

TEST_CASE_METHOD(EngineStory, "a cancel ends a retry's pause") {
  given_flow(R"({"name": "f", "pattern": "linear",
      "retry": {"policy": "times", "attempts": 9, "backoff": {"initial_ms": 3600000}},
      "nodes": [{"task": "step", "name": "a"}]})");
  fail("a");
  succeed("a");
  CHECK(flow_state() == FlowState::Running);
  cancel();
  CHECK(flow_state() == FlowState::Cancelled);
}

TEST_CASE_METHOD(EngineStory, "a cancelled rollback with a failed revert ends FAILURE") {
  given_flow("a > b");
  succeed("a");
  cancel();
  close("b");
  succeed("b");
  fail("a");
  CHECK(flow_state() == FlowState::Failure);
}

TEST_CASE_METHOD(EngineStory, "a suspended flow can be cancelled, also by a new owner") {
  given_flow("a > b");
  suspend();
  succeed("a");
  restore(0, {engine::CancelAsked{"ann", "", false}});
  CHECK(reverting() == Names{"a"});
  succeed("a");
  CHECK(flow_state() == FlowState::Cancelled);
}

TEST_CASE_METHOD(EngineStory, "a new owner goes on with a cancel and asks no retry") {
  given_flow(R"({"name": "f", "pattern": "unordered", "retry": {"policy": "times", "attempts": 9},
      "nodes": [{"task": "step", "name": "a"}, {"task": "step", "name": "b"}]})");
  cancel();
  close("a");
  restore(0, {engine::CancelAsked{"ann", "", false}});
  CHECK(record("f_retry").history->back().failures.empty());
  CHECK(cancelled(*this) == Names{"b"});
  CHECK(sent() == Names{"a"});  // its revert; b is not sent once more
  close("b");
  reverts_until_quiet();
  CHECK(flow_state() == FlowState::Cancelled);
}

TEST_CASE_METHOD(EngineStory, "a task that waits for a place again is cancelled without a word") {
  given_flow("a");
  no_room();
  lose("a");
  cancel(true);
  CHECK(cancelled(*this).empty());
  CHECK(record("a").failure->type == "Cancelled");
  CHECK(flow_state() == FlowState::Cancelled);
}

TEST_CASE_METHOD(EngineStory, "a rerun of a cancelled flow begins anew") {
  given_flow("a > b");
  succeed("a");
  cancel(true);
  close("b");
  rerun();
  CHECK(running() == Names{"a"});
  CHECK(record("a").attempt == 2);
}

TEST_CASE_METHOD(
    EngineStory,
    "a cancel that keeps all keeps it, also when a revert under way fails and lets the rest go on") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "before"},
      {"flow": {"name": "g", "pattern": "linear", "retry": {"name": "r", "policy": "times", "attempts": 2}, "nodes": [
          {"task": "step", "name": "a"},
          {"task": "step", "name": "b", "on_revert_failure": "continue"}]}}]})");
  succeed("before");
  succeed("a");
  fail("b");
  cancel(true);
  fail("b", "Stuck");
  CHECK(reverts_until_quiet() == Names{"a"});
  CHECK(states() == Names{"before SUCCESS", "r REVERTED", "a REVERTED", "b REVERT_FAILURE"});
  CHECK(flow_state() == FlowState::Failure);
  CHECK(last_flow_fact().kept == std::vector<AtomIndex>{0});
}

TEST_CASE_METHOD(EngineStory, "a cancel in force does not wake a flow that was suspended meanwhile") {
  given_flow("a > b");
  succeed("a");
  cancel();
  suspend();
  close("b");
  CHECK(flow_state() == FlowState::Suspended);
  restore(0, {engine::CancelAsked{"ann", "not needed", false, 0, true}});
  CHECK(last_facts().empty());
  CHECK(finished() == FlowState::Suspended);
  resume();
  CHECK(reverts_until_quiet() == Names{"b", "a"});
  CHECK(flow_state() == FlowState::Cancelled);
}

TEST_CASE_METHOD(EngineStory, "orders with numbers are answered in their step, also those without effect") {
  given_flow("a > b");
  const auto answers = [this](std::vector<engine::Event> asked) {
    step(std::move(asked));
    Names told;
    for (const auto& command : last_commands())
      if (const auto* taken = std::get_if<engine::OrderTaken>(&command))
        told.push_back(std::to_string(taken->order) + ": " + taken->no_effect);
    return told;
  };
  CHECK(answers({engine::ResumeAsked{"ann", "", 1}, engine::SuspendAsked{"ann", "", 2},
                 engine::SuspendAsked{"ann", "", 3}}) ==
        Names{"1: the flow is RUNNING", "2: ", "3: the flow is SUSPENDING"});
  CHECK(answers({engine::CancelAsked{"ann", "no need", true, 4}, engine::CancelAsked{"bob", "", false, 5}}) ==
        Names{"4: ", "5: the flow is being cancelled by ann: no need (keeping)"});
  CHECK(answers({engine::CancelAsked{"bob", "", false}}).empty());
}

}  // namespace baton::tests
