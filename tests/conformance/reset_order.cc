#include "tests/conformance/reset_order.h"

#include <map>

#include "engine/plan_data.h"

namespace baton::conformance {
namespace {

using engine::NodeIndex;
using engine::PlanData;

std::vector<AtomIndex> depth_first(const PlanData& plan, AtomIndex origin) {
  std::vector<AtomIndex> atoms;
  std::vector<bool> seen(plan.node_count(), false);
  std::vector<NodeIndex> open{origin};
  while (!open.empty()) {
    const NodeIndex node = open.back();
    open.pop_back();
    if (seen[node]) continue;
    seen[node] = true;
    if (node != origin && plan.is_atom(node)) atoms.push_back(node);
    for (const NodeIndex behind : plan.successors.of(node)) open.push_back(behind);
  }
  return atoms;
}

bool begins_reset(const Fact& fact) {
  const auto* atom = std::get_if<AtomFact>(&fact.body);
  return atom && atom->after.state == AtomState::Retrying;
}

/// The atoms that one fact of a reset takes to PENDING, each with a fact of its own.
bool take_apart(const Fact& fact, std::map<AtomIndex, Fact>& resets) {
  if (const auto* atom = std::get_if<AtomFact>(&fact.body)) {
    if (atom->after.state != AtomState::Pending) return false;
    resets.emplace(atom->atom, fact);
    return true;
  }
  const auto* range = std::get_if<RangeFact>(&fact.body);
  if (!range || !range->reset) return false;
  for (AtomIndex atom = range->first; atom < range->first + range->count; ++atom)
    resets.emplace(atom, Fact{fact.seq, RangeFact{atom, 1, range->intention, true}});
  return true;
}

}  // namespace

std::vector<Fact> in_taskflow_order(const engine::Plan& plan, const std::vector<Fact>& facts) {
  std::vector<Fact> ordered;
  for (std::size_t i = 0; i < facts.size(); ++i) {
    ordered.push_back(facts[i]);
    if (!begins_reset(facts[i])) continue;
    std::map<AtomIndex, Fact> resets;
    while (i + 1 < facts.size() && take_apart(facts[i + 1], resets)) ++i;
    for (const AtomIndex atom : depth_first(plan.data(), std::get<AtomFact>(ordered.back().body).atom))
      if (const auto found = resets.find(atom); found != resets.end()) ordered.push_back(found->second);
  }
  return ordered;
}

}  // namespace baton::conformance
