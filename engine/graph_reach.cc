#include "engine/graph_reach.h"

#include <algorithm>

namespace baton::engine {
namespace {

/// Visits what is behind an atom, each node once. `enter(node)` returns the node from which to go on, or
/// kNoAtom to stop there.
template <class Enter>
void walk_behind(const PlanData& plan, AtomIndex origin, Enter enter) {
  std::vector<bool> seen(plan.node_count(), false);
  std::vector<NodeIndex> open{origin};
  while (!open.empty()) {
    const NodeIndex node = open.back();
    open.pop_back();
    for (const NodeIndex behind : plan.successors.of(node)) {
      if (seen[behind]) continue;
      seen[behind] = true;
      if (const NodeIndex next = enter(behind); next != kNoAtom) open.push_back(next);
    }
  }
}

}  // namespace

std::vector<AtomRange> all_behind(const PlanData& plan, AtomIndex origin) {
  std::vector<AtomRange> ranges;
  walk_behind(plan, origin, [&](NodeIndex node) -> NodeIndex {
    if (plan.is_atom(node)) {
      ranges.push_back({node, 1});
    } else if (plan.is_start(node)) {  // all of that flow; its inside need not be walked
      const PlanFlow& flow = plan.flows[plan.flow_of_end(node)];
      ranges.push_back({flow.first, flow.count});
      return node + 1;
    }
    return node;
  });
  return joined(std::move(ranges));
}

std::vector<AtomRange> behind_in_flow(const PlanData& plan, AtomIndex origin) {
  std::vector<AtomRange> ranges;
  walk_behind(plan, origin, [&](NodeIndex node) -> NodeIndex {
    if (plan.is_atom(node)) ranges.push_back({node, 1});
    return plan.is_task(node) ? node : kNoAtom;
  });
  return joined(std::move(ranges));
}

std::vector<AtomRange> tasks_next_to(const PlanData& plan, AtomIndex origin) {
  std::vector<AtomRange> ranges;
  for (const NodeIndex node : plan.successors.of(origin))
    if (plan.is_task(node)) ranges.push_back({node, 1});
  return joined(std::move(ranges));
}

std::vector<AtomRange> joined(std::vector<AtomRange> ranges) {
  std::erase_if(ranges, [](const AtomRange& range) { return range.count == 0; });
  std::sort(ranges.begin(), ranges.end(),
            [](const AtomRange& a, const AtomRange& b) { return a.first < b.first; });
  std::vector<AtomRange> joined;
  for (const AtomRange& range : ranges) {
    if (!joined.empty() && joined.back().first + joined.back().count == range.first)
      joined.back().count += range.count;
    else
      joined.push_back(range);
  }
  return joined;
}

}  // namespace baton::engine
