#include "engine/scope_walk.h"

#include "engine/plan_data.h"
#include "tests/engine/engine_story.h"

namespace baton::tests {
namespace {

/// "name/level name/level …" of the atoms that may provide `x` to an atom.
std::string providers_of_x(const engine::PlanPtr& plan, const std::string& atom) {
  engine::ScopeWalk walk(plan->data(), plan->find(atom), "x");
  std::string text;
  while (const auto candidate = walk.next())
    text += (text.empty() ? "" : " ") + plan->name(candidate->offer.atom) + "/" +
            std::to_string(candidate->level);
  return text;
}

std::string provider(const std::string& name) {
  return R"({"task": "step", "name": ")" + name + R"(", "provides": "x"})";
}

}  // namespace

TEST_CASE("in a linear flow the nearest before an atom comes first, then the flows around it") {
  const auto plan = plan_of(R"({"name": "f", "pattern": "linear", "nodes": [)" + provider("far") + R"(,
      {"flow": {"name": "g", "pattern": "linear", "retry": {"name": "r", "policy": "times", "provides": "x"},
                "nodes": [)" +
                            provider("a") + "," + provider("b") + R"(, {"task": "step", "name": "here"}, )" +
                            provider("behind") + R"(]}}, {"task": "step", "name": "last"}]})");
  CHECK(providers_of_x(plan, "here") == "b/0 a/0 r/0 far/1");
  CHECK(providers_of_x(plan, "a") == "r/0 far/1");
  CHECK(providers_of_x(plan, "r") == "far/1");
  CHECK(providers_of_x(plan, "last") == "behind/0 b/0 a/0 r/0 far/0");
}

TEST_CASE("unordered siblings provide nothing to each other") {
  const auto plan = plan_of(R"({"name": "f", "pattern": "unordered",
      "retry": {"name": "r", "policy": "times", "provides": "x"}, "nodes": [)" +
                            provider("a") + R"(, {"task": "step", "name": "here"}]})");
  CHECK(providers_of_x(plan, "here") == "r/0");
}

TEST_CASE("in a graph flow only what precedes an atom counts, in topological order") {
  const auto plan = plan_of(R"({"name": "f", "pattern": "graph", "nodes": [
      {"task": "step", "name": "here"}, )" +
                            provider("late") + R"(,
      {"flow": {"name": "g", "pattern": "linear", "nodes": [)" +
                            provider("inside") + R"(]}}, )" + provider("aside") +
                            R"(], "links": [{"from": "late", "to": "g"}, {"from": "g", "to": "here"}]})");
  CHECK(providers_of_x(plan, "here") == "inside/0 late/0");
  CHECK(providers_of_x(plan, "inside") == "late/1");
  CHECK(providers_of_x(plan, "aside").empty());
}

}  // namespace baton::tests
