#include "engine/plan.h"
#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using Names = std::vector<std::string>;

namespace {

/// Postings of a service that is newer than this conductor (PROTOCOL.md H15).
struct NewerPoster : Cluster {
  NewerPoster() { worker("w1"); }

  std::string left_alone_for() {
    const auto left = conductor().conductor->left_alone();
    return left.size() == 1 ? left[0].reason : std::to_string(left.size()) + " are left alone";
  }
  /// A newer conductor has claimed the job, planned it as a chain, recorded the plan, and is gone.
  void planned_by_a_newer_one(const std::string& path) {
    ports::ClaimRequest request;
    request.new_flow = FlowId(entropy.uuid());
    request.posting = Posting::parse(ensemble.find(path)->data).value();
    request.board_path = path;
    request.board_id = "an earlier board";
    request.lock_czxid = 7;
    request.conductor = Incarnation(entropy.uuid());
    const auto claim = database->claim(request, loop.wall());
    REQUIRE(claim.ok());
    const auto spec = engine::read_flow(*catalogue.build("chain", {}, *Value::parse(R"({"length": 2})")));
    const auto plan = engine::compile(*spec, {});
    REQUIRE(plan.ok());
    ports::StepWrite first{claim->flow, claim->epoch, {}, engine::encode(**plan), {"step-1", "step-2"}};
    REQUIRE(database->append(first, loop.wall()).ok());
  }
};

}  // namespace

TEST_CASE_METHOD(NewerPoster,
                 "H15: a member that this version does not know leaves the job alone, shown by name") {
  const auto [details, why] = GENERATE(table<std::string, std::string>(
      {{R"({"factory": {"name": "chain", "kwargs": {"length": 1}}, "options": {"max_workers": 3}})",
        "details.options: 'max_workers' is not known to this version of the conductor; known: "
        "defer_reverts, never_resolve; it is left to a version that knows it"},
       {R"({"factory": {"name": "chain", "kwargs": {"length": 1}, "version": 2}})",
        "details.factory: 'version' is not known to this version of the conductor; known: name, args, "
        "kwargs; it is left to a version that knows it"},
       {R"({"flow": {"name": "f", "pattern": "linear", "mood": "calm", "nodes": [7]}})",
        "flow: unknown member \"mood\"; known: name, pattern, retry, nodes, links, description\n  hint: it "
        "is "
        "left to a version of the conductor that knows it; if it is misspelt, remove the job and post it "
        "again"},
       {R"({"flow_file": {"name": "f", "version": 2}})",
        "details.flow_file: a stored flow file is written out when it is posted: post it with 'baton post "
        "NAME@VERSION' or POST /v1/jobs, and remove this node"},
       {R"({"flow": {"name": "f", "pattern": "spiral", "nodes": []}})",
        "flow.pattern: unknown value \"spiral\"; known: linear, unordered, graph\n  hint: it is left to a "
        "version of the conductor that knows it; if it is misspelt, remove the job and post it again"}}));
  auto& node = conductor();
  post("job", details);
  loop.run_for(Millis{5'000});
  CHECK(on_board() == Names{"job0000000000"});
  CHECK(state("job") == FlowState::Pending);
  CHECK(left_alone_for() == why);
  CHECK(node.conductor->left_alone()[0].tries >= 2);
  CHECK(script.calls.empty());
}

TEST_CASE_METHOD(NewerPoster,
                 "a stored flow file that is written out runs as it was posted, and says of which version") {
  const auto flow = catalogue.build("chain", {}, *Value::parse(R"({"length": 2})"));
  conductor();
  post("job", R"({"flow_file": {"name": "deploy", "version": 7, "parameters": {}}, "store": {}, "flow": )" +
                  std::string(flow->json()) + "}");
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls == Names{"step-1", "step-2"});
  const auto shown = database->show(JobId("job"));
  REQUIRE(shown.ok());
  CHECK(shown->summary.flow_name == "deploy");
  CHECK(shown->summary.flow_version == 7);
}

TEST_CASE_METHOD(NewerPoster, "members of the poster's own beside ours are no matter") {
  conductor();
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}, "flow_uuid": "u", "ticket": 7})");
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
}

TEST_CASE_METHOD(NewerPoster,
                 "H15: a job that has a plan goes on, whatever this version thinks of its posting") {
  const std::string details = GENERATE(
      R"({"factory": {"name": "chain-v2", "kwargs": {}}})", R"({"factory": "chain"})", R"({"flow": "f"})",
      R"({"flow_file": {"name": "f"}})", R"({"factory": {"name": "chain"}, "options": []})", R"([])",
      R"({"factory": {"name": "chain"}, "options": {"newer": true}})");
  post("job", details);
  planned_by_a_newer_one("/taskflow/jobs/job0000000000");
  conductor();
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls == Names{"step-1", "step-2"});
  until("the board is empty", [&] { return on_board().empty(); });
}

TEST_CASE_METHOD(NewerPoster, "of a planned job's options those that are known hold") {
  post("job", R"({"factory": {"name": "x"}, "options": {"newer": 1, "never_resolve": true}})");
  planned_by_a_newer_one("/taskflow/jobs/job0000000000");
  script.failures["step-1"] = Failure::make("Refused", "no quota");
  conductor();
  until_ended("job");
  CHECK(state("job") == FlowState::Failure);
  CHECK(script.calls == Names{"step-1"});
}

TEST_CASE_METHOD(NewerPoster,
                 "H15: the last conductor that knew the flow is gone: its job goes on, a new one waits") {
  script.takes = Millis{1'000};
  conductor("old");
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 2}}})");
  until("it runs", [&] { return script.count("step-1") == 1; });
  catalogue.lost = {"chain"};
  conductor();
  kill("old", true);
  post("new", R"({"factory": {"name": "chain", "kwargs": {"length": 2}}})");
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls == Names{"step-1", "step-2"});
  CHECK_THAT(left_alone_for(), Catch::StartsWith("no module of this conductor knows the flow 'chain'"));
}

TEST_CASE_METHOD(NewerPoster,
                 "H15: a flow that an old conductor does not know is left to the new one beside it") {
  StoryCatalogue newer;
  catalogue.lost = {"chain"};
  auto& old = conductor("old");
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 2}}})");
  until("the old one leaves it alone", [&] { return old.conductor->left_alone().size() == 1; });
  Node beside(loop, clock, ensemble, broker, database, entropy, newer, "new", bounds);
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls == Names{"step-1", "step-2"});
  CHECK(old.conductor->counters().steps == 0);
}
