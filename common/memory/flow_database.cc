#include "common/memory/flow_database.h"

#include <algorithm>

#include "common/ports/history_data.h"

namespace baton::memory {

using ports::StoreError;
using ports::StoreErrorCode;

StoreError FlowDatabase::lost(const std::string& what) {
  return {StoreErrorCode::ClaimLost, what + " has been claimed by another conductor"};
}

void FlowDatabase::go_back_to(const FlowDatabase& then) {
  const std::uint32_t origin = origin_;
  auto listeners = std::move(order_listeners_);
  *this = then;
  order_listeners_ = std::move(listeners);
  origin_ = origin;
  become_another();
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

void FlowDatabase::tell(Job& job, ports::HistoryRow row, TimePoint now, std::uint32_t of_run) {
  row.id = history_.size() + 1;
  row.at = now;
  row.run = of_run == 0 ? job.summary.run : of_run;
  job.history.push_back(row.id);
  journal(&Journal::history_added, job, row);
  history_.push_back({job.summary.uuid, std::move(row)});
}

}  // namespace baton::memory
