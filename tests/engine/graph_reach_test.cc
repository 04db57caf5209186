#include "engine/graph_reach.h"

#include <random>
#include <set>

#include "bench/flow_shapes.h"
#include "engine/reaches.h"
#include "tests/engine/engine_story.h"

namespace baton::tests {
namespace {

/// The edges followed one by one.
std::set<AtomIndex> followed(const engine::PlanData& plan, AtomIndex origin) {
  std::set<engine::NodeIndex> seen;
  std::vector<engine::NodeIndex> open{origin};
  while (!open.empty()) {
    const engine::NodeIndex node = open.back();
    open.pop_back();
    for (const engine::NodeIndex behind : plan.successors.of(node))
      if (seen.insert(behind).second) open.push_back(behind);
  }
  std::set<AtomIndex> atoms;
  for (const engine::NodeIndex node : seen)
    if (plan.is_atom(node)) atoms.insert(node);
  return atoms;
}

void check_all_behind(const engine::Plan& plan) {
  for (AtomIndex origin = 0; origin < plan.size(); ++origin) {
    INFO("behind " << plan.name(origin));
    std::set<AtomIndex> atoms;
    AtomIndex end = 0;
    for (const engine::AtomRange& range : engine::all_behind(plan.data(), origin)) {
      CHECK((atoms.empty() || range.first > end));  // ascending, and as few as can be
      end = range.first + range.count;
      for (AtomIndex atom = range.first; atom < end; ++atom) atoms.insert(atom);
    }
    CHECK(atoms == followed(plan.data(), origin));
  }
}

}  // namespace

TEST_CASE("what is behind an atom is what its edges lead to, in flows of every shape") {
  for (const bench::Shape& shape : bench::flow_shapes()) {
    INFO(shape.name);
    const auto plan = engine::compile(shape.make(40), {});
    REQUIRE(plan.ok());
    check_all_behind(**plan);
  }
  check_all_behind(*plan_of(R"({"name": "f", "pattern": "graph", "retry": {"policy": "times"}, "nodes": [
      {"task": "step", "name": "late"},
      {"flow": {"name": "g", "pattern": "unordered", "retry": {"policy": "times"}, "nodes": [
          {"task": "step", "name": "a"},
          {"flow": {"name": "h", "pattern": "graph", "nodes": [
              {"task": "step", "name": "b"}, {"flow": {"name": "empty", "pattern": "linear"}},
              {"task": "step", "name": "c"}], "links": [{"from": "c", "to": "empty"}, {"from": "empty", "to": "b"}]}},
          {"task": "step", "name": "d"}]}},
      {"flow": {"name": "i", "pattern": "linear", "nodes": [
          {"task": "step", "name": "e"}, {"task": "step", "name": "k"}]}},
      {"task": "step", "name": "aside"}], "links": [{"from": "g", "to": "i"}, {"from": "i", "to": "late"}]})"));
}

TEST_CASE("a way is found where there is one, and looked for on the smaller side") {
  std::mt19937 random(3);
  for (int round = 0; round < 300; ++round) {
    const std::uint32_t nodes = 2 + static_cast<std::uint32_t>(random() % 9);
    std::vector<std::vector<std::uint32_t>> ahead(nodes), back(nodes);
    std::vector<std::vector<bool>> way(nodes, std::vector<bool>(nodes, false));
    for (std::uint32_t node = 0; node < nodes; ++node) way[node][node] = true;
    for (std::uint32_t links = static_cast<std::uint32_t>(random() % 14); links > 0; --links) {
      const auto from = static_cast<std::uint32_t>(random() % nodes);
      const auto to = static_cast<std::uint32_t>(random() % nodes);
      ahead[from].push_back(to), back[to].push_back(from);
      way[from][to] = true;
    }
    for (std::uint32_t k = 0; k < nodes; ++k)
      for (std::uint32_t i = 0; i < nodes; ++i)
        for (std::uint32_t j = 0; j < nodes; ++j) way[i][j] = way[i][j] || (way[i][k] && way[k][j]);
    std::size_t asked_back = 0;
    const auto each_of = [](const auto& lists, std::size_t& asked) {
      return [&](std::uint32_t node, auto visit) {
        ++asked;
        for (const std::uint32_t next : lists[node]) visit(next);
      };
    };
    std::size_t asked_ahead = 0;
    for (std::uint32_t from = 0; from < nodes; ++from) {
      for (std::uint32_t to = 0; to < nodes; ++to) {
        asked_ahead = asked_back = 0;
        REQUIRE(engine::reaches(from, to, each_of(ahead, asked_ahead), each_of(back, asked_back)) ==
                way[from][to]);
        CHECK(asked_back <= asked_ahead);
        CHECK(asked_ahead <= asked_back + 1);
      }
    }
  }
}

}  // namespace baton::tests
