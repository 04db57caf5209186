#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using Names = std::vector<std::string>;

namespace {

/// "outer" keeps its effect when the retry of "inner" gives up, unless reverts are deferred to the parent.
std::string nested(const std::string& members) {
  return R"({"flow": {"name": "f", "pattern": "linear", "nodes": [{"task": "step", "name": "outer"},
    {"flow": {"name": "g", "pattern": "linear", "retry": {"policy": "always_revert"},
              "nodes": [{"task": "step", "name": "inner"}]}}]})" +
         members + "}";
}

class Options : public Cluster {
 public:
  Options() {
    conductor("c1");
    script.failures["inner"] = Failure::make("Refused", "no quota");
  }
  void run(const std::string& members) {
    post("job", nested(members));
    until_ended("job");
  }

  ScriptedWorker& w = worker("w1");
};

}  // namespace

TEST_CASE_METHOD(Options, "without options a retry's REVERT stays in its flow") {
  run("");
  CHECK(state("job") == FlowState::Reverted);
  CHECK(script.calls == Names{"outer", "inner", "revert inner"});
}

TEST_CASE_METHOD(Options, "defer_reverts: the outer flow is reverted too") {
  run(R"(, "options": {"defer_reverts": true})");
  CHECK(state("job") == FlowState::Reverted);
  CHECK(script.calls == Names{"outer", "inner", "revert inner", "revert outer"});
}

TEST_CASE_METHOD(Options,
                 "never_resolve: a failure stops the flow, also for the conductor that takes it over") {
  script.held.insert("inner");
  post("job", nested(R"(, "options": {"never_resolve": true})"));
  until("inner runs", [&] { return w.holds("inner"); });
  kill("c1", true);
  conductor("c2");
  w.release("inner");
  until_ended("job");
  CHECK(state("job") == FlowState::Failure);
  CHECK(script.calls == Names{"outer", "inner"});
}

TEST_CASE_METHOD(Options, "options that are none are refused by name") {
  const auto [members, why] = GENERATE(table<std::string, std::string>(
      {{R"(, "options": {"never_resolve": 1})", "details.options: 'never_resolve' is no boolean"},
       {R"(, "options": [])", "details.options: is no object"}}));
  run(members);
  CHECK(state("job") == FlowState::Rejected);
  const auto failure = show("job").summary.failure.value_or(Failure{});
  CHECK(failure.type == "BadDetails");
  CHECK_THAT(failure.message, Catch::StartsWith(why) && Catch::Contains("defer_reverts"));
  CHECK(script.calls.empty());
}

TEST_CASE_METHOD(Cluster,
                 "two flows that fail at once do not try again at once: each has jitter of its own") {
  conductor();
  worker("w1");
  script.failures["a"] = Failure::make("Refused", "no quota");
  const std::string details =
      R"({"flow": {"name": "f", "pattern": "linear", "nodes": [{"task": "step", "name": "a"}],
          "retry": {"policy": "times", "attempts": 2, "backoff": {"initial_ms": 10000, "jitter": 1.0}}}})";
  for (const char* job : {"job-1", "job-2"}) post(job, details);
  for (const char* job : {"job-1", "job-2"}) until_ended(job);
  CHECK(script.count("a") == 4);
  const auto took = [&](const char* job) {
    const auto summary = show(job).summary;
    return *summary.finished_at - summary.posted_at;
  };
  CHECK(std::chrono::abs(took("job-1") - took("job-2")) > Millis{10});
}
