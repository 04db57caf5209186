#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "engine/plan_data.h"

namespace baton::engine {

/// Walks the atoms that may provide a symbol to an atom, nearest first (semantics.md 12c). Nothing is stored
/// for it: the offers of a symbol are sorted by rank, and every flow, and what stands before an atom in it,
/// is a range of ranks.
class ScopeWalk {
 public:
  struct Candidate {
    Offer offer;
    std::uint32_t level = 0;  // the same for the candidates of one flow; grows from the inside out
  };

  ScopeWalk(const PlanData& plan, AtomIndex atom, std::string_view symbol)
      : ScopeWalk(plan, atom, plan.offers.of(symbol)) {}
  ScopeWalk(const PlanData&, AtomIndex atom, std::span<const Offer> of_the_symbol);
  std::optional<Candidate> next();

 private:
  void enter_level();
  bool runs_before(AtomIndex) const;

  const PlanData& plan_;
  std::span<const Offer> offers_;  // of the symbol
  std::size_t begin_ = 0;          // what is left of this level is [begin_, end_)
  std::size_t end_ = 0;
  FlowIndex flow_;      // this level; kNoFlow: walked through
  NodeIndex head_;      // first node of the child of flow_ that the atom is in
  std::uint32_t rank_;  // of that child
  std::uint32_t level_ = 0;
};

/// Does child `tail` end before child `head` of the same flow starts? Both are given by their last and first
/// node.
bool ends_before(const PlanData&, NodeIndex tail, NodeIndex head);

}  // namespace baton::engine
