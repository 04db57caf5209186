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

/// The result of an atom that one of these deciders comes from; null for any other name.
Value seen_result(const FlowBook& book, std::span<const Decider> deciders, const std::string& name) {
  const AtomIndex found = book.plan().find(name);
  if (found == kNoAtom) return {};
  const bool is_source = std::any_of(deciders.begin(), deciders.end(), [&](const Decider& decider) {
    return decider.from == found && !abstains(book, decider);
  });
  return is_source ? book.atom(found).result : Value();
}

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
        yes = equal_as_python(JsonView(seen_result(book, deciders, decider.when.result_of)),
                              JsonView(decider.when.equals));
        break;
    }
    if (!yes) widest = widest ? std::min(*widest, decider.depth) : decider.depth;
  }
  if (!widest) return RunIt{};
  return IgnoreIt{reached(plan, atom, *widest)};
}

}  // namespace baton::engine
