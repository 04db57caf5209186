#include "engine/deciders.h"

#include <algorithm>
#include <optional>
#include <span>

#include "common/model/assert.h"
#include "engine/python_equality.h"

namespace baton::engine {
namespace {

/// An atom's deciders are those on links into it; the first node of a flow has only the start before it, and
/// stands for the links into that flow.
std::span<const Decider> deciders_of(const PlanData& plan, AtomIndex atom) {
  NodeIndex node = atom;
  for (;;) {
    const auto before = plan.predecessors.of(node);
    if (before.size() != 1 || !plan.is_start(before.front())) break;
    node = before.front();
  }
  const auto [first, last] =
      std::equal_range(plan.deciders.begin(), plan.deciders.end(), Decider{0, node, {}, {}},
                       [](const Decider& a, const Decider& b) { return a.to < b.to; });
  return {first, last};
}

bool abstains(const FlowBook& book, const Decider& decider) {
  return book.plan().is_atom(decider.from) && book.atom(decider.from).state == AtomState::Ignore;
}

/// Where the deciders of one vote come from, those that abstain left out. A join may have a decider for each
/// of the flow's atoms.
class Sources {
 public:
  Sources(const FlowBook& book, std::span<const Decider> deciders) : book_(book), deciders_(deciders) {}

  /// The result of an atom that one of the deciders comes from; null for any other name.
  Value result_of(const std::string& name) {
    const AtomIndex found = book_.plan().find(name);
    if (found == kNoAtom) return {};
    if (nodes_.empty()) collect();
    return std::binary_search(nodes_.begin(), nodes_.end(), found) ? book_.atom(found).result : Value();
  }

 private:
  void collect() {
    for (const Decider& decider : deciders_)
      if (!abstains(book_, decider)) nodes_.push_back(decider.from);
    std::sort(nodes_.begin(), nodes_.end());
  }

  const FlowBook& book_;
  std::span<const Decider> deciders_;
  std::vector<NodeIndex> nodes_;  // ascending; empty until somebody asks
};

std::vector<AtomRange> reached(const PlanData& plan, AtomIndex atom, DeciderDepth depth) {
  switch (depth) {
    case DeciderDepth::All:
      return all_behind(plan, atom);
    case DeciderDepth::Flow:
      return behind_in_flow(plan, atom);
    case DeciderDepth::Neighbors:
      return tasks_next_to(plan, atom);
    case DeciderDepth::Atom:
      return {};
  }
  BATON_ASSERT(false);
  return {};
}

}  // namespace

Vote vote_on(const FlowBook& book, AtomIndex atom) {
  const PlanData& plan = book.plan();
  if (plan.deciders.empty()) return RunIt{};
  const auto deciders = deciders_of(plan, atom);
  Sources sources(book, deciders);
  std::optional<DeciderDepth> widest;
  for (const Decider& decider : deciders) {
    if (abstains(book, decider)) continue;
    bool yes = true;
    switch (decider.when.kind) {
      case When::Kind::Const:
        yes = decider.when.constant;
        break;
      case When::Kind::Raise:
        return Failure::make(std::string(failure_type::kDeciderFailed),
                             "a decider of '" + plan.name(atom) + "' threw");
      case When::Kind::ResultOfEquals:
        yes = equal_as_python(JsonView(sources.result_of(decider.when.result_of)),
                              JsonView(decider.when.equals));
        break;
    }
    if (!yes) widest = widest ? std::min(*widest, decider.depth) : decider.depth;
  }
  if (!widest) return RunIt{};
  return IgnoreIt{reached(plan, atom, *widest)};
}

}  // namespace baton::engine
