/// What the steps of flows write to a FlowDatabase.
#include <algorithm>
#include <map>

#include "common/memory/flow_database.h"
#include "common/model/range_state.h"
#include "common/model/value_border.h"

namespace baton::memory {

using ports::StoreError;
using ports::StoreErrorCode;

namespace {

bool runs(AtomState state) {
  return state == AtomState::Running || state == AtomState::Reverting;
}

}  // namespace

FlowDatabase::Outcome<void> FlowDatabase::append(const ports::StepWrite& write, TimePoint now) {
  const auto found = job_by_flow_.find(write.flow);
  if (found == job_by_flow_.end() || jobs_.at(found->second).summary.epoch != write.epoch)
    return Fail(lost("flow " + write.flow.value.to_string()));
  if (auto refused = unstorable(write)) return Fail(*refused);
  Job& job = jobs_.at(found->second);
  const FoldedStep step = fold(write.facts);
  if (!fits(job, write, step))
    return Fail(
        StoreError{StoreErrorCode::Conflict,
                   "the flow's rows are not as its step found them (a repeated or stale step); nothing of "
                   "it was kept"});
  apply(job, write, step, now);
  return {};
}

/// Every row is as the step has found it.
bool FlowDatabase::fits(const Job& job, const ports::StepWrite& write, const FoldedStep& step) const {
  if (!orders_fit(job, write, step)) return false;
  if (write.plan && job.plan) return false;
  const std::size_t atoms = write.plan ? write.atom_names.size() : job.atoms.size();
  std::map<AtomIndex, std::uint64_t> first_seq;
  for (const Fact& fact : write.facts)
    if (const auto* atom = std::get_if<AtomFact>(&fact.body)) first_seq.try_emplace(atom->atom, fact.seq);
  for (const AtomFact& update : step.atoms) {
    if (update.atom >= atoms) return false;
    const AtomRecord row = write.plan ? AtomRecord() : job.atoms[update.atom].record;
    const std::uint64_t seq = first_seq.at(update.atom);
    const auto state_behind = [&](const std::vector<Fact>& ranges, AtomState state) {
      return state_between(ranges, update.atom, state, row.seq, seq);
    };
    const bool state_fits = row.state == update.from ||
                            state_behind(step.ranges, state_behind(job.ranges, row.state)) == update.from;
    if (!state_fits || row.attempt != update.from_attempt || row.dispatch != update.from_dispatch ||
        row.seq >= seq)
      return false;
  }
  for (const Fact& fact : step.ranges) {
    const auto& range = std::get<RangeFact>(fact.body);
    if (std::size_t{range.first} + range.count > atoms) return false;
    for (const Fact& known : job.ranges)
      if (known.seq == fact.seq) return false;
  }
  if (step.flow.empty()) return true;
  return job.summary.state == std::get<FlowFact>(step.flow.front().body).from &&
         job.last_flow_seq < step.flow.front().seq;
}

std::optional<StoreError> FlowDatabase::unstorable(const ports::StepWrite& write) {
  for (const Fact& fact : write.facts) {
    const auto* atom = std::get_if<AtomFact>(&fact.body);
    if (!atom) continue;
    for (const auto& [bit, value] : {std::pair{kResultChanged, &atom->after.result},
                                     std::pair{kRevertResultChanged, &atom->after.revert_result}}) {
      if ((atom->changed & bit) == 0) continue;
      if (const auto refused = refuse_unstorable(value->json(), kArgumentsBytesMax))
        return StoreError{StoreErrorCode::Unstorable, "a value cannot be stored: " + refused->message,
                          atom->atom};
    }
  }
  return std::nullopt;
}

void FlowDatabase::apply(Job& job, const ports::StepWrite& write, const FoldedStep& step, TimePoint now) {
  if (write.plan) {
    job.plan = write.plan;
    for (const std::string& name : write.atom_names) job.atoms.push_back({name, {}, {}, {}});
    journal(&Journal::atoms_added, job);
  }
  for (const ports::TakenOrder& taken : write.orders) take_order(job, taken, now);
  apply_times(job, write.facts, now);
  for (const AtomFact& atom : step.atoms) apply_atom(job, atom);
  job.ranges.insert(job.ranges.end(), step.ranges.begin(), step.ranges.end());
  for (const Fact& range : step.ranges) journal(&Journal::range_added, job, range);
  if (!step.flow.empty()) apply_flow(job, step.flow, now);
  if (write.plan || !step.flow.empty()) journal(&Journal::job_changed, job);
  for (const Fact& fact : write.facts) tell(job, fact, now);
  add_hook_calls(job, write.hook_calls, now);
}

/// When each atom was started and ended last, by the facts in their order.
void FlowDatabase::apply_times(Job& job, const std::vector<Fact>& facts, TimePoint now) {
  for (const Fact& fact : facts) {
    const auto* one = std::get_if<AtomFact>(&fact.body);
    if (!one) continue;
    Atom& atom = job.atoms[one->atom];
    const bool starts = runs(one->after.state) && one->from != one->after.state;
    if (starts) atom.started_at = now, atom.ended_at.reset();
    if (!runs(one->after.state) && runs(one->from)) atom.ended_at = now;
  }
}

void FlowDatabase::apply_atom(Job& job, const AtomFact& update) {
  Atom& atom = job.atoms[update.atom];
  AtomRecord next = update.after;  // all but the larger fields that did not change
  if (!(update.changed & kResultChanged)) next.result = atom.record.result;
  if (!(update.changed & kFailureChanged)) next.failure = atom.record.failure;
  if (!(update.changed & kRevertResultChanged)) next.revert_result = atom.record.revert_result;
  if (!(update.changed & kRevertFailureChanged)) next.revert_failure = atom.record.revert_failure;
  if (!(update.changed & kHistoryChanged)) next.history = atom.record.history;
  atom.record = std::move(next);
  journal(&Journal::atom_changed, job, update.atom);
}

void FlowDatabase::apply_flow(Job& job, const std::vector<Fact>& flow, TimePoint now) {
  const auto& last = std::get<FlowFact>(flow.back().body);
  job.summary.state = last.state;
  job.summary.failure = last.failure;
  job.summary.updated_at = now;
  job.summary.finished_at = is_final(last.state) ? std::optional(now) : std::nullopt;
  job.last_flow_seq = flow.back().seq;
}

FlowDatabase::Outcome<std::vector<ports::DeliveryRef>> FlowDatabase::settled(
    const std::vector<ports::DeliveryRef>& asked) const {
  std::vector<ports::DeliveryRef> settled;
  for (const auto& delivery : asked) {
    const auto job = job_by_flow_.find(delivery.flow);
    if (job == job_by_flow_.end() || is_settled(jobs_.at(job->second), delivery)) settled.push_back(delivery);
  }
  return settled;
}

bool FlowDatabase::is_settled(const Job& job, const ports::DeliveryRef& delivery) {
  if (is_final(job.summary.state)) return true;
  return std::any_of(job.atoms.begin(), job.atoms.end(), [&](const Atom& atom) {
    const bool later = atom.record.dispatch > delivery.dispatch;
    const bool over = atom.record.dispatch == delivery.dispatch && !runs(atom.record.state);
    return atom.name == delivery.atom && (later || over);
  });
}

}  // namespace baton::memory
