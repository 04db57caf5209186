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
      intentions_(atoms_.size()),
      readiness_(*plan_data_, &intentions_),
      failed_(atoms_.size()) {
  BATON_ASSERT(atoms_.size() == plan_data_->atoms.size());
  read_marks();
  for (AtomIndex atom = 0; atom < atoms_.size(); ++atom) {
    ++counts_[static_cast<std::size_t>(atoms_[atom].state)];
    if (failure_in_force(atoms_[atom])) failed_.insert(atom);
    readiness_.update(atom, atoms_[atom].state, atoms_[atom].intention);
  }
}

/// From the records of a flow that is restored. What is astir between two atoms at rest does not end a range.
void FlowBook::read_marks() {
  AtomIndex first = 0;
  Intentions::Mark mark;
  for (AtomIndex atom = 0; atom < atoms_.size(); ++atom) {
    const AtomRecord& record = atoms_[atom];
    if (record.state != AtomState::Pending) {
      intentions_.stir(atom, record.intention);
      continue;
    }
    const Intentions::Mark its{record.intention, record.seq};
    if (its == mark) continue;
    intentions_.mark(first, atom - first, mark);
    first = atom, mark = its;
  }
  intentions_.mark(first, static_cast<AtomIndex>(atoms_.size()) - first, mark);
}

void FlowBook::write_mark(AtomIndex atom) const {
  const Intentions::Mark& mark = intentions_.mark_of(atom);
  atoms_[atom].intention = mark.intention;
  atoms_[atom].seq = mark.seq;
}

AtomIndex FlowBook::next_success(AtomIndex first, AtomIndex end) const {
  const AtomSet& astir = intentions_.astir();
  AtomIndex each = astir.next(first, end);
  while (each != end && atoms_[each].state != AtomState::Success) each = astir.next(each + 1, end);
  return each;
}

Fact& FlowBook::add_fact() {
  BATON_ASSERT(facts_ != nullptr);
  facts_->push_back({++seq_, {}});
  return facts_->back();
}

void FlowBook::change(AtomIndex index, AtomRecord after, std::uint8_t changed, std::string note) {
  const AtomRecord& before = atom(index);
  BATON_ASSERT(may_move(plan_data_->atoms[index].kind, before.state, after.state));
  BATON_ASSERT(after.attempt >= before.attempt && after.dispatch >= before.dispatch);
  Fact& fact = add_fact();
  after.seq = fact.seq;
  fact.body = AtomFact{index, before.state, before.attempt, before.dispatch, after, changed, std::move(note)};
  store(index, std::move(after));
}

void FlowBook::intend(AtomIndex index, Intention intention) {
  if (atom(index).intention != intention) intend_range(index, 1, intention);
}

/// Nothing would change.
bool FlowBook::all_are(AtomIndex first, AtomIndex count, Intention intention, bool reset) const {
  if (!intentions_.all_have(first, count, intention)) return false;
  if (!reset) return true;
  const AtomIndex end = first + count;
  const AtomSet& astir = intentions_.astir();
  for (AtomIndex each = astir.next(first, end); each != end; each = astir.next(each + 1, end))
    if (atoms_[each].state != AtomState::Pending) return false;
  return true;
}

void FlowBook::intend_range(AtomIndex first, AtomIndex count, Intention intention, bool reset) {
  if (all_are(first, count, intention, reset)) return;
  if (count == 1) return intend_one(first, intention, reset);
  const std::uint64_t seq = add_fact().seq;
  facts_->back().body = RangeFact{first, count, intention, reset};
  const AtomIndex end = first + count;
  // A decider's no changes the state too: nothing rests through it.
  if (intention == Intention::Ignore)
    intentions_.resting().each(
        first, end, [&](AtomIndex resting) { intentions_.stir(resting, atom(resting).intention); });
  intentions_.mark(first, count, {intention, seq});
  intentions_.astir().each(first, end, [&](AtomIndex astir) { intend_astir(astir, intention, reset, seq); });
  if (intention != Intention::Revert) ++intention_epoch_;
  readiness_.marks_changed(first, count);
}

void FlowBook::intend_one(AtomIndex index, Intention intention, bool reset) {
  AtomRecord after = atom(index);
  after.intention = intention;
  after.state = state_after(after.state, intention, reset);
  if (after.state == AtomState::Pending) after.delivery.reset();
  change(index, std::move(after));
}

/// One of a range. What becomes PENDING has come to rest.
void FlowBook::intend_astir(AtomIndex index, Intention intention, bool reset, std::uint64_t seq) {
  AtomRecord& record = atoms_[index];
  const AtomState after = state_after(record.state, intention, reset);
  if (record.state == after && record.intention == intention) {
    record.seq = seq;
    return;
  }
  BATON_ASSERT(may_move(plan_data_->atoms[index].kind, record.state, after));
  AtomRecord changed = record;
  changed.intention = intention;
  changed.state = after;
  if (reset) changed.delivery.reset();
  changed.seq = seq;
  store(index, std::move(changed));
  if (after == AtomState::Pending) intentions_.rest(index);
}

void FlowBook::store(AtomIndex index, AtomRecord after) {
  AtomRecord& record = atoms_[index];
  --counts_[static_cast<std::size_t>(record.state)];
  ++counts_[static_cast<std::size_t>(after.state)];
  if (after.intention != Intention::Revert) {
    if (record.intention != after.intention) ++intention_epoch_;
  }
  record = std::move(after);
  note_failure(index, failure_in_force(record));
  intentions_.stir(index, record.intention);
  readiness_.update(index, record.state, record.intention);
}

void FlowBook::note_failure(AtomIndex atom, bool in_force) {
  if (!in_force && !failed_.contains(atom)) return;
  failures_told_.changed(atom);
  if (in_force)
    failed_.insert(atom);
  else
    failed_.erase(atom);
}

void FlowBook::change_flow(FlowState state, std::string note, std::optional<Failure> failure,
                           std::vector<AtomIndex> kept) {
  BATON_ASSERT(may_move(state_, state));
  Fact& fact = add_fact();
  fact.body = FlowFact{state_, state, std::move(failure), std::move(kept), std::move(note)};
  state_ = state;
}

}  // namespace baton::engine
