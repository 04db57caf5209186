#include "engine/graph_reach.h"

#include <algorithm>
#include <unordered_set>

namespace baton::engine {
namespace {

/// Visits what is behind a node, each node once. `enter(node)` returns the node from which to go on, or
/// kNoAtom to stop there.
template <class Enter>
void walk_behind(const PlanData& plan, NodeIndex origin, Enter enter) {
  std::unordered_set<NodeIndex> seen;
  std::vector<NodeIndex> open{origin};
  while (!open.empty()) {
    const NodeIndex node = open.back();
    open.pop_back();
    for (const NodeIndex behind : plan.successors.of(node)) {
      if (!seen.insert(behind).second) continue;
      if (const NodeIndex next = enter(behind); next != kNoAtom) open.push_back(next);
    }
  }
}

/// The children of a graph flow behind one of them, whole.
void add_children_behind(const PlanData& plan, NodeIndex child_end, std::vector<AtomRange>& ranges) {
  walk_behind(plan, child_end, [&](NodeIndex node) -> NodeIndex {
    if (plan.is_end(node)) return kNoAtom;  // the flow's own
    if (plan.is_atom(node)) return ranges.push_back({node, 1}), node;
    const PlanFlow& inside = plan.flows[plan.flow_of_end(node)];
    ranges.push_back({inside.first, inside.count});
    return plan.end_of(plan.flow_of_end(node));
  });
}

}  // namespace

/// From flow to flow outwards: what is behind a child is a range, unless the flow is a graph.
std::vector<AtomRange> all_behind(const PlanData& plan, AtomIndex origin) {
  std::vector<AtomRange> ranges;
  NodeIndex child_end = origin;
  AtomIndex next = origin + 1;  // the first atom behind the child, in the order of definition
  for (FlowIndex at = plan.atoms[origin].flow; at != kNoFlow; at = plan.flows[at].parent) {
    const PlanFlow& flow = plan.flows[at];
    const AtomIndex flow_end = flow.first + flow.count;
    if (child_end == flow.retry || flow.pattern == Pattern::Linear)
      ranges.push_back({next, flow_end - next});
    else if (flow.pattern == Pattern::Graph)
      add_children_behind(plan, child_end, ranges);
    child_end = plan.end_of(at);
    next = flow_end;
  }
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
