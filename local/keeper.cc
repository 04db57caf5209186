#include "local/keeper.h"

namespace baton::local {
namespace {

bool runs(AtomState state) {
  return state == AtomState::Running || state == AtomState::Reverting;
}

}  // namespace

void MemoryKeeper::keep(ports::StepWrite write, Done done) {
  if (write.plan) {
    atoms_.resize(write.atom_names.size());
    for (std::size_t i = 0; i < atoms_.size(); ++i) {
      atoms_[i].index = static_cast<AtomIndex>(i);
      atoms_[i].name = std::move(write.atom_names[i]);
    }
  }
  const TimePoint now = clock_.wall();
  for (const Fact& fact : write.facts) {
    if (const auto* atom = std::get_if<AtomFact>(&fact.body)) {
      apply(*atom, now);
    } else if (const auto* range = std::get_if<RangeFact>(&fact.body)) {
      apply(*range);
    } else {
      const auto& flow = std::get<FlowFact>(fact.body);
      state_ = flow.state;
      failure_ = flow.failure;
    }
  }
  done({});
}

void MemoryKeeper::apply(const AtomFact& fact, TimePoint now) {
  ports::AtomView& atom = atoms_[fact.atom];
  if (runs(fact.after.state) && fact.from != fact.after.state) atom.started_at = now, atom.ended_at.reset();
  if (!runs(fact.after.state) && runs(fact.from)) atom.ended_at = now;
  atom.record = fact.after;
}

void MemoryKeeper::apply(const RangeFact& range) {
  for (AtomIndex atom = range.first; atom < range.first + range.count; ++atom) {
    AtomRecord& record = atoms_[atom].record;
    record.intention = range.intention;
    if (range.reset) record.state = AtomState::Pending;
    if (range.intention == Intention::Ignore) record.state = AtomState::Ignore;
  }
}

}  // namespace baton::local
