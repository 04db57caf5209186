#include "common/modules/module_set.h"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "common/modules/sink.h"

using namespace baton;
using namespace baton::modules;

namespace {

std::string file(const std::string& name) {
  return std::string(BATON_TEST_MODULES) + "/" + name + ".so";
}

std::string refusal_of(ModuleSet& set, const std::string& path) {
  const auto loaded = set.load(path);
  return loaded.ok() ? "loaded" : loaded.error().message;
}

Value json(const std::string& text) {
  auto value = Value::parse(text);
  REQUIRE(value.ok());
  return value.value();
}

ModuleSet story() {
  ModuleSet set;
  const auto loaded = set.load(file("story_module"));
  INFO((loaded.ok() ? std::string() : loaded.error().message));
  REQUIRE(loaded.ok());
  return set;
}

}  // namespace

TEST_CASE("a module's task types and flows are known by name") {
  const ModuleSet set = story();
  REQUIRE(set.tasks().count("echo") == 1);
  CHECK(set.tasks().find("echo")->second.module == "tests.story");
  CHECK(set.tasks().find("echo")->second.version == "1.2");
  CHECK(set.knows_flow("cluster"));
  const auto flows = set.flows();
  REQUIRE(flows.size() == 2);
  CHECK(flows[0].name == "cluster");
  CHECK(flows[0].description == "nodes, then their configuration");
  CHECK(flows[0].parameters.tree().as_array()[0].as_object().at("description") == "host names");
}

TEST_CASE("a flow factory gives the flow in the format's shape with Baton's members") {
  const auto flow = story().build_flow("cluster", json(R"([["a"]])"), {});
  REQUIRE(flow.ok());
  const auto expected = boost::json::parse(R"({"name": "cluster", "pattern": "graph",
    "nodes": [
      {"flow": {"name": "nodes", "pattern": "unordered", "nodes": [
        {"flow": {"name": "add-a", "pattern": "linear",
          "retry": {"policy": "times", "attempts": 3, "revert_all": true, "retry_on": ["QuotaExceeded"],
                    "backoff": {"initial_ms": 100, "factor": 2.0, "jitter": 0.0, "cap_ms": 1000}},
          "nodes": [
            {"task": "echo", "name": "create-a", "requires": ["hostname", "image"], "inject": {"hostname": "a"},
             "provides": "server_a", "labels": {"zone": "eu"}, "timeouts": {"start_to_close_ms": 5000},
             "priority": 3},
            {"task": "echo", "name": "wait-a", "rebind": {"server": "server_a"}, "on_worker_loss": "fail"}]}}]}},
      {"task": "echo", "name": "configure"}],
    "links": [{"from": "nodes", "to": "configure", "when": {"const": true}, "depth": "flow"}]})");
  CHECK(flow->tree() == expected);
}

TEST_CASE("a flow that cannot be built says why") {
  const ModuleSet set = story();
  const auto unknown = set.build_flow("destroy-cluster", {}, {});
  REQUIRE_FALSE(unknown.ok());
  CHECK(unknown.error().kind == FlowRefusal::Kind::UnknownFlow);
  CHECK(unknown.error().message ==
        "flow 'destroy-cluster' is in no module that is loaded here\n  known: cluster, refuse\n"
        "  hint: add its module to the settings, or correct the name");

  const auto missing = set.build_flow("cluster", {}, {});
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().kind == FlowRefusal::Kind::Refused);

  const auto refused = set.build_flow("refuse", {}, {});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().kind == FlowRefusal::Kind::Refused);
  CHECK(refused.error().message == "flow 'refuse' of module 'tests.story' (" + file("story_module") +
                                       ") could not be built: TooFew: a cluster has at least one node\n"
                                       "  given: {}");
}

TEST_CASE("a file that is no usable module is refused with what to do") {
  using Catch::Contains;
  using Catch::StartsWith;
  ModuleSet set = story();
  CHECK_THAT(refusal_of(set, "/nowhere/x.so"),
             StartsWith("module /nowhere/x.so: cannot be loaded: ") && Contains("hint: check the path"));
  CHECK_THAT(
      refusal_of(set, file("broken_no_entry")),
      Contains("no Baton module: it has no symbol 'baton_module'") && Contains("hint: write BATON_MODULE"));
  CHECK_THAT(refusal_of(set, file("broken_old_abi")),
             Contains("built for ABI 77") && Contains("hint: build it again"));
  CHECK_THAT(refusal_of(set, file("broken_definition_throws")),
             Contains("its definition failed: no licence file"));
  CHECK_THAT(refusal_of(set, file("broken_same_names")),
             Contains("declares the task type 'echo', which module 'tests.story' has already"));
  CHECK(set.tasks().size() == 7);  // nothing of a refused module is kept
}

TEST_CASE("what a module's code gives back is checked at the border") {
  using Call = std::pair<int, const char*>;
  const auto outcome = [](const std::vector<Call>& calls) {
    Sink sink(16);
    const baton_sink abi = sink.abi();
    for (const auto& [failed, text] : calls) abi.write(abi.host, failed, bytes_of(text));
    return std::move(sink).outcome();
  };
  const auto failure = [](const std::variant<Value, Failure>& what) { return std::get<Failure>(what); };
  CHECK(std::get<Value>(outcome({Call{0, "[1]"}})).json() == "[1]");
  CHECK(failure(outcome({})).message == "the module's code returned without a result and without a failure");
  CHECK(failure(outcome({Call{0, "1"}, Call{0, "2"}})).type == "BadResult");
  CHECK_THAT(
      failure(outcome({Call{0, "[1"}})).message,
      Catch::StartsWith("the result cannot be kept: it ends in the middle of a value (at byte 2)\n  hint: "));
  CHECK_THAT(failure(outcome({Call{0, "\"12345678901234567890\""}})).message,
             Catch::StartsWith(
                 "the result cannot be kept: it has 22 bytes, the limit is 16 (at byte 16)\n  hint: "));
  CHECK(failure(outcome({Call{1, R"({"type": "Full", "message": "m", "details": 1})"}})) ==
        Failure{"Full", "m", Value::of_number(1)});
  CHECK(failure(outcome({Call{1, "{"}})).type == "BadResult");
}
