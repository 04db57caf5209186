#include "common/model/job.h"
#include "common/model/json_view.h"
#include "tests/engine/engine_story.h"

namespace baton::tests {
namespace {

std::string graph(const std::string& nodes, const std::string& rest = "") {
  return R"({"name": "net", "pattern": "graph", "nodes": [)" + nodes + "]" + rest + "}";
}

/// As posted: so many flows, each the only node of the one around it; the innermost has a task that is given
/// a value of so many levels.
std::string nested_posting(std::size_t flows, std::size_t value_levels) {
  std::string json = std::string(value_levels, '[') + std::string(value_levels, ']');
  json = R"({"task": "step", "name": "t", "inject": {"x": )" + json + "}}";
  for (std::size_t flow = flows; flow > 0; --flow) {
    json = R"({"name": "f)" + std::to_string(flow) + R"(", "pattern": "linear", "nodes": [)" + json + "]}";
    if (flow > 1) json = R"({"flow": )" + json + "}";
  }
  return R"({"uuid": "u", "name": "deep", "details": {"flow": )" + json + "}}";
}

/// "ok", or what was said against it.
std::string posted_and_compiled(const std::string& posting) {
  const auto read = Posting::parse(posting);
  if (!read) return read.error().message;
  const auto found = JsonView(read->details).at("flow");
  const auto flow = engine::read_flow(found->value());
  if (!flow) return flow.error().message;
  const auto plan = engine::compile(*flow, {});
  return plan ? "ok" : plan.error().message;
}

}  // namespace

TEST_CASE("links that form a cycle are told one by one") {
  CHECK(refusal_of(graph(R"({"task": "step", "name": "a", "requires": ["x"], "provides": "y"},
                            {"task": "step", "name": "b", "requires": ["y"], "provides": "x"})")) ==
        "build/DependencyFailure: flow 'net': its links form a cycle\n"
        "  'a' -> 'b', which requires 'y'\n"
        "  'b' -> 'a', which requires 'x'\n"
        "  hint: remove or turn one of these links");
  CHECK(refusal_of(graph(R"({"task": "step", "name": "a"})", R"(, "links": [{"from": "a", "to": "a"}])")) ==
        "build/DependencyFailure: flow 'net': its links form a cycle\n"
        "  'a' -> 'a', a link of the flow\n"
        "  hint: remove or turn one of these links");
}

TEST_CASE("a node outside of the cycle is not told") {
  const std::string refusal = refusal_of(
      graph(R"({"task": "step", "name": "tail"}, {"task": "step", "name": "a"},
                          {"task": "step", "name": "b"}, {"task": "step", "name": "c"})",
            R"(, "links": [{"from": "a", "to": "b"}, {"from": "b", "to": "c"}, {"from": "c", "to": "b"},
                                      {"from": "c", "to": "tail"}])"));
  CHECK(refusal ==
        "build/DependencyFailure: flow 'net': its links form a cycle\n"
        "  'c' -> 'b', a link of the flow\n"
        "  'b' -> 'c', a link of the flow\n"
        "  hint: remove or turn one of these links");
}

TEST_CASE("a symbol with two providers before it is ambiguous") {
  CHECK(
      refusal_of(graph(
          R"({"task": "step", "name": "p1", "provides": "x"}, {"task": "step", "name": "p2", "provides": "x"},
                            {"task": "step", "name": "use", "requires": ["x"]})")) ==
      "build/AmbiguousDependency: flow 'net': task 'use' requires 'x', and more than one node before it "
      "provides "
      "it\n  provided by: 'p1', 'p2'\n"
      "  hint: list only one of them before it, or give its symbol another name and rebind");
}

TEST_CASE("of several mistakes the one is told that was made first") {
  const std::string provided_twice = R"({"task": "step", "name": "a", "provides": "x"},
      {"task": "step", "name": "b", "provides": "x"}, {"task": "step", "name": "c", "requires": ["x"]})";
  const std::string cycle = R"({"task": "step", "name": "d", "requires": ["y"], "provides": "z"},
      {"task": "step", "name": "e", "requires": ["z"], "provides": "y"})";
  const auto graph = [](const std::string& nodes) {
    return R"({"name": "g", "pattern": "graph", "nodes": [)" + nodes + "]}";
  };
  const auto told = [&](const std::string& nodes) { return refusal_of(graph(nodes)).substr(0, 20); };
  CHECK(told(provided_twice + R"(, {"flow": )" + graph(cycle) + "}") == "build/AmbiguousDepen");
  CHECK(told(R"({"flow": )" + graph(cycle) + "}, " + provided_twice) == "build/DependencyFail");
  CHECK(told(cycle + R"(, {"flow": )" + graph(provided_twice) + "}") == "build/DependencyFail");
  CHECK(told(cycle + ", " + provided_twice) == "build/DependencyFail");
  CHECK(told(provided_twice + ", " + cycle) == "build/AmbiguousDepen");
}

TEST_CASE("links name direct children, and a depth goes with a decider") {
  CHECK(refusal_of(graph(R"({"task": "step", "name": "a"}, {"flow": {"name": "g", "pattern": "linear",
                             "nodes": [{"task": "step", "name": "b"}]}})",
                         R"(, "links": [{"from": "a", "to": "b"}])")) ==
        "build/ValueError: flow 'net': the link 'a' -> 'b': 'b' is no direct child of the flow\n"
        "  its children: 'a', 'g'\n  hint: link the flow that it is in, or add it here");
  CHECK(refusal_of(graph(R"({"task": "step", "name": "a"}, {"task": "step", "name": "b"})",
                         R"(, "links": [{"from": "a", "to": "b", "depth": "all"}])")) ==
        "build/ValueError: flow 'net': the link 'a' -> 'b' has a depth but no decider\n"
        "  hint: add \"when\", or leave \"depth\" out");
}

TEST_CASE("names are unique in the whole flow") {
  CHECK(refusal_of(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a"},
      {"flow": {"name": "g", "pattern": "linear", "retry": {"name": "a", "policy": "always_revert"}}}]})") ==
        "compile/Duplicate: flow 'f': the name 'a' is used twice, by a task of flow 'f' and by a retry of "
        "flow 'g'\n"
        "  hint: names of tasks and retries are unique in the whole flow; rename one of them");
}

TEST_CASE("a missing provider is told with what there is, and what to do") {
  CHECK(refusal_of(R"({"name": "order", "pattern": "linear", "nodes": [
      {"task": "step", "name": "load_order", "provides": "order"},
      {"task": "step", "name": "charge_card", "requires": ["order", "invoice"]},
      {"task": "step", "name": "make_invoice", "provides": "invoice"},
      {"task": "step", "name": "mail", "rebind": {"to": "address"}}]})") ==
        "validate/MissingDependencies: flow 'order': 2 arguments have no provider\n"
        "  task 'charge_card' requires 'invoice', but no atom before it provides it\n"
        "    provided before it: 'order' (by 'load_order')\n"
        "    hint: 'make_invoice' provides it: make 'make_invoice' run before it\n"
        "  task 'mail' requires 'address' as its argument 'to', but no atom before it provides it\n"
        "    provided before it: 'invoice' (by 'make_invoice'), 'order' (by 'load_order')\n"
        "    hint: pass 'address' in the store, or add a task that provides it");
  const auto refused = engine::compile(flow_of(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a", "requires": ["z", "b"], "rebind": {"y": "z"}}]})"),
                                       {});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().missing == Names{"b", "y", "z"});
}

TEST_CASE("a retry cannot wait for a node of its own flow") {
  CHECK(refusal_of(graph(R"({"task": "step", "name": "a", "provides": "vs"})",
                         R"(, "retry": {"policy": "parameterized_for_each", "rebind": {"values": "vs"}})")) ==
        "compile/TypeError: flow 'net': its retry 'net_retry' requires 'vs', which only a node of the same "
        "flow "
        "provides\n  hint: a retry runs before its flow: let an atom before the flow provide it, or pass it "
        "in the "
        "store");
}

TEST_CASE("what cannot be undone does not go into a flow that is tried again") {
  CHECK(
      refusal_of(R"({"name": "f", "pattern": "linear", "retry": {"policy": "times", "attempts": 2}, "nodes": [
      {"flow": {"name": "g", "pattern": "linear", "retry": {"policy": "always_revert"},
                "nodes": [{"task": "step", "name": "mail", "irreversible": true}]}}]})") ==
      "compile/Invalid: flow 'f': task 'mail' is irreversible, but retry 'f_retry' around it would have to "
      "revert "
      "it to try again\n  hint: move the task out of the retried flow, behind it");
}

TEST_CASE("members that contradict each other, and names, are refused") {
  CHECK(refusal_of(R"({"name": "f", "pattern": "linear", "nodes": [{"task": "step", "name": ""}]})") ==
        "build/Invalid: flow 'f': a task has no name\n  hint: every task needs one");
  CHECK(refusal_of(R"({"name": "f", "pattern": "linear", "links": [{"from": "a", "to": "b"}]})") ==
        "build/Invalid: flow 'f': it has links, which only graph flows take\n  hint: make its pattern "
        "\"graph\", or "
        "order its nodes by nesting linear and unordered flows");
  CHECK(refusal_of(R"({"name": "f", "pattern": "linear", "retry": {"policy": "times", "values": [1]}})") ==
        "build/Invalid: flow 'f': retry 'f_retry' has \"values\", which only the policy for_each takes\n  "
        "hint: "
        "parameterized_for_each takes the symbol 'values', usually rebound");
  CHECK(refusal_of(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a", "provides": ["x", "x"]}]})") ==
        "build/Invalid: flow 'f': task 'a' provides 'x' twice");
  CHECK(refusal_of(R"({"name": "f", "pattern": "linear", "nodes": [{"task": "step", "name": ")" +
                   std::string(256, 'n') + R"("}]})") ==
        "build/Invalid: flow 'f': the name of a task has 256 bytes, the limit is 255\n  it begins with '" +
            std::string(40, 'n') + "'");
}

TEST_CASE("a refusal holds in parts what its message says: the flows around, the atom, what and a hint") {
  const auto error_of = [](const std::string& json) {
    const auto flow = engine::read_flow(Value::from_stored(json));
    if (!flow) return flow.error();
    const auto plan = engine::compile(*flow, {});
    REQUIRE_FALSE(plan);
    return plan.error();
  };
  const auto inside = [](const std::string& flow) {
    return R"({"name": "it's: out", "pattern": "linear", "nodes": [{"flow": )" + flow + "}]}";
  };

  const auto of_retry = error_of(inside(
      R"({"name": "in", "pattern": "linear", "retry": {"name": "o'r", "policy": "times", "user_policy": "p"}})"));
  CHECK(of_retry.flows == Names{"it's: out", "in"});
  CHECK(of_retry.atom == "o'r");
  CHECK(of_retry.what == "retry 'o'r' has \"user_policy\", which only the policy user takes");
  CHECK(of_retry.hint.empty());
  CHECK(of_retry.message == "flow 'it's: out' > 'in': " + of_retry.what);

  const auto of_flow = error_of(inside(graph("", R"(, "links": [{"from": "a", "to": "b"}])")));
  CHECK(of_flow.flows == Names{"it's: out", "net"});
  CHECK(of_flow.atom.empty());
  CHECK(of_flow.hint == "link the flow that it is in, or add it here");
  CHECK(of_flow.message == "flow 'it's: out' > 'net': " + of_flow.what + "\n  hint: " + of_flow.hint);

  const auto of_task = error_of(graph(R"({"task": "step", "name": "a", "provides": "x"},
      {"task": "step", "name": "b", "provides": "x"}, {"task": "step", "name": "c", "requires": ["x"]})"));
  CHECK(of_task.atom == "c");
  CHECK(of_task.kind == "AmbiguousDependency");

  const auto of_json = error_of(R"({"name": "f", "pattern": "linear", "nodes": 1})");
  CHECK(of_json.flows.empty());
  CHECK(of_json.what == of_json.message);
}

TEST_CASE("a flow as deep as is allowed can be posted") {
  const std::size_t value_levels = kTaskJsonLevels - 1;  // inject is one
  CHECK(posted_and_compiled(nested_posting(kNestingMax, value_levels)) == "ok");
  CHECK_THAT(posted_and_compiled(nested_posting(kNestingMax, value_levels + 1)),
             Catch::Contains("nested deeper than 256 levels"));
  CHECK_THAT(posted_and_compiled(nested_posting(kNestingMax + 1, 1)),
             Catch::StartsWith("flow 'f81' is nested deeper than 80 flows\n  hint: "));
}

TEST_CASE("flows nested too deeply are refused") {
  std::shared_ptr<const engine::FlowSpec> inner;
  for (std::size_t i = 0; i <= kNestingMax; ++i) {
    engine::FlowSpec flow;
    flow.name = "f" + std::to_string(i);
    if (inner) flow.nodes.emplace_back(inner);
    inner = std::make_shared<const engine::FlowSpec>(std::move(flow));
  }
  const auto refused = engine::compile(*inner, {});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message ==
        "flow 'f0' is nested deeper than 80 flows\n  hint: make it flatter: a nested "
        "flow that only groups can go");
}

TEST_CASE("a plan shows what people ask for") {
  const auto plan = plan_of(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "disk", "name": "a"},
      {"flow": {"name": "g", "pattern": "unordered", "retry": {"policy": "always_revert"}, "nodes": [
          {"task": "net", "name": "b"}, {"task": "disk", "name": "c"}]}},
      {"task": "net", "name": "d"}]})");
  CHECK(plan->flow_name() == "f");
  CHECK(plan->size() == 5);
  CHECK(plan->task_types() == Names{"disk", "net"});
  CHECK(plan->scope_of(plan->find("b")) == Names{"f", "g"});
  CHECK(plan->name(1) == "g_retry");
  CHECK(plan->kind(1) == engine::AtomKind::Retry);
  CHECK(plan->predecessors(plan->find("b")) == std::vector<AtomIndex>{1});
  CHECK(plan->predecessors(plan->find("d")) == std::vector<AtomIndex>{2, 3});
  CHECK(plan->find("nobody") == kNoAtom);
}

TEST_CASE("names are told as a terminal may have them") {
  CHECK(
      refusal_of(
          R"({"name": "f\u001b", "pattern": "linear", "nodes": [{"flow": {"name": "g\n", "pattern": "linear",
                "retry": {"name": "r\u007f", "policy": "times", "attempts": 2},
                "nodes": [{"task": "step", "name": "a\u009b", "irreversible": true}]}}]})") ==
      "compile/Invalid: flow 'f?': task 'a?' is irreversible, but retry 'r?' around it would have to "
      "revert it to try again\n  hint: move the task out of the retried flow, behind it");
  const auto lacks = refusal_of(R"({"name": "f\u001b", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a\u0007", "requires": ["s\u0085"]},
      {"task": "step", "name": "b\u0001", "provides": "s\u0085"}]})");
  CHECK_THAT(lacks, Catch::Contains("task 'a?' requires 's?'") && Catch::Contains("'b?' provides it"));
  CHECK(std::none_of(lacks.begin(), lacks.end(), [](unsigned char c) { return c < ' ' && c != '\n'; }));
  CHECK(lacks.find("\xC2\x85") == std::string::npos);
}

}  // namespace baton::tests
