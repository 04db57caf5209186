#pragma once

#include <optional>
#include <vector>

#include "common/model/fact.h"
#include "engine/plan.h"
#include "tests/conformance/case.h"

namespace baton::conformance {

/// Looks for a POINT among the facts of one engine's life.
class PointWatch {
 public:
  PointWatch(const engine::Plan& plan, std::optional<Point> point);

  /// An atom entered a state. True: that was the point (once in a life).
  bool entered(AtomIndex, AtomState);

 private:
  AtomIndex atom_ = kNoAtom;
  AtomState state_ = AtomState::Pending;
  std::size_t left_ = 0;
};

/// What a case's store holds between the lives of its engines: one record an atom, the flow's state.
struct CaseStore {
  std::vector<AtomRecord> atoms;
  FlowState state = FlowState::Pending;
  std::uint64_t last_seq = 0;

  void apply(const Fact&);
  /// Applies one commit's facts. If the point of the crash is among them, up to and including that one (a
  /// range is cut inside), and returns those that were kept.
  std::optional<std::vector<Fact>> commit(const std::vector<Fact>&, PointWatch& crash);
};

/// Calls visit(atom, state) for each entry of an atom into another state, in order; stops when it says true.
template <class Visit>
bool each_entry(const Fact& fact, const std::vector<AtomRecord>& before, Visit visit) {
  if (const auto* atom = std::get_if<AtomFact>(&fact.body))
    return atom->from != atom->after.state && visit(atom->atom, atom->after.state);
  const auto* range = std::get_if<RangeFact>(&fact.body);
  if (!range || (!range->reset && range->intention != Intention::Ignore)) return false;
  const AtomState state = range->reset ? AtomState::Pending : AtomState::Ignore;
  for (AtomIndex i = range->first; i < range->first + range->count; ++i)
    if (before[i].state != state && visit(i, state)) return true;
  return false;
}

}  // namespace baton::conformance
