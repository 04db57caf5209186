#include "tests/engine/engine_story.h"

namespace baton::tests {

TEST_CASE_METHOD(EngineStory, "an empty flow succeeds at once") {
  given_flow(R"({"name": "f", "pattern": "linear"})");
  CHECK(finished() == FlowState::Success);
}

TEST_CASE_METHOD(EngineStory, "a linear flow runs one after the other") {
  given_flow("load > make > charge");
  CHECK(running() == Names{"load"});
  succeed("load");
  CHECK(running() == Names{"make"});
  succeed("make");
  succeed("charge");
  CHECK(flow_state() == FlowState::Success);
  CHECK(finished() == FlowState::Success);
  CHECK(engine().done() == 3);
}

TEST_CASE_METHOD(EngineStory, "a join waits for all of an unordered flow") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"flow": {"name": "g", "pattern": "unordered", "nodes": [
          {"task": "step", "name": "a"}, {"task": "step", "name": "b"}, {"task": "step", "name": "c"}]}},
      {"flow": {"name": "nothing", "pattern": "unordered"}},
      {"task": "step", "name": "join"}]})");
  CHECK(running() == Names{"a", "b", "c"});
  succeed("b");
  succeed("a");
  CHECK(running() == Names{"c"});
  succeed("c");
  CHECK(running() == Names{"join"});
}

TEST_CASE_METHOD(EngineStory, "ready tasks start by priority, then in the order of definition") {
  given_flow(R"({"name": "f", "pattern": "unordered", "nodes": [
      {"task": "step", "name": "a"}, {"task": "step", "name": "b", "priority": 7},
      {"task": "step", "name": "c"}, {"task": "step", "name": "d", "priority": 7}]})");
  CHECK(sent() == Names{"b", "d", "a", "c"});
}

TEST_CASE_METHOD(EngineStory, "one commit holds the outcome and what it made ready") {
  given_flow("a > b");
  succeed("a", "5");
  REQUIRE(last_facts().size() == 2);
  const auto& outcome = std::get<AtomFact>(last_facts()[0].body);
  CHECK(outcome.after.state == AtomState::Success);
  CHECK(outcome.after.result.json() == "5");
  CHECK_FALSE(outcome.after.delivery.has_value());
  const auto& start = std::get<AtomFact>(last_facts()[1].body);
  CHECK(start.after.state == AtomState::Running);
  CHECK(start.after.attempt == 1);
  CHECK(start.after.delivery->worker_name == "w2");
  CHECK(start.after.delivery->deliveries == 1);
  CHECK(sent() == Names{"b"});
}

TEST_CASE_METHOD(EngineStory, "a graph runs in the order of its symbols and links") {
  given_flow(R"({"name": "f", "pattern": "graph", "nodes": [
      {"task": "step", "name": "use", "requires": ["x"]},
      {"task": "step", "name": "make", "provides": "x"},
      {"task": "step", "name": "last"}], "links": [{"from": "use", "to": "last"}]})");
  CHECK(running() == Names{"make"});
  succeed("make", "1");
  CHECK(running() == Names{"use"});
  succeed("use");
  CHECK(running() == Names{"last"});
}

TEST_CASE_METHOD(EngineStory, "an atom that finds no room keeps its state and is placed later") {
  no_room();
  given_flow("a, b");
  CHECK(running().empty());
  CHECK(waiting() == Names{"a", "b"});
  CHECK(state("a") == AtomState::Pending);
  place("b");
  CHECK(running() == Names{"b"});
  fail("b");
  CHECK(waiting() == Names{"a", "b"});  // a in vain, b to be reverted
  CHECK_FALSE(engine().may_start(engine().plan().find("a")));
  CHECK(state("b") == AtomState::Failure);
  place("b");
  succeed("b");
  CHECK(flow_state() == FlowState::Reverted);
  CHECK(state("a") == AtomState::Pending);
}

TEST_CASE_METHOD(EngineStory, "what was placed after it became unable to start is ignored") {
  no_room();
  given_flow("a, b");
  place("b");
  fail("b");
  step({engine::Placed{engine().plan().find("a"), {}, "w9"}});
  CHECK(state("a") == AtomState::Pending);
  CHECK(last_facts().empty());
}

}  // namespace baton::tests
