#include <array>

#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using Names = std::vector<std::string>;

TEST_CASE_METHOD(Cluster, "H15: an unknown flow is left alone, and shown") {
  auto& node = conductor();
  worker("w1");
  post("job", R"({"factory": {"name": "create-cluster-v2"}})");
  loop.run_for(Millis{5000});
  CHECK(on_board() == Names{"job0000000000"});
  const auto left = node.conductor->left_alone();
  REQUIRE(left.size() == 1);
  CHECK(left[0].job == JobId("job"));
  CHECK(left[0].reason ==
        "no module of this conductor knows the flow 'create-cluster-v2'; known: chain, create-cluster; start "
        "a conductor with its module (conductor.modules), or remove the job and post it with a flow that is "
        "known");
  CHECK(left[0].tries >= 2);
  CHECK(left[0].tries <= 4);  // the pause doubles
  post_create_cluster("known");
  until_ended("known");
  CHECK(state("known") == FlowState::Success);
}

TEST_CASE_METHOD(Cluster, "wrong parameters are REJECTED with the reason, and harm no other job") {
  conductor();
  worker("w1");
  post("wrong", R"({"factory": {"name": "create-cluster", "kwargs": {"nodes": "three"}}})");
  post_create_cluster("right");
  until_ended("right");
  until_ended("wrong");
  CHECK(state("right") == FlowState::Success);
  const auto shown = show("wrong").summary;
  CHECK(shown.state == FlowState::Rejected);
  REQUIRE(shown.failure);
  CHECK(shown.failure->message == "flow 'create-cluster': parameter 'nodes' must be an integer");
  until("both are gone from the board", [&] { return on_board().empty(); });
}

TEST_CASE_METHOD(Cluster, "a flow that does not compile is REJECTED with what is wrong and what to do") {
  conductor();
  worker("w1");
  const auto inline_flow = [](const std::string& pattern, const std::string& nodes) {
    return R"({"flow": {"name": "f", "pattern": ")" + pattern + R"(", "nodes": [)" + nodes + "]}}";
  };
  const std::vector<std::array<std::string, 3>> cases{
      {inline_flow("linear", R"({"task": "step", "name": "a", "requires": ["nothing_provides_me"]})"),
       "MissingDependencies",
       "flow 'f': 1 argument has no provider\n"
       "  task 'a' requires 'nothing_provides_me', but no atom before it provides it\n"
       "    provided before it: nothing\n"
       "    hint: pass 'nothing_provides_me' in the store, or add a task that provides it"},
      {inline_flow("graph", R"({"task": "step", "name": "a", "requires": ["x"], "provides": "y"},
                               {"task": "step", "name": "b", "requires": ["y"], "provides": "x"})"),
       "DependencyFailure",
       "flow 'f': its links form a cycle\n"
       "  'a' -> 'b', which requires 'y'\n"
       "  'b' -> 'a', which requires 'x'\n"
       "  hint: remove or turn one of these links"},
      {inline_flow("linear", R"({"task": "step", "name": "a"}, {"task": "step", "name": "a"})"), "Duplicate",
       "flow 'f': the name 'a' is used twice, by a task of flow 'f' and by a task of flow 'f'\n"
       "  hint: names of tasks and retries are unique in the whole flow; rename one of them"}};
  for (std::size_t i = 0; i < cases.size(); ++i) post("bad-" + std::to_string(i), cases[i][0]);
  post_create_cluster("right");
  until_ended("right");
  CHECK(state("right") == FlowState::Success);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    until_ended("bad-" + std::to_string(i));
    const auto shown = show("bad-" + std::to_string(i)).summary;
    CHECK(shown.state == FlowState::Rejected);
    REQUIRE(shown.failure);
    CHECK(shown.failure->type == cases[i][1]);
    CHECK(shown.failure->message == cases[i][2]);
  }
}

TEST_CASE_METHOD(Cluster, "an inline flow takes its symbols from the store") {
  conductor();
  worker("w1");
  post("job", R"({"flow": {"name": "f", "pattern": "linear", "nodes":
    [{"task": "step", "name": "a", "requires": ["x"]}]}, "store": {"x": 1}})");
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
}

TEST_CASE_METHOD(Cluster, "values of a posting's store keep the bytes that were posted") {
  conductor();
  worker("w1");
  std::string given;
  script.acts = [&](const wire::Request& request) {
    given = request.arguments.json();
    return std::nullopt;
  };
  post("job", R"({"flow": {"name": "f", "pattern": "linear", "nodes":
    [{"task": "step", "name": "a", "requires": ["x"]}]}, "store": {"x": [12345678901234567890123,  1.50]}})");
  until_ended("job");
  CHECK(given.find("[12345678901234567890123,  1.50]") != std::string::npos);
}

TEST_CASE_METHOD(Cluster, "an unreadable node is recorded by its path, with the reason, and trashed") {
  auto& one = conductor();
  worker("w1");
  const auto job = [](const std::string& member) { return R"({"uuid": "u", "name": "n", )" + member + "}"; };
  const std::vector<std::pair<std::string, std::string>> cases{
      {"{not json", "it is not JSON: syntax error (at byte 1)"},
      {"[1]", "it is no JSON object"},
      {R"({"name": "n"})", "it has no string 'uuid'"},
      {job(R"("priority": "URGENT")"),
       "its priority \"URGENT\" is not known; known: VERY_LOW, LOW, NORMAL, HIGH, VERY_HIGH"},
      {job(R"("details": {"store": {"x": "\u0000"}})"),
       "a string holds the character U+0000, which Postgres cannot store (at byte 61)"},
      {job(R"("details": {"store": {"x": 1e999}})"), "a number is too large for a double (at byte 59)"},
      {job(R"("details": )" + std::string(1000, '[') + std::string(1000, ']')),
       "it is nested deeper than 256 levels (at byte 293)"},
      {job(R"("uuid": "v")"), "an object has the same key twice (at byte 32)"}};
  for (const auto& [bytes, why] : cases) ensemble.create_sequential("/taskflow/jobs/job", bytes);
  post_create_cluster("job");
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
  until("the board is empty", [&] { return on_board().empty(); });
  REQUIRE(database->trashed_nodes().size() == cases.size());
  CHECK(one.conductor->counters().unreadable.of(runtime::UnreadableKind::Posting) == cases.size());
  auto expected = cases.begin();
  for (const auto& [path, node] : database->trashed_nodes()) {
    CHECK(path.starts_with("/taskflow/jobs/job000000000"));
    CHECK(node.why == "this board node is no job: " + expected->second +
                          "; its bytes are in the board's .trash: post it again as a JSON object with uuid, "
                          "name and details");
    const auto* trashed = ensemble.find("/taskflow/.trash" + path.substr(path.rfind('/')));
    REQUIRE(trashed);
    CHECK(trashed->data.substr(0, 10) == expected->first.substr(0, 10));
    ++expected;
  }
}

TEST_CASE_METHOD(Cluster, "H14: of two nodes with one uuid one is run, the other removed") {
  conductor("a");
  conductor("b");
  auto& w = worker("w1");
  script.held.insert("step-1");
  const std::string json =
      R"({"uuid": "job", "name": "n", "details": {"factory": {"name": "chain", "kwargs": {"length": 1}}}})";
  ensemble.create_sequential("/taskflow/jobs/job", json);
  until("it runs", [&] { return w.holds("step-1"); });
  ensemble.create_sequential("/taskflow/jobs/job", json);
  loop.run_for(Millis{5000});
  CHECK(on_board() == Names{"job0000000000", "job0000000000.lock"});
  w.release("step-1");
  until_ended("job");
  CHECK(script.calls == Names{"step-1"});
  until("the board is empty", [&] { return on_board().empty(); });
}

TEST_CASE_METHOD(Cluster, "H14: a node that replaces a removed one takes its place") {
  conductor("a");
  auto& w = worker("w1");
  script.held.insert("step-1");
  const std::string json =
      R"({"uuid": "job", "name": "n", "details": {"factory": {"name": "chain", "kwargs": {"length": 1}}}})";
  const auto first = ensemble.create_sequential("/taskflow/jobs/job", json);
  until("it runs", [&] { return w.holds("step-1"); });
  ensemble.remove(first);
  until("it is parked", [&] { return conductor("a").conductor->parked().size() == 1; });
  CHECK(conductor("a").conductor->parked()[0].job == JobId("job"));
  CHECK(conductor("a").conductor->parked()[0].name == "n");
  ensemble.create_sequential("/taskflow/jobs/job", json);
  until("it is held again", [&] { return conductor("a").conductor->flow(JobId("job")).has_value(); });
  loop.run_for(Millis{100});
  w.release("step-1");
  until_ended("job");
  CHECK(script.calls == Names{"step-1"});
}

TEST_CASE_METHOD(Cluster, "H14: other content under a known uuid is trashed with the reason") {
  conductor();
  auto& w = worker("w1");
  script.held.insert("step-1");
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  until("it runs", [&] { return w.holds("step-1"); });
  ensemble.create_sequential(
      "/taskflow/jobs/job", R"({"uuid": "job", "name": "other", "details": {"factory": {"name": "chain"}}})");
  until("it is in the trash", [&] { return ensemble.children("/taskflow/.trash").size() == 1; });
  CHECK(database->trashed_nodes().size() == 1);
  w.release("step-1");
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
}

TEST_CASE_METHOD(Cluster, "H30: our lock removed by another's hand: the job is claimed anew") {
  conductor();
  auto& w = worker("w1");
  script.held.insert("step-1");
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  until("it runs", [&] { return w.holds("step-1"); });
  ensemble.remove("/taskflow/jobs/job0000000000.lock");
  until("it is claimed again", [&] { return conductor().conductor->counters().jobs_claimed == 2; });
  loop.run_for(Millis{100});
  w.release("step-1");
  until_ended("job");
  CHECK(script.calls == Names{"step-1"});
}

TEST_CASE_METHOD(Cluster, "jobs are claimed high priority first, then oldest first") {
  bounds.flows_max = 1;
  post("low", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})", Priority::Low);
  post("old", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  post("new", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  post("high", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})", Priority::VeryHigh);
  worker("w1");
  Names order;
  conductor().conductor->feed().subscribe(std::nullopt, [&](const FlowStepped& step) {
    if (order.empty() || order.back() != step.job.value) order.push_back(step.job.value);
  });
  for (const char* job : {"low", "old", "new", "high"}) until_ended(job);
  CHECK(order == Names{"high", "old", "new", "low"});
}

TEST_CASE_METHOD(Cluster, "two conductors share the jobs and lose no claim to each other") {
  conductor("a");
  conductor("b");
  worker("w1", kAllTypes, 100);
  worker("w2", kAllTypes, 100);
  for (int i = 0; i < 60; ++i)
    post("job-" + std::to_string(i), R"({"factory": {"name": "chain", "kwargs": {"length": 2}}})");
  for (int i = 0; i < 60; ++i) until_ended("job-" + std::to_string(i));
  const auto a = conductor("a").conductor->counters(), b = conductor("b").conductor->counters();
  CHECK(a.jobs_claimed + b.jobs_claimed == 60);
  CHECK(a.claims_lost + b.claims_lost == 0);
  CHECK(a.jobs_claimed >= 15);
  CHECK(b.jobs_claimed >= 15);
}

TEST_CASE_METHOD(Cluster, "a conductor at its bound leaves jobs to others") {
  bounds.flows_max = 2;
  auto& w = worker("w1", kAllTypes, 20);
  script.held.insert("step-1");
  conductor("a");
  for (int i = 0; i < 4; ++i)
    post("job-" + std::to_string(i), R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  loop.run_for(Millis{5000});
  CHECK(conductor("a").conductor->flows().size() == 2);
  CHECK(conductor("a").conductor->gauges().claiming_paused == "at the bound of flows held");
  conductor("b");
  until("all four run", [&] { return w.running() == 4; });
  CHECK(conductor("b").conductor->flows().size() == 2);
}
