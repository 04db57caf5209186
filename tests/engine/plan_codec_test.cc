#include "engine/plan_data.h"
#include "tests/engine/engine_story.h"

namespace baton::tests {
namespace {

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string refusal(const std::string& bytes) {
  const auto plan = engine::decode(bytes);
  return plan ? "accepted" : plan.error().kind + ": " + plan.error().message;
}

}  // namespace

TEST_CASE("a stored plan is the plan") {
  const auto plan = plan_of(R"({"name": "f", "pattern": "graph", "nodes": [
      {"task": "step", "name": "use", "requires": ["x", "s"], "provides": {"keys": ["k"]}, "inject": {"i": 1.0}},
      {"flow": {"name": "g", "pattern": "linear", "retry": {"policy": "for_each", "values": [1]},
                "nodes": [{"task": "step", "name": "make", "provides": "x"}]}}],
      "links": [{"from": "g", "to": "use", "when": {"const": true}, "depth": "flow"}]})",
                            {{"s", json("1.50")}});
  const std::string bytes = engine::encode(*plan);
  const auto again = engine::decode(bytes);
  REQUIRE(again.ok());
  CHECK(engine::encode(**again) == bytes);
  const auto& data = (*again)->data();
  CHECK(data.store.at("s").json() == "1.50");
  CHECK(data.edges == plan->data().edges);
  CHECK(data.deciders.size() == 1);
  CHECK(data.atoms[0].rank == plan->data().atoms[0].rank);
  CHECK((*again)->task(0).inject.at("i").json() == "1.0");
}

TEST_CASE("a plan of a newer version is refused by name") {
  const std::string bytes = engine::encode(*plan_of("a > b"));
  CHECK(refusal(replaced(bytes, "\"version\": 1", "\"version\": 2")) ==
        "UnknownVersion: the stored plan has version 2; this program knows 1\n  hint: a newer conductor has "
        "compiled it; let one of that version run the job");
}

TEST_CASE("a stored plan that cannot be one is refused") {
  const std::string bytes = engine::encode(*plan_of("a > b"));
  const std::string start = "Invalid: the stored plan cannot be read: ";
  CHECK(refusal("[1]") == start + "it is an array");
  CHECK(refusal("{}") == start + "it has no version");
  CHECK(refusal(bytes.substr(0, 40)) == start + "it ends in the middle of a value");
  CHECK(refusal(replaced(bytes, "\"flow\": 0", "\"flow\": 7")) ==
        start + "plan.atoms.flow: must be a whole number from 0 to 0, not 7");
  CHECK(refusal(replaced(bytes, "\"rank\": 1}", "\"rank\": 0}")) ==
        start + "plan.atoms: two atoms have one rank");
  CHECK(refusal(replaced(bytes, "\"retry\": -1, \"rank\": 0}", "\"retry\": 1, \"rank\": 0}")) ==
        start + "plan.atoms: the retry of an atom is a task");
  CHECK(refusal(replaced(bytes, "\"name\": \"b\"", "\"name\": \"a\"")) == start + "two atoms have one name");
  CHECK(refusal(replaced(bytes, "\"edges\": [", "\"edges\": [99, ")) ==
        start + "plan.edges: must hold pairs of nodes");
  CHECK(refusal(replaced(bytes, "\"edges\": [", "\"edges\": [0, 99, ")) ==
        start + "plan.edges: no node of the plan: 99");
}

}  // namespace baton::tests
