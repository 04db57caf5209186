#include "common/memory/flow_database.h"

#include <algorithm>

#include "common/model/value_border.h"
#include "common/ports/history_data.h"
#include "common/ports/job_content.h"

namespace baton::memory {

using ports::ClaimOutcome;
using ports::ClaimRequest;
using ports::ClaimVerdict;
using ports::StoreError;
using ports::StoreErrorCode;

namespace {

bool runs(AtomState state) {
  return state == AtomState::Running || state == AtomState::Reverting;
}

/// A reset over a range that came after the row and before the step's own fact: the atom is PENDING again.
bool was_reset(const std::vector<Fact>& ranges, AtomIndex atom, std::uint64_t after, std::uint64_t before) {
  return std::any_of(ranges.begin(), ranges.end(), [&](const Fact& fact) {
    const auto& range = std::get<RangeFact>(fact.body);
    return range.reset && fact.seq > after && fact.seq < before && atom >= range.first &&
           atom - range.first < range.count;
  });
}

StoreError lost(const std::string& what) {
  return {StoreErrorCode::ClaimLost, what + " has been claimed by another conductor"};
}

}  // namespace

Epoch FlowDatabase::epoch_of(const ClaimRequest& request) {
  const std::uint32_t generation = generation_of(request.board_id, 0);
  auto& height = heights_[generation];
  height = std::max(height, request.lock_czxid);
  journal(&Journal::standing_changed, {StandingRow::Kind::Height, std::to_string(generation), height, {}});
  return {generation, request.lock_czxid};
}

std::uint32_t FlowDatabase::generation_of(const std::string& board_id, std::uint32_t noted) {
  auto& generation = generations_[{board_id, origin_}];
  if (generation == 0 || generation < noted) {
    generation = last_generation_ = std::max(last_generation_, noted) + 1;
    journal(&Journal::standing_changed, {StandingRow::Kind::Generation, board_id, generation, {}});
  }
  return generation;
}

FlowDatabase::Outcome<ports::BoardStanding> FlowDatabase::meet_board(const std::string& board_id,
                                                                     std::uint32_t noted) {
  const std::uint32_t generation = generation_of(board_id, noted);
  return ports::BoardStanding{generation, heights_[generation], marks_[{board_id, origin_}]};
}

FlowDatabase::Outcome<void> FlowDatabase::mark_board(const std::string& board_id, std::int32_t version) {
  auto& marked = marks_[{board_id, origin_}];
  marked = std::max(marked, version);
  journal(&Journal::standing_changed, {StandingRow::Kind::Mark, board_id, marked, {}});
  return {};
}

FlowDatabase::Outcome<ports::SweepTurn> FlowDatabase::take_sweep(const ports::Sweep& sweep, TimePoint now) {
  auto& turn = sweeps_[{sweep.generation, sweep.folder}];
  if (turn.over) return ports::SweepTurn::Over;
  if (turn.sweeper != sweep.sweeper && now < turn.until) return ports::SweepTurn::Anothers;
  turn.sweeper = sweep.sweeper;
  turn.until = now + ports::kSweepLease;
  journal_turn(sweep, turn);
  return ports::SweepTurn::Ours;
}

FlowDatabase::Outcome<void> FlowDatabase::end_sweep(const ports::Sweep& sweep, TimePoint) {
  auto& turn = sweeps_[{sweep.generation, sweep.folder}];
  if (turn.sweeper == sweep.sweeper) turn.over = true;
  journal_turn(sweep, turn);
  return {};
}

void FlowDatabase::go_back_to(const FlowDatabase& then) {
  const std::uint32_t origin = origin_;
  auto listeners = std::move(order_listeners_);
  *this = then;
  order_listeners_ = std::move(listeners);
  origin_ = origin;
  become_another();
}

FlowDatabase::Job& FlowDatabase::job_of(const ClaimRequest& request, TimePoint now) {
  const auto [at, fresh] = jobs_.try_emplace(request.posting.uuid);
  Job& job = at->second;
  if (!fresh) return job;
  job.posting = request.posting;
  job.content = ports::content_of(request.posting);
  job.number = ++last_number_;
  auto& summary = job.summary;
  summary.uuid = request.posting.uuid;
  summary.name = request.posting.name;
  summary.priority = request.posting.priority;
  summary.flow = request.new_flow;
  summary.run = request.posting.run;
  summary.flow_name = ports::flow_name_of(request.posting);
  summary.conductor = request.conductor_name;
  summary.board_path = request.board_path;
  summary.posted_at = request.posted_at.value_or(now);
  summary.updated_at = now;
  job_by_flow_[request.new_flow] = request.posting.uuid;
  journal(&Journal::job_changed, job);
  return job;
}

FlowDatabase::Judged FlowDatabase::judge(const Job& job, const ClaimRequest& request,
                                         const Epoch& epoch) const {
  const auto& known = job.summary;
  const std::uint32_t run = request.posting.run;
  const bool ended = is_final(known.state);
  const bool same_content = ports::content_of(request.posting) == job.content;
  if (run < known.run) return {ClaimVerdict::AlreadyFinal};
  if (run > known.run && !ended) return {ClaimVerdict::Refused};
  if (!same_content && (run == known.run || job.plan)) return {ClaimVerdict::OtherContent};
  if (run == known.run && ended) return {ClaimVerdict::AlreadyFinal};
  if (run == known.run && known.board_path != request.board_path &&
      known.board_path != request.take_over_path)
    return {ClaimVerdict::Duplicate};
  if (epoch > known.epoch) return {ClaimVerdict::Owned, run > known.run, true};
  if (epoch == known.epoch && job.conductor == request.conductor) return {ClaimVerdict::Owned};
  return {ClaimVerdict::Refused};
}

void FlowDatabase::take(Job& job, const ClaimRequest& request, const Epoch& epoch, const Judged& judged,
                        TimePoint now) {
  auto& summary = job.summary;
  summary.epoch = epoch;
  summary.conductor = request.conductor_name;
  summary.board_path = request.board_path;
  summary.updated_at = now;
  job.conductor = request.conductor;
  if (judged.rerun) {
    summary.run = request.posting.run;
    summary.state = FlowState::Pending;
    summary.failure.reset();
    summary.finished_at.reset();
    job.removed_at.reset();
    job.posting = request.posting;
  }
  journal(&Journal::job_changed, job);
  if (!judged.later) return;
  ports::HistoryRow row;
  row.claim = ports::HistoryClaim{request.conductor_name, epoch};
  tell(job, std::move(row), now);
}

FlowDatabase::Outcome<ClaimOutcome> FlowDatabase::claim(const ClaimRequest& request, TimePoint now) {
  const Epoch epoch = epoch_of(request);
  Job& job = job_of(request, now);
  const Judged judged = judge(job, request, epoch);
  if (judged.verdict == ClaimVerdict::Owned) take(job, request, epoch, judged, now);
  ClaimOutcome outcome;
  outcome.verdict = judged.verdict;
  outcome.flow = *job.summary.flow;
  outcome.epoch = epoch;
  outcome.run = request.posting.run;
  outcome.state = job.summary.state;
  if (judged.verdict == ClaimVerdict::Duplicate) outcome.recorded_path = job.summary.board_path;
  outcome.has_plan = job.plan.has_value();
  outcome.atoms = static_cast<std::uint32_t>(job.atoms.size());
  outcome.now = now;
  outcome.has_orders = !orders_in_force(job.summary.uuid, outcome.run).empty();
  return outcome;
}

FlowDatabase::Outcome<ports::FlowSnapshot> FlowDatabase::load(FlowId flow, Epoch epoch, TimePoint now) const {
  const auto found = job_by_flow_.find(flow);
  if (found == job_by_flow_.end())
    return Fail(StoreError{StoreErrorCode::NotFound, "no flow " + flow.value.to_string()});
  const Job& job = jobs_.at(found->second);
  if (job.summary.epoch != epoch) return Fail(lost("flow " + flow.value.to_string()));
  ports::FlowSnapshot snapshot;
  snapshot.flow = flow;
  snapshot.epoch = epoch;
  snapshot.state = job.summary.state;
  snapshot.run = job.summary.run;
  snapshot.plan = job.plan.value_or("");
  snapshot.atoms = records(job);
  snapshot.last_seq = job.last_flow_seq;
  for (const auto& atom : job.atoms) snapshot.last_seq = std::max(snapshot.last_seq, atom.record.seq);
  for (const Fact& range : job.ranges) snapshot.last_seq = std::max(snapshot.last_seq, range.seq);
  snapshot.now = now;
  snapshot.orders = orders_in_force(found->second, job.summary.run);
  return snapshot;
}

std::vector<AtomRecord> FlowDatabase::records(const Job& job) {
  std::vector<AtomRecord> records;
  for (const Atom& atom : job.atoms) records.push_back(atom.record);
  apply_ranges(records, job.ranges);
  return records;
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
    const bool state_fits = row.state == update.from || (update.from == AtomState::Pending &&
                                                         (was_reset(job.ranges, update.atom, row.seq, seq) ||
                                                          was_reset(step.ranges, update.atom, row.seq, seq)));
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

FlowDatabase::Outcome<void> FlowDatabase::mark_removed(const JobId& uuid, std::uint32_t run, TimePoint now) {
  const auto found = jobs_.find(uuid);
  if (found != jobs_.end() && found->second.summary.run == run && !found->second.removed_at) {
    found->second.removed_at = now;
    journal(&Journal::job_changed, found->second);
  }
  return {};
}

FlowDatabase::Outcome<void> FlowDatabase::record_refused(const ClaimRequest& request, FlowState state,
                                                         const Failure& failure, TimePoint now) {
  const Epoch epoch = epoch_of(request);
  Job& job = job_of(request, now);
  const Judged judged = judge(job, request, epoch);
  if (judged.verdict != ClaimVerdict::Owned) {
    if (state == FlowState::Trashed) trash(request.board_path, failure.message, now);
    if (judged.verdict != ClaimVerdict::Refused) return {};
    return Fail(lost("job " + request.posting.uuid.value));
  }
  take(job, request, epoch, judged, now);
  job.summary.state = state;
  job.summary.failure = failure;
  job.summary.finished_at = now;
  journal(&Journal::job_changed, job);
  drop_orders(job, now);
  ports::HistoryRow row;
  row.state = to_string(state);
  row.data = Value::from_stored("{\"failure\": " + std::string(failure.to_value().json()) + "}");
  tell(job, std::move(row), now);
  return {};
}

FlowDatabase::Outcome<void> FlowDatabase::record_unreadable(const std::string& board_path,
                                                            const std::string& why, TimePoint now) {
  trash(board_path, why, now);
  return {};
}

void FlowDatabase::trash(const std::string& board_path, const std::string& why, TimePoint now) {
  trashed_[board_path] = {board_path, why, now};
  journal(&Journal::node_trashed, trashed_[board_path]);
}

void FlowDatabase::tell(Job& job, const Fact& fact, TimePoint now) {
  ports::HistoryRow row;
  row.seq = fact.seq;
  if (const auto* atom = std::get_if<AtomFact>(&fact.body)) {
    row.atom = job.atoms[atom->atom].name;
    row.data = ports::history_data(fact);
    if (!ports::only_intention(*atom)) row.state = to_string(atom->after.state);
    row.intention = to_string(atom->after.intention);
    row.attempt = atom->after.attempt;
    row.dispatch = atom->after.dispatch;
    if (atom->after.delivery) row.worker = atom->after.delivery->worker_name;
  } else if (const auto* range = std::get_if<RangeFact>(&fact.body)) {
    row.range =
        ports::HistoryRange{job.atoms[range->first].name, job.atoms[range->first + range->count - 1].name,
                            range->count, range->reset};
    row.intention = to_string(range->intention);
  } else {
    row.data = ports::history_data(fact);
    row.state = to_string(std::get<FlowFact>(fact.body).state);
  }
  tell(job, std::move(row), now);
}

void FlowDatabase::tell(Job& job, ports::HistoryRow row, TimePoint now) {
  row.id = history_.size() + 1;
  row.at = now;
  row.run = job.summary.run;
  job.history.push_back(row.id);
  journal(&Journal::history_added, job, row);
  history_.push_back({job.summary.uuid, std::move(row)});
}

}  // namespace baton::memory
