#include "tests/engine/engine_story.h"

namespace baton::tests {

TEST_CASE_METHOD(EngineStory, "a failed atom reverts what succeeded before it, last first") {
  given_flow("load_order > make_invoice > charge_card");
  succeed("load_order");
  succeed("make_invoice");
  fail("charge_card", "CardRefused", "no money");
  CHECK(reverts_until_quiet() == Names{"charge_card", "make_invoice", "load_order"});
  CHECK(flow_state() == FlowState::Reverted);
  CHECK(last_flow_fact().failure->type == "CardRefused");
  CHECK(last_flow_fact().kept.empty());
}

TEST_CASE_METHOD(EngineStory, "a revert is given the result, or the failure, and the failures in force") {
  given_flow("a > b");
  succeed("a", R"({"id": 7})");
  fail("b", "Full", "no space");
  const engine::Request of_b = request("b");
  CHECK(of_b.intention == Intention::Revert);
  CHECK(of_b.result.is_null());
  CHECK(of_b.failure->type == "Full");
  CHECK(of_b.attempt == 1);
  CHECK(of_b.dispatch == 2);
  succeed("b");
  const engine::Request of_a = request("a");
  CHECK(of_a.result.json() == R"({"id": 7})");
  CHECK_FALSE(of_a.failure.has_value());
  REQUIRE(of_a.flow_failures.size() == 1);
  CHECK(of_a.flow_failures[0].first == "b");
  CHECK(of_a.flow_failures[0].second.message == "no space");
}

TEST_CASE_METHOD(EngineStory,
                 "a slow sibling of a failure is awaited, then reverted, and nothing follows it") {
  given_flow(R"({"name": "f", "pattern": "unordered", "nodes": [
      {"task": "step", "name": "a"},
      {"flow": {"name": "g", "pattern": "linear", "nodes": [
          {"task": "step", "name": "slow"}, {"task": "step", "name": "next"}]}}]})");
  fail("a");
  CHECK(running() == Names{"a", "slow"});
  succeed("a");
  succeed("slow");
  CHECK(reverting() == Names{"slow"});
  succeed("slow");
  CHECK(states() == Names{"a REVERTED", "slow REVERTED", "next PENDING"});
  CHECK(flow_state() == FlowState::Reverted);
}

TEST_CASE_METHOD(EngineStory, "a failure marks the whole flow with one fact") {
  given_flow("a > b > c > d");
  succeed("a");
  fail("b");
  REQUIRE(last_facts().size() == 3);  // the failure, the range, the start of its revert
  const auto& range = std::get<RangeFact>(last_facts()[1].body);
  CHECK(range.first == 0);
  CHECK(range.count == 4);
  CHECK(range.intention == Intention::Revert);
  CHECK_FALSE(range.reset);
}

TEST_CASE_METHOD(EngineStory, "a failed revert stops the flow, what is in flight ends") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "first"},
      {"flow": {"name": "g", "pattern": "unordered", "nodes": [
          {"task": "step", "name": "a"}, {"task": "step", "name": "b"}]}},
      {"task": "step", "name": "last"}]})");
  succeed("first");
  succeed("a");
  succeed("b");
  fail("last");
  succeed("last");
  CHECK(reverting() == Names{"a", "b"});
  fail("a", "Stuck", "cannot undo");
  CHECK(flow_state() == FlowState::Running);
  succeed("b");
  CHECK(states() == Names{"first SUCCESS", "a REVERT_FAILURE", "b REVERTED", "last REVERTED"});
  CHECK(flow_state() == FlowState::Failure);
  CHECK(last_flow_fact().failure->type == "Stuck");
  CHECK(last_flow_fact().kept == std::vector<AtomIndex>{0});
  CHECK(last_flow_fact().note == "1 task kept its effect");

  rerun();  // TaskFlow would say REVERTED now
  CHECK(flow_state() == FlowState::Failure);
}

TEST_CASE_METHOD(EngineStory,
                 "with on_revert_failure continue the rest is reverted, and the flow has failed") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a"},
      {"task": "step", "name": "b", "on_revert_failure": "continue"},
      {"task": "step", "name": "c"}]})");
  succeed("a");
  succeed("b");
  fail("c");
  succeed("c");
  fail("b", "Stuck");
  CHECK(reverting() == Names{"a"});
  succeed("a");
  CHECK(flow_state() == FlowState::Failure);
  CHECK(last_flow_fact().kept.empty());
}

TEST_CASE_METHOD(EngineStory, "a rollback stops at what is irreversible") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "reserve"},
      {"task": "step", "name": "send_mail", "irreversible": true},
      {"task": "step", "name": "book"},
      {"task": "step", "name": "confirm"}]})");
  succeed("reserve");
  succeed("send_mail");
  succeed("book");
  fail("confirm");
  CHECK(reverts_until_quiet() == Names{"confirm", "book"});
  CHECK(flow_state() == FlowState::Failure);
  CHECK(last_flow_fact().kept == std::vector<AtomIndex>{0, 1});
}

TEST_CASE_METHOD(EngineStory, "with never_resolve a failure is left alone") {
  engine::Options options;
  options.never_resolve = true;
  given_flow("a > b > c", {}, options);
  succeed("a");
  fail("b");
  CHECK(states() == Names{"a SUCCESS", "b FAILURE", "c PENDING"});
  CHECK(flow_state() == FlowState::Failure);
}

TEST_CASE_METHOD(EngineStory, "a rerun of a reverted flow begins anew, and numbers go on") {
  given_flow("a > b");
  succeed("a");
  fail("b");
  reverts_until_quiet();
  const Dispatch before = record("a").dispatch;
  rerun();
  CHECK(running() == Names{"a"});
  CHECK(record("a").attempt == 2);
  CHECK(record("a").dispatch == before + 1);
  succeed("a");
  succeed("b");
  CHECK(flow_state() == FlowState::Success);
  rerun();
  CHECK(finished() == FlowState::Success);
  CHECK(running().empty());
}

}  // namespace baton::tests
