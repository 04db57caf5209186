#include "tests/engine/engine_story.h"

/// Retry policies of modules, as the engine asks them.
namespace baton::tests {
namespace {

/// Answers what the failure's message says, and counts how often it was asked.
class Obedient final : public engine::UserRetries {
 public:
  bool knows(const std::string& policy) const override { return policy == "obedient"; }
  Result<Value, Failure> execute(const engine::RetryCall& call) const override {
    if (call.history.size() == 3) return Fail(Failure::make("Tired", "three are enough"));
    return Value::from_stored(R"({"attempt": )" + std::to_string(call.history.size() + 1) + R"(, "of": )" +
                              std::string(call.spec.parameters.json()) +
                              ", \"with\": " + std::string(call.arguments.json()) + "}");
  }
  Result<RetryAnswer, Failure> on_failure(const engine::RetryCall& call, const std::string& failed,
                                          const Failure& failure) const override {
    ++asked;
    CHECK(call.history.back().failures.back().first == failed);
    if (const auto answer = retry_answer_from(failure.message)) return *answer;
    return Fail(Failure::make("Broken", "cannot tell"));
  }
  mutable int asked = 0;
};

const char* const kFlow = R"({"name": "f", "pattern": "linear", "nodes": [
    {"task": "step", "name": "zone", "provides": "z"},
    {"flow": {"name": "g", "pattern": "linear",
      "retry": {"name": "r", "policy": "user", "user_policy": "obedient", "parameters": {"x": 1}, "attempts": 9,
                "requires": ["z"], "provides": "n"},
      "nodes": [{"task": "step", "name": "a", "requires": ["n"]}]}}]})";

}  // namespace

TEST_CASE_METHOD(EngineStory,
                 "a module's policy says what the next attempt is given, and whether there is one") {
  const Obedient users;
  given_flow(kFlow, {}, {.user_retries = &users});
  succeed("zone", "\"north\"");
  CHECK(request("a").arguments.json() == R"({"n": {"attempt": 1, "of": {"x": 1}, "with": {"z": "north"}}})");
  fail("a", "Boom", "RETRY");
  CHECK(notes() == Names{"r: answered RETRY to the failure of 'a'"});
  succeed("a");

  SECTION("it gives up") {
    fail("a", "Boom", "REVERT");
    CHECK(reverts_until_quiet() == Names{"a"});
    CHECK(flow_state() == FlowState::Reverted);
  }
  SECTION("it wants everything reverted") {
    fail("a", "Boom", "REVERT_ALL");
    CHECK(reverts_until_quiet() == Names{"a", "zone"});
  }
  SECTION("it wants a person to look") {
    fail("a", "Boom", "SUSPEND");
    CHECK(flow_state() == FlowState::Suspended);
    resume();
    CHECK(reverting() == Names{"a"});
  }
  SECTION("it cannot answer") {
    fail("a", "Boom", "what?");
    CHECK(notes() == Names{"r: answered REVERT to the failure of 'a': its policy 'obedient' failed: Broken: "
                           "cannot tell"});
  }
  SECTION("it fails itself") {
    for (int i = 0; i < 2; ++i) {
      fail("a", "Boom", "RETRY");
      succeed("a");
    }
    CHECK(record("r").failure->type == "Tired");
  }
}

TEST_CASE_METHOD(EngineStory, "a restored engine does not ask a module again") {
  const Obedient users;
  given_flow(kFlow, {}, {.user_retries = &users});
  succeed("zone");
  fail("a", "Boom", "RETRY");
  CHECK(users.asked == 1);
  restore();
  CHECK(users.asked == 1);
  CHECK(last_facts().empty());
}

TEST_CASE_METHOD(EngineStory, "a module is not asked beyond the bounds of its retry") {
  const Obedient users;
  given_flow(R"({"name": "f", "pattern": "linear",
      "retry": {"policy": "user", "user_policy": "obedient", "attempts": 1, "retry_on": ["Boom"]},
      "nodes": [{"task": "step", "name": "a"}]})",
             {}, {.user_retries = &users});
  fail("a", "Boom", "RETRY");
  CHECK(notes() == Names{"f_retry: answered REVERT to the failure of 'a'"});
  CHECK(users.asked == 0);
}

TEST_CASE("a flow whose policy nobody here has is not run here") {
  const auto made = engine::Engine::make(plan_of(kFlow), {}, FlowState::Pending, {}, 0);
  REQUIRE_FALSE(made.ok());
  CHECK(made.error().kind == "UnknownPolicy");
  CHECK(made.error().message ==
        "flow 'f': no module that is loaded here has the retry policy 'obedient'\n  hint: start a conductor "
        "with that module; this one leaves the flow alone");
}

}  // namespace baton::tests
