#include "tests/engine/stored_flow.h"

#include <map>

#include "common/model/range_state.h"

namespace baton::tests {
namespace {

bool same_delivery(const Rare<Delivery>& a, const Rare<Delivery>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->worker == b->worker && a->worker_name == b->worker_name && a->deliveries == b->deliveries &&
         a->start_deadline == b->start_deadline && a->close_deadline == b->close_deadline;
}

Value history_of(const AtomRecord& record) {
  return to_value(record.history ? *record.history : RetryHistory());
}

std::map<AtomIndex, std::uint64_t> first_seqs(const std::vector<Fact>& facts) {
  std::map<AtomIndex, std::uint64_t> first;
  for (const Fact& fact : facts)
    if (const auto* atom = std::get_if<AtomFact>(&fact.body)) first.try_emplace(atom->atom, fact.seq);
  return first;
}

}  // namespace

void StoredFlow::append(const std::vector<Fact>& facts) {
  const FoldedStep folded = fold(facts);
  ranges_.insert(ranges_.end(), folded.ranges.begin(), folded.ranges.end());
  const auto first_seq = first_seqs(facts);
  for (const AtomFact& fact : folded.atoms) {
    AtomRecord& row = rows_[fact.atom];
    // PROTOCOL.md I9: a step's facts apply to what the step started from. Range facts, of this step too, may
    // have moved the atom before its first own fact.
    BATON_ASSERT(row.attempt == fact.from_attempt && row.dispatch == fact.from_dispatch);
    const std::uint64_t seq = first_seq.at(fact.atom);
    BATON_ASSERT(row.seq < seq && state_between(ranges_, fact.atom, row.state, row.seq, seq) == fact.from);
    row = fact.after;
  }
  for (const Fact& fact : folded.flow) state_ = std::get<FlowFact>(fact.body).state;
  if (!facts.empty()) last_seq_ = facts.back().seq;
}

std::vector<AtomRecord> StoredFlow::load() const {
  auto atoms = rows_;
  apply_ranges(atoms, ranges_);
  return atoms;
}

bool same_record(const AtomRecord& a, const AtomRecord& b) {
  return a.state == b.state && a.intention == b.intention && a.attempt == b.attempt &&
         a.dispatch == b.dispatch && same_delivery(a.delivery, b.delivery) && a.result == b.result &&
         a.failure == b.failure && a.revert_result == b.revert_result &&
         a.revert_failure == b.revert_failure && history_of(a) == history_of(b) && a.seq == b.seq;
}

}  // namespace baton::tests
