#include "engine/plan_data.h"

#include <algorithm>

#include "common/model/assert.h"

namespace baton::engine {
namespace {

Adjacency adjacency(std::size_t nodes, const std::vector<Edge>& edges, NodeIndex Edge::*key,
                    NodeIndex Edge::*other) {
  Adjacency rows;
  rows.first.assign(nodes + 1, 0);
  for (const Edge& edge : edges) ++rows.first[edge.*key + 1];
  for (std::size_t node = 0; node < nodes; ++node) rows.first[node + 1] += rows.first[node];
  rows.to.resize(edges.size());
  std::vector<std::uint32_t> next(rows.first.begin(), rows.first.end() - 1);
  for (const Edge& edge : edges) rows.to[next[edge.*key]++] = edge.*other;
  return rows;
}

void index_offers(PlanData& plan) {
  std::vector<AtomIndex> by_rank(plan.atoms.size());
  for (AtomIndex atom = 0; atom < plan.atoms.size(); ++atom) by_rank[plan.atoms[atom].rank] = atom;
  for (const AtomIndex atom : by_rank) {
    const Provides& provides = plan.provides(atom);
    for (std::uint32_t item = 0; item < provides.symbols.size(); ++item)
      plan.offers[provides.symbols[item]].push_back({plan.atoms[atom].rank, atom, item});
  }
}

}  // namespace

const std::string& PlanData::name(AtomIndex atom) const {
  const PlanAtom& entry = atoms[atom];
  return entry.kind == AtomKind::Task ? tasks[entry.spec].name : retries[entry.spec].name;
}

const Provides& PlanData::provides(AtomIndex atom) const {
  const PlanAtom& entry = atoms[atom];
  return entry.kind == AtomKind::Task ? tasks[entry.spec].provides : retries[entry.spec].provides;
}

bool index_plan(PlanData& plan) {
  plan.successors = adjacency(plan.node_count(), plan.edges, &Edge::first, &Edge::second);
  plan.predecessors = adjacency(plan.node_count(), plan.edges, &Edge::second, &Edge::first);
  std::stable_sort(plan.deciders.begin(), plan.deciders.end(),
                   [](const Decider& a, const Decider& b) { return a.to < b.to; });
  plan.has_irreversible = std::any_of(plan.tasks.begin(), plan.tasks.end(),
                                      [](const TaskSpec& task) { return task.irreversible; });
  index_offers(plan);
  plan.names.reserve(plan.atoms.size());
  bool unique = true;
  for (AtomIndex atom = 0; atom < plan.atoms.size(); ++atom)
    unique = plan.names.emplace(plan.name(atom), atom).second && unique;
  return unique;
}

}  // namespace baton::engine
