#include "tests/engine/engine_story.h"

namespace baton::tests {
namespace {

const char* const kShort = R"({"name": "f", "pattern": "linear", "nodes": [
    {"task": "step", "name": "a", "provides": ["x", "y"]},
    {"task": "step", "name": "b", "requires": ["y"]}]})";

}  // namespace

TEST_CASE_METHOD(EngineStory, "a task whose argument is missing fails without a call, in one commit") {
  given_flow(kShort);
  succeed("a", "[1]");
  CHECK(record("b").failure->type == "MissingSymbol");
  CHECK(record("b").failure->message ==
        "'b' requires 'y', but nothing before it provides it now: its provider was ignored, or its result "
        "lacks "
        "the item");
  CHECK(record("b").attempt == 1);
  CHECK(record("b").dispatch == 0);
  CHECK(sent() == Names{"a"});  // its revert
  CHECK(state("b") == AtomState::Reverted);
  CHECK(notes() == Names{"b: not dispatched", "b: nothing to undo: it was never dispatched"});
  succeed("a");
  CHECK(flow_state() == FlowState::Reverted);
}

TEST_CASE_METHOD(EngineStory, "its retry is asked like for any failure") {
  given_flow(R"({"name": "f", "pattern": "linear", "retry": {"policy": "times", "attempts": 2}, "nodes": [
      {"task": "step", "name": "a", "provides": ["x"]}, {"task": "step", "name": "b", "requires": ["x"]}]})");
  succeed("a", "[]");
  succeed("a");
  CHECK(running() == Names{"a"});
  succeed("a", "[1]");
  CHECK(record("b").attempt == 2);
  CHECK(record("b").dispatch == 1);
}

TEST_CASE_METHOD(EngineStory, "H11: arguments over the limit fail the task, not the flow's commit") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a", "provides": "x"},
      {"task": "step", "name": "b", "requires": ["x"], "rebind": {"x1": "x", "x2": "x", "x3": "x", "x4": "x"}}]})");
  succeed("a", "\"" + std::string(kResultBytesMax - 2, 'x') + "\"");
  CHECK(record("b").failure->type == "ArgumentsTooLarge");
  CHECK(record("b").failure->message == "the arguments of 'b' have 5242919 bytes, the limit is 4194304");
}

TEST_CASE_METHOD(EngineStory, "a worker cannot say that it was never asked") {
  given_flow("a");
  fail("a", "MissingSymbol");
  CHECK(record("a").failure->type == "Task.MissingSymbol");
  CHECK(reverting() == Names{"a"});
}

TEST_CASE_METHOD(EngineStory,
                 "a flow whose failure could not be dispatched can be suspended before it is undone") {
  given_flow(kShort);
  const auto done = [&] {
    auto answered = answer("a");
    answered.outcome = json("[1]");
    return answered;
  }();
  no_room();
  say(done);
  suspend();
  CHECK(flow_state() == FlowState::Suspended);
  CHECK(states() == Names{"a SUCCESS", "b PENDING"});
}

}  // namespace baton::tests
