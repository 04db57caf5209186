#include "engine/scope_walk.h"

#include <algorithm>

#include "engine/reaches.h"

namespace baton::engine {

ScopeWalk::ScopeWalk(const PlanData& plan, AtomIndex atom, std::span<const Offer> of_the_symbol)
    : plan_(plan),
      offers_(of_the_symbol),
      flow_(plan.atoms[atom].flow),
      head_(atom),
      rank_(plan.atoms[atom].rank) {
  if (offers_.empty())
    flow_ = kNoFlow;
  else
    enter_level();
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

namespace {

/// Children of one flow are known by their first node.
NodeIndex first_of(const PlanData& plan, NodeIndex last) {
  return plan.is_end(last) ? plan.start_of(plan.flow_of_end(last)) : last;
}
NodeIndex last_of(const PlanData& plan, NodeIndex first) {
  return plan.is_start(first) ? plan.end_of(plan.flow_of_end(first)) : first;
}

bool adjacent(const PlanData& plan, NodeIndex tail, NodeIndex head) {
  const auto behind = plan.successors.of(tail), before = plan.predecessors.of(head);
  return behind.size() < before.size() ? std::find(behind.begin(), behind.end(), head) != behind.end()
                                       : std::find(before.begin(), before.end(), tail) != before.end();
}

}  // namespace

bool ends_before(const PlanData& plan, NodeIndex tail, NodeIndex head) {
  if (adjacent(plan, tail, head)) return true;  // nearly always: the symbol has linked them
  return reaches(
      first_of(plan, tail), head,
      [&](NodeIndex child, auto visit) {
        for (const NodeIndex behind : plan.successors.of(last_of(plan, child)))
          if (!plan.is_end(behind)) visit(behind);  // the end of the flow itself: no child is behind it
      },
      [&](NodeIndex child, auto visit) {
        for (const NodeIndex before : plan.predecessors.of(child))
          if (!plan.is_start(before)) visit(first_of(plan, before));
      });
}

}  // namespace baton::engine
