#include "tests/conformance/case_store.h"

#include <algorithm>

namespace baton::conformance {

PointWatch::PointWatch(const engine::Plan& plan, std::optional<Point> point) {
  if (!point) return;
  atom_ = plan.find(point->atom);
  state_ = point->state;
  left_ = point->nth;
}

bool PointWatch::entered(AtomIndex atom, AtomState state) {
  return left_ > 0 && atom == atom_ && state == state_ && --left_ == 0;
}

void CaseStore::apply(const Fact& fact) {
  if (const auto* atom = std::get_if<AtomFact>(&fact.body)) {
    atoms[atom->atom] = atom->after;
  } else if (const auto* flow = std::get_if<FlowFact>(&fact.body)) {
    state = flow->state;
  } else {
    apply_ranges(atoms, {fact});
  }
  last_seq = std::max(last_seq, fact.seq);
}

std::optional<std::vector<Fact>> CaseStore::commit(const std::vector<Fact>& facts, PointWatch& crash) {
  std::vector<Fact> kept;
  for (const Fact& fact : facts) {
    kept.push_back(fact);
    AtomIndex last = kNoAtom;
    const bool reached = each_entry(fact, atoms, [&](AtomIndex atom, AtomState entered) {
      last = atom;
      return crash.entered(atom, entered);
    });
    if (reached)
      if (auto* range = std::get_if<RangeFact>(&kept.back().body)) range->count = last - range->first + 1;
    apply(kept.back());
    if (reached) return kept;
  }
  return std::nullopt;
}

}  // namespace baton::conformance
