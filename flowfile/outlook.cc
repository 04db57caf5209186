#include "flowfile/outlook.h"

#include <algorithm>

#include "engine/plan_data.h"

namespace baton::flowfile {
namespace {

using engine::NodeIndex;
using engine::PlanData;

/// Of each node, how many tasks stand on the longest way to it, itself included.
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

std::vector<std::vector<AtomIndex>> steps_of(const engine::Plan& plan) {
  const auto depths = task_depths(plan.data());
  std::vector<std::vector<AtomIndex>> steps;
  for (AtomIndex atom = 0; atom < plan.size(); ++atom) {
    if (plan.kind(atom) != engine::AtomKind::Task) continue;
    if (steps.size() < depths[atom]) steps.resize(depths[atom]);
    steps[depths[atom] - 1].push_back(atom);
  }
  return steps;
}

AtomIndex asked_by(const engine::Plan& plan, AtomIndex atom) {
  return plan.data().atoms[atom].retry;
}

std::vector<AtomIndex> reverted_by(const engine::Plan& plan, AtomIndex retry) {
  const auto& data = plan.data();
  const auto& flow = data.flows[data.atoms[retry].flow];
  const auto depths = task_depths(data);
  std::vector<AtomIndex> tasks;
  for (AtomIndex atom = flow.first; atom < flow.first + flow.count; ++atom)
    if (data.is_task(atom)) tasks.push_back(atom);
  std::stable_sort(tasks.begin(), tasks.end(),
                   [&](AtomIndex a, AtomIndex b) { return depths[a] > depths[b]; });
  return tasks;
}

std::vector<AtomIndex> tasks_before(const engine::Plan& plan, AtomIndex atom) {
  const auto& data = plan.data();
  std::vector<bool> seen(data.node_count(), false);
  std::vector<NodeIndex> waiting{atom};
  std::vector<AtomIndex> tasks;
  while (!waiting.empty()) {
    const NodeIndex node = waiting.back();
    waiting.pop_back();
    for (const NodeIndex before : data.predecessors.of(node)) {
      if (seen[before]) continue;
      seen[before] = true;
      waiting.push_back(before);
      if (data.is_task(before)) tasks.push_back(before);
    }
  }
  std::sort(tasks.begin(), tasks.end());
  return tasks;
}

}  // namespace baton::flowfile
