#include "conductor/modules/module_catalogue.h"
#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using Names = std::vector<std::string>;

/// A real module's retry policy, through the ABI and a conductor.
namespace {

const char* const kPatient = R"({"flow": {"name": "f", "pattern": "linear",
    "retry": {"name": "r", "policy": "user", "user_policy": "patient", "parameters": {"attempts": 2}, "attempts": 9,
              "provides": "told"},
    "nodes": [{"task": "step", "name": "a", "requires": ["told"]}]}})";

struct WithModule : Cluster {
  WithModule() {
    const auto loaded = modules.load({std::string(BATON_TEST_MODULES) + "/story_module.so"});
    INFO((loaded.ok() ? std::string() : loaded.error()));
    REQUIRE(loaded.ok());
    catalogue.user_retries = &modules;
  }
  ModuleCatalogue modules;
};

engine::RetrySpec patient() {
  engine::RetrySpec spec;
  spec.policy = engine::RetryPolicy::User;
  spec.user_policy = "patient";
  spec.parameters = Value::from_stored(R"({"attempts": 2})");
  return spec;
}

}  // namespace

TEST_CASE_METHOD(WithModule, "a module's retry policy decides how often a flow is tried") {
  conductor();
  worker("w1");
  script.failures["a"] = Failure::make("Full", "no room");
  post("job", kPatient);
  until_ended("job");
  CHECK(state("job") == FlowState::Reverted);
  CHECK(script.calls == Names{"a", "revert a", "a", "revert a"});
}

TEST_CASE_METHOD(Cluster, "a conductor without a flow's retry policy leaves the job alone and says so") {
  auto& node = conductor();
  worker("w1");
  post("job", kPatient);
  until("it is left alone", [&] { return !node.conductor->left_alone().empty(); });
  CHECK(node.conductor->left_alone()[0].reason ==
        "flow 'f': no module that is loaded here has the retry policy 'patient'\n  hint: start a conductor "
        "with that "
        "module; this one leaves the flow alone");
  CHECK(on_board().size() == 1);
  CHECK(script.calls.empty());
}

TEST_CASE_METHOD(WithModule, "a policy is told its parameters, arguments and history") {
  RetryHistory history(1);
  history[0].failures.emplace_back("a", Failure::make("Full", "no room"));
  const Value arguments = Value::from_stored(R"({"z": 1})");
  const engine::RetrySpec spec = patient();
  const engine::RetryCall call{"r", spec, history, arguments};
  const auto value = modules.execute(call);
  REQUIRE(value.ok());
  CHECK(value->json() == R"({"retry":"r","arguments":{"z":1},"told":["a: no room"]})");
  const auto again = modules.on_failure(call, "a", Failure::make("Full", ""));
  REQUIRE(again.ok());
  CHECK(*again == RetryAnswer::Retry);
  history.emplace_back();
  const auto enough = modules.on_failure(call, "a", Failure::make("Full", ""));
  REQUIRE(enough.ok());
  CHECK(*enough == RetryAnswer::RevertAll);
}

TEST_CASE_METHOD(WithModule, "what a policy throws is a failure with its type") {
  const RetryHistory history(1);
  const Value refuse = Value::from_stored(R"({"refuse": true})");
  const engine::RetrySpec spec = patient();
  const auto value = modules.execute({"r", spec, history, refuse});
  REQUIRE_FALSE(value.ok());
  CHECK(value.error().type == "Unwilling");
  const auto answer = modules.on_failure({"r", spec, history, refuse}, "a", Failure::make("Odd", ""));
  REQUIRE_FALSE(answer.ok());
  CHECK(answer.error().type == "RetryThrew");
  CHECK(answer.error().message == "odd a");
}
