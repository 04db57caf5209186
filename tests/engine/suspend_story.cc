#include "tests/engine/engine_story.h"

namespace baton::tests {

TEST_CASE_METHOD(EngineStory,
                 "a new owner that brings the order to go on does not say that the flow is parked") {
  given_flow("a > b");
  suspend();
  succeed("a");
  REQUIRE(finished() == FlowState::Suspended);
  restore(0, {engine::ResumeAsked{"ann", ""}});
  CHECK_FALSE(finished().has_value());
  CHECK(running() == Names{"b"});
}

TEST_CASE_METHOD(EngineStory, "a suspended flow lets what runs end, and starts nothing") {
  given_flow("a > b");
  suspend();
  CHECK(flow_state() == FlowState::Suspending);
  CHECK(last_flow_fact().note == "suspended by ann: maintenance");
  succeed("a");
  CHECK(flow_state() == FlowState::Suspended);
  CHECK(finished() == FlowState::Suspended);
  CHECK(state("b") == AtomState::Pending);
  resume();
  CHECK(flow_state() == FlowState::Running);
  CHECK(running() == Names{"b"});
}

TEST_CASE_METHOD(EngineStory, "a suspended flow with a new owner is parked") {
  given_flow("a > b");
  suspend();
  succeed("a");
  restore();
  CHECK(last_facts().empty());
  CHECK(sent().empty());
  CHECK(finished() == FlowState::Suspended);
  resume();
  succeed("b");
  CHECK(flow_state() == FlowState::Success);
}

TEST_CASE_METHOD(EngineStory, "a suspension can be taken back before it is complete") {
  given_flow("a, b");
  suspend();
  succeed("a");
  resume();
  CHECK(flow_state() == FlowState::Running);
  succeed("b");
  CHECK(flow_state() == FlowState::Success);
}

TEST_CASE_METHOD(EngineStory, "a suspension with nothing left to do just ends the flow") {
  given_flow("a");
  suspend();
  succeed("a");
  CHECK(flow_state() == FlowState::Success);
}

TEST_CASE_METHOD(EngineStory, "a failure while suspending is resolved, its rollback waits") {
  given_flow("a > b");
  succeed("a");
  suspend();
  fail("b");
  CHECK(flow_state() == FlowState::Suspended);
  CHECK(states() == Names{"a SUCCESS", "b FAILURE"});
  restore();
  resume();
  CHECK(reverts_until_quiet() == Names{"b", "a"});
}

TEST_CASE_METHOD(EngineStory, "a task whose worker is lost while suspending waits for the resume") {
  given_flow("a > b");
  suspend();
  lose("a");
  CHECK(flow_state() == FlowState::Suspended);
  CHECK(state("a") == AtomState::Running);
  SECTION("by the same owner") {
    resume();
    CHECK(record("a").dispatch == 2);
  }
  SECTION("by a new one, which asks the recorded worker first") {
    restore();
    resume();
    CHECK(sent() == Names{"a"});
    lose("a");
    CHECK(record("a").dispatch == 2);
  }
  succeed("a");
  CHECK(running() == Names{"b"});
}

TEST_CASE_METHOD(EngineStory, "orders that do not fit are ignored") {
  given_flow("a");
  resume();
  CHECK(last_facts().empty());
  suspend();
  suspend();
  CHECK(last_facts().empty());
  succeed("a");
  suspend();
  cancel();
  CHECK(flow_state() == FlowState::Success);
}

}  // namespace baton::tests
