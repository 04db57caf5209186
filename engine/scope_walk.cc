#include "engine/scope_walk.h"

#include <algorithm>
#include <unordered_set>

namespace baton::engine {

ScopeWalk::ScopeWalk(const PlanData& plan, AtomIndex atom, std::string_view symbol)
    : plan_(plan), flow_(plan.atoms[atom].flow), head_(atom), rank_(plan.atoms[atom].rank) {
  const auto found = plan.offers.find(symbol);
  if (found == plan.offers.end())
    flow_ = kNoFlow;
  else
    offers_ = found->second, enter_level();
}

void ScopeWalk::enter_level() {
  const auto position = [&](std::uint32_t rank) {
    return static_cast<std::size_t>(
        std::lower_bound(offers_.begin(), offers_.end(), rank,
                         [](const Offer& offer, std::uint32_t value) { return offer.rank < value; }) -
        offers_.begin());
  };
  const PlanFlow& flow = plan_.flows[flow_];
  begin_ = position(flow.rank);
  // Unordered siblings never precede each other: only the flow's retry is before them.
  const bool retry_only = flow.pattern == Pattern::Unordered;
  end_ = position(retry_only ? std::min(rank_, flow.rank + (flow.retry != kNoAtom ? 1u : 0u)) : rank_);
}

std::optional<ScopeWalk::Candidate> ScopeWalk::next() {
  while (flow_ != kNoFlow) {
    while (end_ > begin_) {
      const Offer& offer = offers_[--end_];
      if (runs_before(offer.atom)) return Candidate{offer, level_};
    }
    rank_ = plan_.flows[flow_].rank;
    head_ = plan_.start_of(flow_);
    flow_ = plan_.flows[flow_].parent;
    ++level_;
    if (flow_ != kNoFlow) enter_level();
  }
  return std::nullopt;
}

bool ScopeWalk::runs_before(AtomIndex atom) const {
  const PlanFlow& flow = plan_.flows[flow_];
  if (flow.pattern != Pattern::Graph || atom == flow.retry) return true;
  NodeIndex tail = atom;
  for (FlowIndex inside = plan_.atoms[atom].flow; inside != flow_; inside = plan_.flows[inside].parent)
    tail = plan_.end_of(inside);
  return ends_before(plan_, tail, head_);
}

bool ends_before(const PlanData& plan, NodeIndex tail, NodeIndex head) {
  std::unordered_set<NodeIndex> seen;
  std::vector<NodeIndex> open{head};
  while (!open.empty()) {
    const NodeIndex node = open.back();
    open.pop_back();
    const auto before = plan.predecessors.of(node);
    if (std::find(before.begin(), before.end(), tail) != before.end()) return true;
    for (const NodeIndex end : before) {
      if (plan.is_start(end)) continue;  // of the flow itself: no child is before it
      // Behind a child flow comes what is before its start; its inside does not matter.
      const NodeIndex first = plan.is_end(end) ? plan.start_of(plan.flow_of_end(end)) : end;
      if (seen.insert(first).second) open.push_back(first);
    }
  }
  return false;
}

}  // namespace baton::engine
