#include "flowfile/outlook.h"

#include <algorithm>
#include <unordered_set>

#include "engine/plan_data.h"

namespace baton::flowfile {
namespace {

using engine::NodeIndex;
using engine::PlanData;

std::vector<std::uint32_t> task_depths(const PlanData& plan) {
  std::vector<std::uint32_t> depths(plan.node_count(), 0), waiting(plan.node_count(), 0);
  std::vector<NodeIndex> ready;
  for (NodeIndex node = 0; node < plan.node_count(); ++node) {
    waiting[node] = static_cast<std::uint32_t>(plan.predecessors.of(node).size());
    if (waiting[node] == 0) ready.push_back(node);
  }
  while (!ready.empty()) {
    const NodeIndex node = ready.back();
    ready.pop_back();
    depths[node] += plan.is_task(node) ? 1 : 0;
    for (const NodeIndex next : plan.successors.of(node)) {
      depths[next] = std::max(depths[next], depths[node]);
      if (--waiting[next] == 0) ready.push_back(next);
    }
  }
  return depths;
}

}  // namespace

Outlook::Outlook(const engine::Plan& plan) : plan_(plan.data()), depths_(task_depths(plan_)) {}

std::vector<std::vector<AtomIndex>> Outlook::steps() const {
  std::vector<std::vector<AtomIndex>> steps;
  for (AtomIndex atom = 0; atom < plan_.atoms.size(); ++atom) {
    if (!plan_.is_task(atom)) continue;
    if (steps.size() < depths_[atom]) steps.resize(depths_[atom]);
    steps[depths_[atom] - 1].push_back(atom);
  }
  return steps;
}

AtomIndex Outlook::asked_by(AtomIndex atom) const {
  return plan_.atoms[atom].retry;
}

std::vector<AtomIndex> Outlook::reverted_by(AtomIndex retry) const {
  const auto& flow = plan_.flows[plan_.atoms[retry].flow];
  std::vector<AtomIndex> tasks;
  for (AtomIndex atom = flow.first; atom < flow.first + flow.count; ++atom)
    if (plan_.is_task(atom)) tasks.push_back(atom);
  std::stable_sort(tasks.begin(), tasks.end(),
                   [&](AtomIndex a, AtomIndex b) { return depths_[a] > depths_[b]; });
  return tasks;
}

std::vector<AtomIndex> Outlook::tasks_before(AtomIndex atom) const {
  std::unordered_set<NodeIndex> seen;  // often few of the plan's nodes
  std::vector<NodeIndex> waiting{atom};
  std::vector<AtomIndex> tasks;
  while (!waiting.empty()) {
    const NodeIndex node = waiting.back();
    waiting.pop_back();
    for (const NodeIndex before : plan_.predecessors.of(node)) {
      if (!seen.insert(before).second) continue;
      waiting.push_back(before);
      if (plan_.is_task(before)) tasks.push_back(before);
    }
  }
  std::sort(tasks.begin(), tasks.end());
  return tasks;
}

}  // namespace baton::flowfile
