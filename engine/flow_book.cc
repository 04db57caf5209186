#include "engine/flow_book.h"

#include <algorithm>

#include "common/model/assert.h"

namespace baton::engine {
namespace {

bool failure_in_force(const AtomRecord& atom) {
  if (!atom.failure) return false;
  switch (atom.state) {
    case AtomState::Failure:
    case AtomState::Reverting:
    case AtomState::Reverted:
    case AtomState::RevertFailure:
      return true;
    case AtomState::Pending:
    case AtomState::Running:
    case AtomState::Success:
    case AtomState::Retrying:
    case AtomState::Ignore:
      return false;  // left from an earlier execution
  }
  return false;
}

/// What a range fact makes of one atom: the same as at load (common/model apply_ranges).
AtomState state_after(AtomState state, Intention intention, bool reset) {
  if (reset) return AtomState::Pending;
  return intention == Intention::Ignore ? AtomState::Ignore : state;
}

}  // namespace

FlowBook::FlowBook(PlanPtr plan, FlowState state, std::vector<AtomRecord> atoms, std::uint64_t last_seq)
    : plan_(std::move(plan)),
      plan_data_(&plan_->data()),
      state_(state),
      atoms_(std::move(atoms)),
      seq_(last_seq),
      readiness_(*plan_data_) {
  BATON_ASSERT(atoms_.size() == plan_data_->atoms.size());
  for (AtomIndex atom = 0; atom < atoms_.size(); ++atom) {
    ++counts_[static_cast<std::size_t>(atoms_[atom].state)];
    if (failure_in_force(atoms_[atom])) failed_.insert(atom);
    readiness_.update(atom, atoms_[atom].state, atoms_[atom].intention);
  }
}

Fact& FlowBook::add_fact() {
  BATON_ASSERT(facts_ != nullptr);
  facts_->push_back({++seq_, {}});
  return facts_->back();
}

void FlowBook::change(AtomIndex atom, AtomRecord after, std::uint8_t changed, std::string note) {
  const AtomRecord& before = atoms_[atom];
  BATON_ASSERT(may_move(plan_data_->atoms[atom].kind, before.state, after.state));
  BATON_ASSERT(after.attempt >= before.attempt && after.dispatch >= before.dispatch);
  Fact& fact = add_fact();
  after.seq = fact.seq;
  fact.body = AtomFact{atom, before.state, before.attempt, before.dispatch, after, changed, std::move(note)};
  store(atom, std::move(after));
}

void FlowBook::intend(AtomIndex atom, Intention intention) {
  if (atoms_[atom].intention != intention) intend_range(atom, 1, intention);
}

void FlowBook::intend_range(AtomIndex first, AtomIndex count, Intention intention, bool reset) {
  const auto differs = [&](const AtomRecord& atom) {
    return atom.intention != intention || atom.state != state_after(atom.state, intention, reset);
  };
  const auto begin = atoms_.begin() + first;
  if (std::none_of(begin, begin + count, differs)) return;
  if (count == 1) {
    AtomRecord after = atoms_[first];
    after.intention = intention;
    after.state = state_after(after.state, intention, reset);
    if (after.state == AtomState::Pending) after.delivery.reset();
    return change(first, std::move(after));
  }
  const std::uint64_t seq = add_fact().seq;
  facts_->back().body = RangeFact{first, count, intention, reset};
  for (AtomIndex atom = first; atom < first + count; ++atom) {
    if (!differs(atoms_[atom])) {
      atoms_[atom].seq = seq;
      continue;
    }
    AtomRecord after = std::move(atoms_[atom]);
    const AtomState before = after.state;
    after.intention = intention;
    after.state = state_after(before, intention, reset);
    BATON_ASSERT(may_move(plan_data_->atoms[atom].kind, before, after.state));
    if (reset) after.delivery.reset();
    after.seq = seq;
    atoms_[atom].state = before;  // store() counts by it
    store(atom, std::move(after));
  }
}

void FlowBook::store(AtomIndex atom, AtomRecord after) {
  AtomRecord& record = atoms_[atom];
  --counts_[static_cast<std::size_t>(record.state)];
  ++counts_[static_cast<std::size_t>(after.state)];
  if (after.intention != Intention::Revert) {
    if (record.intention != after.intention) ++intention_epoch_;
  }
  record = std::move(after);
  if (failure_in_force(record))
    failed_.insert(atom);
  else if (!failed_.empty())
    failed_.erase(atom);
  readiness_.update(atom, record.state, record.intention);
}

void FlowBook::change_flow(FlowState state, std::string note, std::optional<Failure> failure,
                           std::vector<AtomIndex> kept) {
  BATON_ASSERT(may_move(state_, state));
  Fact& fact = add_fact();
  fact.body = FlowFact{state_, state, std::move(failure), std::move(kept), std::move(note)};
  state_ = state;
}

}  // namespace baton::engine
