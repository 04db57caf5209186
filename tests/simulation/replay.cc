#include "tests/simulation/replay.h"

namespace baton::simulation {

Replay::Replay(engine::PlanPtr plan)
    : plan_(std::move(plan)), before_(plan_->size()), behind_(plan_->size()), atoms_(plan_->size()) {
  for (AtomIndex atom = 0; atom < plan_->size(); ++atom) {
    before_[atom] = plan_->predecessors(atom);
    for (const AtomIndex each : before_[atom]) behind_[each].push_back(atom);
  }
}

void Replay::begin(const AcceptedStep& step) {
  run_ = step.run;
  for (const auto& taken : step.orders)
    if (taken.record.order.kind == OrderKind::Cancel && taken.no_effect.empty())
      cancel_ = taken.record.order, cancelled_run_ = step.run;
}

void Replay::apply(const Fact& fact) {
  if (const auto* atom = std::get_if<AtomFact>(&fact.body))
    atoms_[atom->atom] = atom->after;
  else if (const auto* range = std::get_if<RangeFact>(&fact.body))
    apply(*range);
  else
    flow_ = std::get<FlowFact>(fact.body).state;
}

void Replay::apply(const RangeFact& range) {
  for (AtomIndex atom = range.first; atom < range.first + range.count; ++atom) {
    atoms_[atom].intention = range.intention;
    if (range.reset) atoms_[atom].state = AtomState::Pending;
    if (range.reset) atoms_[atom].delivery.reset();
    if (!range.reset && range.intention == Intention::Ignore) atoms_[atom].state = AtomState::Ignore;
  }
}

}  // namespace baton::simulation
