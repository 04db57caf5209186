#include "tests/engine/engine_story.h"

namespace baton::tests {
namespace {

std::string refused(const std::string& task_members) {
  return refusal_of(R"({"name": "f", "pattern": "linear", "nodes": [{"task": "step", "name": "a")" +
                    task_members + "}]}");
}

}  // namespace

TEST_CASE("a flow in JSON is read and written with all its members") {
  const std::string text =
      R"({"name": "f", "pattern": "graph", "description": "all of it", )"
      R"("retry": {"name": "r", "policy": "for_each", "values": [1.0, "two"], "revert_all": true, )"
      R"("provides": "v", "requires": ["s"], "rebind": {"t": "s"}, )"
      R"("backoff": {"initial_ms": 10, "factor": 2E0, "cap_ms": 99, "jitter": 5E-1}, "retry_on": ["Full"], "budget_ms": 7, )"
      R"("on_exhausted": "suspend"}, )"
      R"("nodes": [{"task": "cloud.make", "name": "a", "requires": ["v"], "rebind": {"z": "v"}, )"
      R"("revert_requires": ["s"], "provides": ["x", "y"], "inject": {"w": {"deep": [1e2]}}, )"
      R"("labels": {"zone": "north"}, "timeouts": {"schedule_to_start_ms": 1, "start_to_close_ms": 2, )"
      R"("heartbeat_ms": 3, "abandon_after_ms": 4}, "priority": -3, "on_worker_loss": "fail", )"
      R"("max_deliveries": 9, "irreversible": true, "on_revert_failure": "continue", "description": "d"}, )"
      R"({"flow": {"name": "g", "pattern": "linear", "nodes": [{"task": "t", "name": "b", "provides": {"keys": ["k"]}}]}}], )"
      R"("links": [{"from": "a", "to": "g", "when": {"result_of": "a", "equals": null}, "depth": "flow"}]})";
  const auto flow = engine::read_flow(json(text));
  REQUIRE(flow.ok());
  CHECK(engine::write_flow(*flow).json() == text);
}

TEST_CASE("a module's retry in JSON is read and written with all its members") {
  const std::string text = R"({"name": "f", "pattern": "linear", "retry": {"policy": "user", "attempts": 1, )"
                           R"("user_policy": "p", "parameters": {"x": 1.0}}, "nodes": []})";
  const auto flow = engine::read_flow(json(text));
  REQUIRE(flow.ok());
  CHECK(engine::write_flow(*flow).json() == text);
}

TEST_CASE("less than one attempt is one, as in TaskFlow") {
  const auto flow = engine::read_flow(
      json(R"({"name": "f", "pattern": "linear", "retry": {"policy": "times", "attempts": -2}})"));
  REQUIRE(flow.ok());
  CHECK(flow->retry->attempts == 0);
}

TEST_CASE("a decider that does not raise is what else it says") {
  const auto flow = engine::read_flow(json(
      R"({"name": "f", "pattern": "graph", "links": [{"from": "a", "to": "b", "when": {"raise": false, "const": false}}]})"));
  REQUIRE(flow.ok());
  CHECK(flow->links[0].when->kind == engine::When::Kind::Const);
}

TEST_CASE("what is wrong in a flow's JSON is told by its place") {
  CHECK(refusal_of("[]") == "build/Invalid: flow: must be an object, not an array");
  CHECK(refusal_of(R"({"pattern": "linear"})") == "build/Invalid: flow: needs the member \"name\"");
  CHECK(refusal_of(R"({"name": "f"})") == "build/Invalid: flow: needs the member \"pattern\"");
  CHECK(refusal_of(R"({"name": "f", "pattern": "circle"})") ==
        "build/Unsupported: flow.pattern: unknown value \"circle\"; known: linear, unordered, graph");
  CHECK(refusal_of(R"({"name": "f", "pattern": "linear", "node": []})") ==
        "build/Unsupported: flow: unknown member \"node\"; known: name, pattern, retry, nodes, links, "
        "description");
  CHECK(refused(R"(, "retires": 1)")
            .starts_with("build/Unsupported: flow.nodes[0]: unknown member \"retires\"; known: task, "));
  CHECK(refused(R"(, "requires": "x")") ==
        "build/Invalid: flow.nodes[0].requires: must be an array, not a string");
  CHECK(refused(R"(, "requires": ["x", 1])") ==
        "build/Invalid: flow.nodes[0].requires: must be an array of strings; item 1 is a number");
  CHECK(refused(R"(, "rebind": {"x": []})") ==
        "build/Invalid: flow.nodes[0].rebind: must be an object of strings; \"x\" is an array");
  CHECK(refused(R"(, "provides": 7)") ==
        "build/Invalid: flow.nodes[0].provides: must be a name (the whole result), an array of names (by "
        "index) "
        "or {\"keys\": [names]}, not a number");
  CHECK(refused(R"(, "max_deliveries": 0)") ==
        "build/Invalid: flow.nodes[0].max_deliveries: must be a whole number from 1 to 1000000000, not 0");
  CHECK(refused(R"(, "timeouts": {"start_to_close_ms": 0})") ==
        "build/Invalid: flow.nodes[0].timeouts.start_to_close_ms: must be a whole number from 1 to "
        "316224000000, "
        "not 0");
  CHECK(refusal_of(R"({"name": "f", "pattern": "linear", "retry": {"policy": "often"}})") ==
        "build/Unsupported: flow.retry.policy: unknown value \"often\"; known: times, for_each, "
        "parameterized_for_each, always_revert, always_revert_all, timeout, user");
  CHECK(refusal_of(R"({"name": "f", "pattern": "linear", "retry": {"policy": "times", "attempts": 1.5}})") ==
        "build/Invalid: flow.retry.attempts: must be a whole number from -2147483648 to 2147483647, not 1.5");
  CHECK(refusal_of(R"({"name": "f", "pattern": "linear", "retry": {"policy": "timeout", "attempts": -1}})") ==
        "build/Invalid: flow.retry.attempts: must be a whole number from 0 to 2147483647, not -1");
  CHECK(
      refusal_of(
          R"({"name": "f", "pattern": "graph", "links": [{"from": "a", "to": "b", "when": {"raise": 1}}]})") ==
      "build/Invalid: flow.links[0].when.raise: must be a boolean, not a number");
  CHECK(
      refusal_of(
          R"({"name": "f", "pattern": "linear", "retry": {"policy": "times", "backoff": {"initial_ms": 1, "jitter": 2}}})") ==
      "build/Invalid: flow.retry.backoff.jitter: must be from 0 to 1, not 2");
  CHECK(
      refusal_of(
          R"({"name": "f", "pattern": "graph", "links": [{"from": "a", "to": "b", "when": {"equals": 1}}]})") ==
      "build/Invalid: flow.links[0].when: must be {\"result_of\": atom, \"equals\": value}, {\"const\": "
      "boolean} "
      "or {\"raise\": true}");
}

TEST_CASE("no time of a task may be zero, and none is a text") {
  for (const std::string time :
       {"schedule_to_start_ms", "start_to_close_ms", "heartbeat_ms", "abandon_after_ms"}) {
    const std::string start = "build/Invalid: flow.nodes[0].timeouts." + time + ": must be a ";
    CHECK(refused(R"(, "timeouts": {")" + time + R"(": 0})") ==
          start + "whole number from 1 to 316224000000, not 0");
    CHECK(refused(R"(, "timeouts": {")" + time + R"(": "1s"})") == start + "number, not a string");
  }
  CHECK(refused(R"(, "timeouts": 5)") ==
        "build/Invalid: flow.nodes[0].timeouts: must be an object, not a number");
}

TEST_CASE("members of the wrong type are told, of tasks and of retries") {
  const std::string task = "build/Invalid: flow.nodes[0].";
  CHECK(refused(R"(, "irreversible": 1)") == task + "irreversible: must be a boolean, not a number");
  CHECK(refused(R"(, "priority": "high")") == task + "priority: must be a number, not a string");
  CHECK(refused(R"(, "labels": ["zone"])") == task + "labels: must be an object, not an array");
  CHECK(refused(R"(, "inject": [1])") == task + "inject: must be an object, not an array");
  CHECK(
      refused(R"(, "on_revert_failure": "ignore")") ==
      "build/Unsupported: flow.nodes[0].on_revert_failure: unknown value \"ignore\"; known: stop, continue");
  CHECK(refused(R"(, "on_worker_loss": "retry")") ==
        "build/Unsupported: flow.nodes[0].on_worker_loss: unknown value \"retry\"; known: redeliver, fail");
  const auto retry = [](const std::string& members) {
    return refusal_of(R"({"name": "f", "pattern": "linear", "retry": {"policy": "times", )" + members + "}}");
  };
  const std::string start = "build/Invalid: flow.retry.";
  CHECK(retry(R"("retry_on": "Full")") == start + "retry_on: must be an array, not a string");
  CHECK(retry(R"("values": "ab")") == start + "values: must be an array, not a string");
  CHECK(retry(R"("revert_all": "yes")") == start + "revert_all: must be a boolean, not a string");
  CHECK(retry(R"("attempts": "3")") == start + "attempts: must be a number, not a string");
  CHECK(retry(R"("budget_ms": "1h")") == start + "budget_ms: must be a number, not a string");
  CHECK(retry(R"("backoff": 5)") == start + "backoff: must be an object, not a number");
  CHECK(retry(R"("backoff": {})") == start + "backoff: needs the member \"initial_ms\"");
  CHECK(retry(R"("backoff": {"initial_ms": 0})") ==
        start + "backoff.initial_ms: must be a whole number from 1 to 316224000000, not 0");
  CHECK(retry(R"("backoff": {"initial_ms": 5, "cap_ms": 0})") ==
        start + "backoff.cap_ms: must be a whole number from 1 to 316224000000, not 0");
  CHECK(retry(R"("backoff": {"initial_ms": 5, "factor": 0.5})") ==
        start + "backoff.factor: must be from 1 to 1000, not 0.5");
}

}  // namespace baton::tests
