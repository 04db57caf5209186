#include "tests/engine/engine_story.h"

/// Retries bound by time, and what becomes of a failure when no attempt is left.
namespace baton::tests {
namespace {

std::string retried(const std::string& retry) {
  return R"({"name": "f", "pattern": "linear", "nodes": [
    {"task": "step", "name": "before"},
    {"flow": {"name": "g", "pattern": "linear", "retry": {"name": "r", )" +
         retry + R"(}, "nodes": [{"task": "step", "name": "a"}, {"task": "step", "name": "b"}]}}]})";
}

const char* const kTwiceThenWait = R"("policy": "times", "attempts": 2, "on_exhausted": "suspend")";

}  // namespace

TEST_CASE_METHOD(EngineStory, "a timeout retry tries until so much time has passed since the first failure") {
  given_flow(retried(R"("policy": "timeout", "budget_ms": 1000, "provides": "n")"));
  pass(Millis(60000));  // what came before the first failure does not count
  succeed("before");
  for (int attempt = 1; attempt <= 3; ++attempt) {
    CHECK(record("r").history->back().value.json() == std::to_string(attempt));
    fail("a");
    CHECK(notes() == Names{"r: answered RETRY to the failure of 'a'"});
    succeed("a");
    pass(Millis(400));
  }
  pass(Millis(200));
  fail("a");  // 1,400 ms behind the first one
  CHECK(notes() == Names{"r: answered REVERT to the failure of 'a'"});
}

TEST_CASE_METHOD(EngineStory,
                 "a budget counts the pause that would come, and bounds the other policies too") {
  given_flow(
      retried(R"("policy": "times", "attempts": 9, "budget_ms": 1000, "backoff": {"initial_ms": 400})"));
  succeed("before");
  fail("a");
  succeed("a");
  pass(Millis(400));
  fail("a");
  CHECK(notes() == Names{"r: answered RETRY to the failure of 'a'"});
  succeed("a");
  pass(Millis(400));
  fail("a");  // 800 ms, and 400 to come
  CHECK(notes() == Names{"r: answered REVERT to the failure of 'a'"});
}

TEST_CASE_METHOD(EngineStory, "a new owner that comes late does not change an answer on record") {
  given_flow(retried(R"("policy": "timeout", "budget_ms": 1000)"));
  succeed("before");
  fail("a");
  pass(Millis(5000));
  restore();
  CHECK(last_facts().empty());
  succeed("a");
  CHECK(running() == Names{"a"});
  CHECK(record("r").history->size() == 2);
}

TEST_CASE_METHOD(EngineStory, "jitter takes away up to its share, the same for every owner") {
  given_flow(retried(R"("policy": "times", "attempts": 9, "backoff": {"initial_ms": 1000, "jitter": 0.5})"),
             {}, {.seed = 42});
  succeed("before");
  fail("a");
  succeed("a");
  const auto pause = std::get<engine::SetTimer>(last_commands().back()).after;
  CHECK(pause >= Millis(500));
  CHECK(pause < Millis(1000));
  restore();
  CHECK(std::get<engine::SetTimer>(last_commands().back()).after == pause);

  EngineStory other;
  other.given_flow(
      retried(R"("policy": "times", "attempts": 9, "backoff": {"initial_ms": 1000, "jitter": 0.5})"), {},
      {.seed = 43});
  other.succeed("before");
  other.fail("a");
  other.succeed("a");
  CHECK(std::get<engine::SetTimer>(other.last_commands().back()).after != pause);
}

TEST_CASE_METHOD(EngineStory,
                 "with on_exhausted suspend the flow waits, and who resumes it grants an attempt") {
  given_flow(retried(kTwiceThenWait));
  succeed("before");
  fail("a");
  succeed("a");
  fail("a");
  CHECK(notes() == Names{"r: answered SUSPEND to the failure of 'a'"});
  CHECK(last_flow_fact().state == FlowState::Suspended);
  CHECK(state("a") == AtomState::Failure);

  SECTION("resumed by this owner") {
    resume();
    CHECK(notes()[0] == "r: answered RETRY to the failure of 'a': granted by whoever resumed the flow");
  }
  SECTION("resumed by a new one") {
    restore();
    CHECK(finished() == FlowState::Suspended);
    CHECK(last_facts().empty());
    resume();
  }
  SECTION("resumed together with a restore, and restored again") {
    restore(0, {engine::ResumeAsked{"ann", ""}});
    restore();
    CHECK(flow_state() == FlowState::Running);
  }
  SECTION("cancelled") {
    cancel();
    CHECK(reverts_until_quiet() == Names{"a", "before"});
    CHECK(flow_state() == FlowState::Cancelled);
    return;
  }
  CHECK(reverting() == Names{"a"});
  succeed("a");
  CHECK(record("r").history->size() == 3);
  fail("a");
  CHECK(flow_state() == FlowState::Suspended);  // one more, not all anew
  resume();
  succeed("a");
  succeed("a");
  succeed("b");
  CHECK(flow_state() == FlowState::Success);
}

TEST_CASE_METHOD(EngineStory, "an exhausted retry that waits does not ask the one around it") {
  given_flow(R"({"name": "f", "pattern": "linear", "retry": {"name": "out", "policy": "times", "attempts": 9},
      "nodes": [{"flow": {"name": "g", "pattern": "linear",
                          "retry": {"name": "in", "policy": "always_revert", "on_exhausted": "suspend"},
                          "nodes": [{"task": "step", "name": "a"}]}}]})");
  fail("a");
  CHECK(notes() == Names{"in: answered SUSPEND to the failure of 'a'"});
  CHECK(flow_state() == FlowState::Suspended);
}

TEST_CASE_METHOD(EngineStory,
                 "what runs beside an exhausted retry ends, and a failure there reverts all the same") {
  given_flow(R"({"name": "f", "pattern": "unordered", "nodes": [
      {"task": "step", "name": "other"},
      {"flow": {"name": "g", "pattern": "linear",
                "retry": {"name": "r", "policy": "times", "attempts": 1, "on_exhausted": "suspend"},
                "nodes": [{"task": "step", "name": "a"}]}}]})");
  fail("a");
  CHECK(flow_state() == FlowState::Suspending);
  CHECK(last_flow_fact().note ==
        "no attempt is left after the failure of 'a': resume to grant one more, or cancel");
  SECTION("it succeeds") {
    succeed("other");
    CHECK(flow_state() == FlowState::Suspended);
    resume();
    CHECK(reverting() == Names{"a"});
  }
  SECTION("it fails") {
    fail("other");
    CHECK(flow_state() == FlowState::Suspended);
    resume();
    CHECK(reverts_until_quiet() == Names{"other", "a"});
    CHECK(flow_state() == FlowState::Reverted);
  }
}

TEST_CASE_METHOD(EngineStory, "a failure that is not to be retried does not wait either") {
  given_flow(retried(R"("policy": "times", "attempts": 1, "on_exhausted": "suspend", "retry_on": ["Busy"])"));
  succeed("before");
  fail("a", "Forbidden");
  CHECK(notes() == Names{"r: answered REVERT to the failure of 'a'"});
}

TEST_CASE_METHOD(EngineStory, "attempts that fail at once do not all come in one step") {
  given_flow(R"({"name": "f", "pattern": "linear", "retry": {"name": "r", "policy": "times", "attempts": 40},
      "nodes": [{"flow": {"name": "g", "pattern": "linear", "nodes": [],
                          "retry": {"name": "has_no_value", "policy": "for_each", "values": []}}}]})");
  REQUIRE(flow_state() == FlowState::Running);
  CHECK(record("r").history->size() == 16);
  pass(Millis(999));
  CHECK(record("r").history->size() == 16);
  pass(Millis(1));
  CHECK(record("r").history->size() == 32);
  restore();  // a new owner does not know of the pause; what it does in one step is bounded all the same
  CHECK(record("r").attempt == 40);
  CHECK(finished() == FlowState::Reverted);
}

TEST_CASE_METHOD(EngineStory,
                 "attempts that fail at once are counted for the flow, whatever retry they are of") {
  const auto times_15 = [](const std::string& name, const std::string& inside) {
    return R"({"name": "f_)" + name + R"(", "pattern": "linear", "retry": {"name": ")" + name +
           R"(", "policy": "times", "attempts": 15}, "nodes": [{"flow": )" + inside + "}]}";
  };
  const std::string fails = R"({"name": "g", "pattern": "linear", "nodes": [],
      "retry": {"name": "has_no_value", "policy": "for_each", "values": []}})";
  given_flow(times_15("outer", times_15("middle", times_15("inner", fails))));
  Attempt attempts = 0;
  std::size_t seconds = 0;
  for (;; ++seconds) {
    REQUIRE(record("has_no_value").attempt - attempts <= 16);
    REQUIRE(last_facts().size() < 16 * 20);
    attempts = record("has_no_value").attempt;
    if (flow_state() != FlowState::Running || seconds == 1000) break;
    pass(Millis(1000));
  }
  CHECK(finished() == FlowState::Reverted);
  CHECK(attempts == 15 * 15 * 15);
  CHECK(seconds == 15 * 15 * 15 / 16);
}

TEST_CASE_METHOD(EngineStory, "one retry's attempts that fail at once hold up another's, for that moment") {
  const auto fails = [](const std::string& n) {
    return R"({"flow": {"name": "f)" + n + R"(", "pattern": "linear", "retry": {"name": "r)" + n +
           R"(", "policy": "times", "attempts": 2}, "nodes": [{"flow": {"name": "g)" + n +
           R"(", "pattern": "linear", "nodes": [], "retry": {"name": "v)" + n +
           R"(", "policy": "for_each", "values": []}}}]}})";
  };
  std::string nodes = fails("0");
  for (int n = 1; n < 20; ++n) nodes += ", " + fails(std::to_string(n));
  given_flow(R"({"name": "f", "pattern": "unordered", "nodes": [)" + nodes + "]}");
  CHECK(record("r0").attempt == 1);
  CHECK(record("r19").attempt == 1);
  pass(Millis(1000));
  CHECK(finished() == FlowState::Reverted);
  CHECK(record("r0").attempt == 2);
  CHECK(record("r19").attempt == 2);
}

TEST_CASE_METHOD(EngineStory,
                 "failures that workers report are not held up, however many come at one moment") {
  given_flow(retried(R"("policy": "times", "attempts": 40)"));
  succeed("before");
  for (int attempt = 1; attempt < 40; ++attempt) {
    fail("a");
    succeed("a");
    REQUIRE(running() == Names{"a"});
  }
}

TEST_CASE("retries without end, and members that a policy does not look at, are refused") {
  const auto refusal = [](const std::string& retry) {
    return refusal_of(R"({"name": "f", "pattern": "linear", "retry": {)" + retry + "}}");
  };
  const std::string start = "build/Invalid: flow 'f': retry 'f_retry' ";
  CHECK(refusal(R"("policy": "timeout")") ==
        start +
            "could go on for ever: the policy timeout has no \"budget_ms\"\n  hint: say how long it may try, "
            "counted from its first failure");
  CHECK(refusal(R"("policy": "timeout", "budget_ms": 0)") ==
        "build/Invalid: flow.retry.budget_ms: must be a whole number from 1 to 316224000000, not 0");
  CHECK(
      refusal(R"("policy": "user", "user_policy": "p")") ==
      start +
          "could go on for ever: it has neither \"attempts\" nor \"budget_ms\"\n  hint: the policy 'p' is a "
          "module's; say how often or how long it may try");
  CHECK(refusal(R"("policy": "user", "attempts": 3)") ==
        start + "has the policy user, but no \"user_policy\"\n  hint: name a retry policy of a module");
  CHECK(refusal(R"("policy": "times", "user_policy": "p")") ==
        start + "has \"user_policy\", which only the policy user takes");
  CHECK(refusal(R"("policy": "times", "parameters": {})") ==
        start + "has \"parameters\", which only the policy user takes");
  CHECK(
      refusal(R"("policy": "always_revert", "budget_ms": 5)") ==
      start +
          "never tries again, but has \"budget_ms\", \"backoff\" or \"retry_on\"\n  hint: leave them out, or "
          "give it another policy");
  CHECK(refusal(R"("policy": "times", "on_exhausted": "wait")") ==
        "build/Unsupported: flow.retry.on_exhausted: unknown value \"wait\"; known: revert, suspend");
}

}  // namespace baton::tests
