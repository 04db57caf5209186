#include "tests/engine/engine_story.h"

namespace baton::tests {
namespace {

/// check -> left, check -> right by its result, both -> after.
std::string fork(const std::string& depth) {
  return R"({"name": "f", "pattern": "graph", "nodes": [
      {"task": "step", "name": "check"}, {"task": "step", "name": "left"}, {"task": "step", "name": "more_left"},
      {"task": "step", "name": "right"}],
    "links": [
      {"from": "check", "to": "left", "when": {"result_of": "check", "equals": "left"}, "depth": ")" +
         depth + R"("},
      {"from": "left", "to": "more_left"},
      {"from": "check", "to": "right", "when": {"result_of": "check", "equals": "right"}}]})";
}

}  // namespace

TEST_CASE_METHOD(EngineStory, "a decider's no ignores what follows") {
  given_flow(fork("all"));
  succeed("check", R"("right")");
  CHECK(states() == Names{"check SUCCESS", "left IGNORE", "more_left IGNORE", "right RUNNING"});
  succeed("right");
  CHECK(flow_state() == FlowState::Success);
}

TEST_CASE_METHOD(EngineStory, "with depth atom what follows runs: ignored counts as done") {
  given_flow(fork("atom"));
  succeed("check", R"("right")");
  CHECK(states() == Names{"check SUCCESS", "left IGNORE", "more_left RUNNING", "right RUNNING"});
}

TEST_CASE_METHOD(EngineStory, "deciders compare as Python does") {
  given_flow(R"({"name": "f", "pattern": "graph",
      "nodes": [{"task": "step", "name": "a"}, {"task": "step", "name": "b"}],
      "links": [{"from": "a", "to": "b", "when": {"result_of": "a", "equals": [true, {"k": 1}]}}]})");
  succeed("a", R"([1.0, {"k": true}])");
  CHECK(running() == Names{"b"});
}

TEST_CASE_METHOD(EngineStory, "a decider that throws fails its atom, and that is resolved") {
  given_flow(R"({"name": "f", "pattern": "graph",
      "nodes": [{"task": "step", "name": "a"}, {"task": "step", "name": "b"}],
      "links": [{"from": "a", "to": "b", "when": {"raise": true}}]})");
  succeed("a");
  CHECK(record("b").failure->type == "DeciderFailed");
  CHECK(record("b").attempt == 1);
  CHECK(reverting() == Names{"a"});
  CHECK(state("b") == AtomState::Reverted);  // nothing ran: nothing is called
  succeed("a");
  CHECK(flow_state() == FlowState::Reverted);
}

TEST_CASE_METHOD(EngineStory, "an ignored retry cannot be asked, the next one out is") {
  given_flow(R"({"name": "f", "pattern": "graph", "retry": {"name": "out", "policy": "times", "attempts": 2},
      "nodes": [
        {"task": "step", "name": "a"},
        {"flow": {"name": "g", "pattern": "linear", "retry": {"name": "in", "policy": "times", "attempts": 5},
                  "nodes": [{"task": "step", "name": "b"}]}}],
      "links": [{"from": "a", "to": "g", "when": {"const": false}, "depth": "atom"}]})");
  succeed("a");
  CHECK(state("in") == AtomState::Ignore);
  fail("b");
  CHECK(notes() == Names{"out: answered RETRY to the failure of 'b'"});
  CHECK(reverts_until_quiet() == Names{"b", "a"});
  CHECK(running() == Names{"a"});
}

TEST_CASE_METHOD(EngineStory, "ignoring much is one fact") {
  given_flow(R"({"name": "f", "pattern": "graph", "nodes": [
        {"task": "step", "name": "a"},
        {"flow": {"name": "g", "pattern": "linear", "nodes": [
          {"task": "step", "name": "b"}, {"task": "step", "name": "c"}, {"task": "step", "name": "d"}]}}],
      "links": [{"from": "a", "to": "g", "when": {"const": false}}]})");
  succeed("a");
  REQUIRE(last_facts().size() == 4);  // a's outcome, b, the range, the end
  const auto& range = std::get<RangeFact>(last_facts()[2].body);
  CHECK(range.first == 2);
  CHECK(range.count == 2);
  CHECK(range.intention == Intention::Ignore);
  CHECK(flow_state() == FlowState::Success);
}

TEST_CASE_METHOD(EngineStory, "one atom that was ignored with a range may be turned by itself") {
  given_flow(R"({"name": "f", "pattern": "graph", "nodes": [
        {"task": "step", "name": "a"}, {"task": "step", "name": "b"},
        {"flow": {"name": "g", "pattern": "linear", "retry": {"name": "again", "policy": "times", "attempts": 2},
                  "nodes": [{"task": "step", "name": "try"}]}},
        {"task": "step", "name": "c"}, {"task": "step", "name": "d"}],
      "links": [{"from": "a", "to": "b", "when": {"const": false}}, {"from": "b", "to": "c"},
                {"from": "c", "to": "d"}, {"from": "g", "to": "d"}]})");
  succeed("a");
  CHECK(std::get<RangeFact>(last_facts().back().body).intention == Intention::Ignore);  // c and d
  fail("try");  // behind its retry is only d: reverted with it, and reset
  CHECK(state("d") == AtomState::Ignore);
  CHECK(record("d").intention == Intention::Revert);
  succeed("try");  // its revert
  CHECK(state("c") == AtomState::Ignore);
  CHECK(state("d") == AtomState::Pending);
  succeed("try");
  succeed("d");
  CHECK(flow_state() == FlowState::Success);
}

}  // namespace baton::tests
