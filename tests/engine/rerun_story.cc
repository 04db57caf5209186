#include <algorithm>

#include "engine/asked_run.h"
#include "tests/engine/engine_story.h"

namespace baton::tests {
namespace {

using How = engine::RunAsked::How;

/// A flow has ended, and a person asks for another run.
class RerunStory : public EngineStory {
 public:
  void run_again(How how, const std::string& atom = {}, std::string_view result = "null") {
    next_run({engine::RunAsked{how, "ann", "cleaned up", atom, 7, Value::parse(result).value()}});
    for (const auto& command : last_commands())
      if (const auto* taken = std::get_if<engine::OrderTaken>(&command)) answered_ = taken->no_effect;
  }
  /// Why it had none; the order was answered in any case.
  const std::string& no_effect() const { return answered_.value(); }
  /// "a > b > c": c has failed, and b cannot be reverted.
  void stuck_rollback() {
    given_flow("a > b > c");
    succeed("a");
    succeed("b");
    fail("c");
    succeed("c");
    fail("b", "Stuck");
    REQUIRE(flow_state() == FlowState::Failure);
    REQUIRE(states() == Names{"a SUCCESS", "b REVERT_FAILURE", "c REVERTED"});
  }
  /// … and everything is reverted.
  void undone() {
    given_flow("a > b > c");
    succeed("a");
    fail("b");
    CHECK(reverts_until_quiet() == Names{"b", "a"});
    REQUIRE(flow_state() == FlowState::Reverted);
  }

 private:
  std::optional<std::string> answered_;
};

}  // namespace

TEST_CASE_METHOD(RerunStory, "a rerun keeps what succeeded and was not reverted, and runs the rest again") {
  stuck_rollback();
  run_again(How::Keep);
  CHECK(no_effect().empty());
  CHECK(last_flow_fact().note == "run 2, asked for by ann: what succeeded is kept; cleaned up");
  CHECK(running() == Names{"b"});
  CHECK(record("b").attempt == 2);
  succeed("b");
  succeed("c");
  CHECK(states() == Names{"a SUCCESS", "b SUCCESS", "c SUCCESS"});
  CHECK(record("a").attempt == 1);
  CHECK(flow_state() == FlowState::Success);
}

TEST_CASE_METHOD(RerunStory, "what a rerun kept is reverted when it fails again") {
  stuck_rollback();
  run_again(How::Keep);
  succeed("b");
  fail("c");
  CHECK(reverts_until_quiet() == Names{"c", "b", "a"});
  CHECK(flow_state() == FlowState::Reverted);
}

TEST_CASE_METHOD(RerunStory, "a rerun anew keeps nothing") {
  stuck_rollback();
  run_again(How::Anew);
  CHECK(running() == Names{"a"});
  CHECK(record("a").attempt == 2);
  succeed("a");
  succeed("b");
  succeed("c");
  CHECK(flow_state() == FlowState::Success);
}

TEST_CASE_METHOD(RerunStory, "after SUCCESS a rerun has nothing left to do, unless it is anew") {
  given_flow("a");
  succeed("a");
  SECTION("keeping") {
    run_again(How::Keep);
    CHECK(flow_state() == FlowState::Success);
    CHECK(record("a").attempt == 1);
  }
  SECTION("anew") {
    run_again(How::Anew);
    CHECK(running() == Names{"a"});
  }
}

TEST_CASE_METHOD(RerunStory,
                 "a rerun of a cancelled flow goes on where it was, its retries from the first try on") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [{"task": "step", "name": "a"},
      {"flow": {"name": "g", "pattern": "linear", "retry": {"name": "r", "policy": "times", "attempts": 2},
                "nodes": [{"task": "step", "name": "b"}]}}]})");
  succeed("a");
  fail("b");
  succeed("b");  // its revert; the second and last attempt runs
  cancel(true);
  close("b");
  REQUIRE(flow_state() == FlowState::Cancelled);
  run_again(How::Keep);
  CHECK(running() == Names{"b"});
  CHECK(record("a").attempt == 1);
  CHECK(record("r").history->size() == 1);
  fail("b");
  CHECK(reverts_until_quiet() == Names{"b"});
  CHECK(running() == Names{"b"});
  fail("b");
  CHECK(reverts_until_quiet() == Names{"b"});  // its flow alone: its retry has given up
  CHECK(flow_state() == FlowState::Reverted);
}

TEST_CASE_METHOD(RerunStory, "a revert that failed is tried again, and the rollback goes on") {
  stuck_rollback();
  run_again(How::RetryAtom, "b");
  CHECK(no_effect().empty());
  CHECK(reverting() == Names{"b"});
  CHECK(record("b").dispatch == 3);
  SECTION("by the same owner") {}
  SECTION("by the next one, if the first could not place it") {
    restore();
  }
  succeed("b");
  CHECK(reverts_until_quiet() == Names{"a"});
  CHECK(flow_state() == FlowState::Reverted);
}

TEST_CASE_METHOD(RerunStory, "a revert that is to be tried again waits for a worker, also at a new owner") {
  stuck_rollback();
  no_room();
  run_again(How::RetryAtom, "b");
  CHECK(state("b") == AtomState::Reverting);
  CHECK(flow_state() == FlowState::Running);
  restore();
  CHECK(waiting() == Names{"b"});
  no_room(false);
  place("b");
  succeed("b");
  CHECK(reverts_until_quiet() == Names{"a"});
  CHECK(flow_state() == FlowState::Reverted);
}

TEST_CASE_METHOD(RerunStory, "a revert that failed is passed over, and the rest is reverted") {
  stuck_rollback();
  run_again(How::SkipAtom, "b");
  CHECK(state("b") == AtomState::Reverted);
  CHECK(notes().front() == "b: its revert is passed over by ann: cleaned up");
  CHECK(reverts_until_quiet() == Names{"a"});
  CHECK(flow_state() == FlowState::Reverted);
}

TEST_CASE_METHOD(RerunStory,
                 "what a cancel has kept stays when a rollback that was under way goes on in a later run") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [{"task": "step", "name": "a"},
      {"flow": {"name": "g", "pattern": "unordered", "nodes": [{"task": "step", "name": "d"},
        {"flow": {"name": "h", "pattern": "linear", "retry": {"name": "r", "policy": "times", "attempts": 2},
                  "nodes": [{"task": "step", "name": "b"}]}}]}}]})");
  succeed("a");
  fail("b");
  REQUIRE(reverting() == Names{"b"});
  cancel(true);
  close("d");
  fail("b", "Stuck");
  REQUIRE(flow_state() == FlowState::Failure);
  REQUIRE(state("a") == AtomState::Success);
  REQUIRE(state("b") == AtomState::RevertFailure);
  REQUIRE(record("d").failure->type == failure_type::kCancelled);
  SECTION("because what is stuck is tried again") {
    run_again(How::RetryAtom, "b");
    CHECK(reverting() == Names{"b"});
    succeed("b");
  }
  SECTION("because it is passed over") {
    run_again(How::SkipAtom, "b");
  }
  CHECK(state("a") == AtomState::Success);
  CHECK(reverting().empty());
}

TEST_CASE_METHOD(RerunStory, "an atom that failed is skipped: what follows it runs, and it is not reverted") {
  undone();
  run_again(How::SkipAtom, "b");
  CHECK(no_effect().empty());
  CHECK(states() == Names{"a RUNNING", "b IGNORE", "c PENDING"});
  succeed("a");
  CHECK(running() == Names{"c"});
  SECTION("and the flow succeeds") {
    succeed("c");
    CHECK(flow_state() == FlowState::Success);
    CHECK(record("b").attempt == 1);
  }
  SECTION("or is reverted without it, and a later rerun runs it") {
    fail("c");
    CHECK(reverts_until_quiet() == Names{"c", "a"});
    run_again(How::Keep);
    CHECK(states() == Names{"a RUNNING", "b PENDING", "c PENDING"});
  }
}

TEST_CASE_METHOD(RerunStory, "a rerun keeps what was skipped if all before it is kept") {
  given_flow("a > b > c", {}, {.never_resolve = true});
  succeed("a");
  fail("b");
  run_again(How::SkipAtom, "b");
  fail("c");
  REQUIRE(flow_state() == FlowState::Failure);
  SECTION("keeping") {
    run_again(How::Keep);
    CHECK(states() == Names{"a SUCCESS", "b IGNORE", "c RUNNING"});
  }
  SECTION("unless it is tried again") {
    run_again(How::RetryAtom, "b");
    CHECK(states() == Names{"a SUCCESS", "b RUNNING", "c PENDING"});
  }
  SECTION("or all is") {
    run_again(How::Anew);
    CHECK(states() == Names{"a RUNNING", "b PENDING", "c PENDING"});
  }
}

TEST_CASE_METHOD(RerunStory, "what failed in a skipped atom is told to nobody") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "first", "provides": "host"}, {"task": "step", "name": "better", "provides": "host"},
      {"task": "step", "name": "last", "requires": ["host"]}]})",
             {}, {.never_resolve = true});
  succeed("first", R"("h1")");
  fail("better");
  run_again(How::SkipAtom, "better");
  CHECK(request("last").arguments.json() == R"({"host": "h1"})");
}

TEST_CASE_METHOD(RerunStory, "an atom that a person has done has succeeded, and the flow goes on behind it") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [{"task": "step", "name": "a"},
      {"task": "step", "name": "b", "provides": ["host", "port"]},
      {"task": "step", "name": "c", "requires": ["port"]}]})");
  succeed("a");
  fail("b");
  CHECK(reverts_until_quiet() == Names{"b", "a"});
  const auto dispatch = record("b").dispatch;
  run_again(How::MarkDone, "b", R"(["h1", 80])");
  CHECK(no_effect().empty());
  CHECK(states() == Names{"a RUNNING", "b SUCCESS", "c PENDING"});
  CHECK(record("b").attempt == 2);
  CHECK(record("b").result.json() == R"(["h1", 80])");
  CHECK_FALSE(record("b").failure);
  const auto told = notes();
  CHECK(std::find(told.begin(), told.end(), "b: done by ann: cleaned up") != told.end());
  succeed("a");
  CHECK(request("c").arguments.json() == R"({"port": 80})");
  SECTION("to its end") {
    succeed("c");
    CHECK(flow_state() == FlowState::Success);
    CHECK(record("b").dispatch == dispatch);  // no worker was asked
  }
  SECTION("or is reverted with it, as an attempt of its own") {
    fail("c");
    succeed("c");
    CHECK(request("b").attempt == 2);
    CHECK(request("b").result.json() == R"(["h1", 80])");
    CHECK(reverts_until_quiet() == Names{"b", "a"});
    CHECK(flow_state() == FlowState::Reverted);
  }
}

TEST_CASE_METHOD(RerunStory,
                 "what could not be reverted can be taken as done, and the flow goes on behind it") {
  stuck_rollback();
  run_again(How::MarkDone, "b");
  CHECK(states() == Names{"a SUCCESS", "b SUCCESS", "c RUNNING"});
  succeed("c");
  CHECK(flow_state() == FlowState::Success);
}

TEST_CASE_METHOD(RerunStory, "an order for an atom is refused where it makes no sense, with what does") {
  const auto plan = plan_of(R"({"name": "f", "pattern": "linear", "nodes": [
      {"flow": {"name": "g", "pattern": "linear", "retry": {"name": "r", "policy": "times", "attempts": 2},
                "nodes": [{"task": "step", "name": "a", "provides": ["host", "port"]}]}},
      {"task": "step", "name": "b", "provides": {"keys": ["id"]}},
      {"task": "step", "name": "c", "requires": ["port", "given"]}]})",
                            {{"given", Value()}, {"id", Value()}});
  const auto refused = [&](How how, const std::string& atom, AtomState state,
                           std::string_view result = "null") {
    return asked_run_refused(*plan, plan->find(atom), state,
                             engine::RunAsked{how, "ann", "", atom, 1, Value::parse(result).value()});
  };
  for (const How how : {How::RetryAtom, How::SkipAtom, How::MarkDone})
    CHECK(refused(how, "b", AtomState::Success) ==
          "'b' has succeeded; a rerun anew runs it again, with everything else");
  for (const AtomState state : {AtomState::Failure, AtomState::Reverted, AtomState::Pending})
    for (const How how : {How::RetryAtom, How::SkipAtom, How::MarkDone})
      CHECK(refused(how, "b", state, R"({"id": 7})").empty());
  CHECK(refused(How::SkipAtom, "b", AtomState::Ignore) == "'b' is skipped already");
  CHECK(refused(How::RetryAtom, "b", AtomState::Ignore).empty());
  CHECK(refused(How::SkipAtom, "a", AtomState::Failure) ==
        "'c' requires 'port', which only 'a' provides: mark it as done, with its result, instead");
  CHECK(refused(How::SkipAtom, "a", AtomState::RevertFailure).empty());
  CHECK(refused(How::MarkDone, "a", AtomState::Failure, R"(["h1"])") ==
        "'a' provides 'port' as element 1 of its result, and the result that is given lacks it");
  CHECK(refused(How::MarkDone, "b", AtomState::Failure) ==
        "'b' provides 'id' as a member of its result, and the result that is given lacks it");
  CHECK(refused(How::SkipAtom, "r", AtomState::Failure) ==
        "'r' is a retry: it runs inside the engine, and nobody can do its work; rerun the job");
  CHECK(refused(How::MarkDone, "r", AtomState::Pending) == refused(How::SkipAtom, "r", AtomState::Failure));
  CHECK(refused(How::RetryAtom, "r", AtomState::RevertFailure) ==
        "'r' is a retry, whose revert does nothing: skip it");
}

TEST_CASE_METHOD(RerunStory, "an atom that failed for good is tried again, and the flow goes on") {
  given_flow("a > b > c", {}, {.never_resolve = true});
  succeed("a");
  fail("b");
  REQUIRE(flow_state() == FlowState::Failure);
  run_again(How::RetryAtom, "b");
  CHECK(running() == Names{"b"});
  succeed("b");
  succeed("c");
  CHECK(flow_state() == FlowState::Success);
}

TEST_CASE_METHOD(RerunStory, "what does not fit has no effect, and the run ends where it begins") {
  stuck_rollback();
  SECTION("another state") {
    run_again(How::SkipAtom, "a");
    CHECK(no_effect() == "'a' has succeeded; a rerun anew runs it again, with everything else");
  }
  SECTION("no such atom") {
    run_again(How::RetryAtom, "x");
    CHECK(no_effect() == "the flow has no atom 'x'");
  }
  CHECK(flow_state() == FlowState::Failure);
  CHECK(states() == Names{"a SUCCESS", "b REVERT_FAILURE", "c REVERTED"});
}

TEST_CASE_METHOD(RerunStory, "a run is not asked of a flow that is at work") {
  given_flow("a");
  step({engine::RunAsked{How::Anew, "ann", "", "", 7}});
  CHECK(last_facts().empty());
  CHECK(std::get<engine::OrderTaken>(last_commands().at(0)).no_effect == "the flow is RUNNING");
}

TEST_CASE_METHOD(RerunStory,
                 "what a person has done stays done when a decider passes over what stands around it") {
  given_flow(R"({"name": "f", "pattern": "graph", "nodes": [{"task": "step", "name": "a"},
      {"task": "step", "name": "b"}, {"task": "step", "name": "c"}, {"task": "step", "name": "d"}],
      "links": [{"from": "a", "to": "b", "when": {"const": false}}, {"from": "b", "to": "c"}, {"from": "c", "to": "d"}]})");
  fail("a");
  CHECK(reverts_until_quiet() == Names{"a"});
  run_again(How::MarkDone, "c");
  succeed("a");
  CHECK(states() == Names{"a SUCCESS", "b IGNORE", "c SUCCESS", "d IGNORE"});
  CHECK(flow_state() == FlowState::Success);
}

}  // namespace baton::tests
