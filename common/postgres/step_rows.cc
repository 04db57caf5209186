#include "common/postgres/step_rows.h"

#include <map>

#include "common/ports/history_data.h"

namespace baton::postgres {
namespace {

using E = ElementType;

std::int64_t number(AtomState state) {
  return static_cast<std::int64_t>(state);
}
std::int64_t number(Intention intention) {
  return static_cast<std::int64_t>(intention);
}
std::int64_t number(FlowState state) {
  return static_cast<std::int64_t>(state);
}

bool runs(AtomState state) {
  return state == AtomState::Running || state == AtomState::Reverting;
}

/// What the facts of a step together say of one atom beyond its folded update.
struct AtomStep {
  std::uint64_t first_seq = 0;
  std::int64_t marks = 0;
};

std::map<AtomIndex, AtomStep> atom_steps(const std::vector<Fact>& facts) {
  std::map<AtomIndex, AtomStep> steps;
  for (const Fact& fact : facts) {
    const auto* atom = std::get_if<AtomFact>(&fact.body);
    if (!atom) continue;
    AtomStep& step = steps[atom->atom];
    if (step.first_seq == 0) step.first_seq = fact.seq;
    if (runs(atom->after.state) && atom->from != atom->after.state) step.marks = kStarts;
    if (!runs(atom->after.state) && runs(atom->from)) step.marks |= kEnds;
  }
  return steps;
}

std::optional<std::string> changed_value(const AtomFact& atom, ChangedField field, const Value& value) {
  return (atom.changed & field) != 0 ? json_or_null(value) : std::nullopt;
}
std::optional<std::string> changed_value(const AtomFact& atom, ChangedField field,
                                         const Rare<Failure>& failure) {
  return (atom.changed & field) != 0 ? json_or_null(failure) : std::nullopt;
}

std::string kept_json(const std::vector<AtomIndex>& kept) {
  std::string json = "[";
  for (const AtomIndex atom : kept) json += (json.size() > 1 ? ", " : "") + std::to_string(atom);
  return json + "]";
}

}  // namespace

std::optional<std::string> json_or_null(const Value& value) {
  if (value.is_null()) return std::nullopt;
  return std::string(value.json());
}
std::optional<std::string> json_or_null(const Rare<Failure>& failure) {
  if (!failure) return std::nullopt;
  return std::string(failure->to_value().json());
}

std::vector<std::string> Columns::finish() {
  std::vector<std::string> columns;
  for (ArrayParameter& column : columns_) columns.push_back(column.finish());
  rows_ = 0;
  return columns;
}

void PlanRows::add(const ports::StepWrite& write) {
  if (!write.plan) return;
  plans_.add_row(write.flow.value, static_cast<std::int64_t>(write.atom_names.size()),
                 std::string_view(*write.plan));
  std::int64_t atom = 0;
  for (const std::string& name : write.atom_names)
    names_.add_row(write.flow.value, atom++, std::string_view(name));
}

std::vector<std::string> PlanRows::finish() {
  auto columns = plans_.finish();
  for (auto& column : names_.finish()) columns.push_back(std::move(column));
  return columns;
}

AtomRows::AtomRows()
    : Columns({E::Uuid, E::Int4, E::Int2, E::Int4, E::Int8,      E::Int2,      E::Int2, E::Int4,
               E::Int8, E::Uuid, E::Text, E::Int4, E::Timestamp, E::Timestamp, E::Int8, E::Int8,
               E::Int2, E::Text, E::Text, E::Text, E::Text,      E::Text}) {}

void AtomRows::add(const StepWork& work) {
  if (work.folded.atoms.empty()) return;
  const auto steps = atom_steps(work.write.facts);
  for (const AtomFact& atom : work.folded.atoms) {
    const AtomRecord& after = atom.after;
    const AtomStep& step = steps.at(atom.atom);
    const auto* delivery = after.delivery ? &*after.delivery : nullptr;
    const bool history = (atom.changed & kHistoryChanged) != 0 && after.history && !after.history->empty();
    add_row(work.write.flow.value, std::int64_t{atom.atom}, number(atom.from),
            std::int64_t{atom.from_attempt}, static_cast<std::int64_t>(atom.from_dispatch),
            number(after.state), number(after.intention), std::int64_t{after.attempt},
            static_cast<std::int64_t>(after.dispatch),
            delivery ? std::optional(delivery->worker.value) : std::nullopt,
            delivery ? std::optional(std::string_view(delivery->worker_name)) : std::nullopt,
            delivery ? std::optional(std::int64_t{delivery->deliveries}) : std::nullopt,
            delivery ? delivery->start_deadline : std::nullopt,
            delivery ? delivery->close_deadline : std::nullopt, static_cast<std::int64_t>(step.first_seq),
            static_cast<std::int64_t>(after.seq), std::int64_t{atom.changed} | step.marks,
            changed_value(atom, kResultChanged, after.result),
            changed_value(atom, kFailureChanged, after.failure),
            changed_value(atom, kRevertResultChanged, after.revert_result),
            changed_value(atom, kRevertFailureChanged, after.revert_failure),
            history ? json_or_null(to_value(*after.history)) : std::nullopt);
  }
}

HistoryRows::HistoryRows()
    : Columns({E::Uuid, E::Int8, E::Int4, E::Int2, E::Int2, E::Int4, E::Int8, E::Text, E::Text}) {}

void HistoryRows::add(const ports::StepWrite& write) {
  using Number = std::optional<std::int64_t>;
  for (const Fact& fact : write.facts) {
    const auto seq = static_cast<std::int64_t>(fact.seq);
    const auto data = json_or_null(ports::history_data(fact));
    if (const auto* atom = std::get_if<AtomFact>(&fact.body)) {
      const AtomRecord& after = atom->after;
      const Number state = ports::only_intention(*atom) ? Number() : Number(number(after.state));
      add_row(write.flow.value, seq, std::int64_t{atom->atom}, state, number(after.intention),
              std::int64_t{after.attempt}, static_cast<std::int64_t>(after.dispatch),
              after.delivery ? std::optional(std::string_view(after.delivery->worker_name)) : std::nullopt,
              data);
    } else if (const auto* range = std::get_if<RangeFact>(&fact.body)) {
      add_row(write.flow.value, seq, Number(), range->reset ? Number(number(AtomState::Pending)) : Number(),
              number(range->intention), std::int64_t{0}, std::int64_t{0}, std::optional<std::string_view>(),
              data);
    } else {
      add_row(write.flow.value, seq, Number(), number(std::get<FlowFact>(fact.body).state), Number(),
              std::int64_t{0}, std::int64_t{0}, std::optional<std::string_view>(), data);
    }
  }
}

RangeRows::RangeRows() : Columns({E::Uuid, E::Int8, E::Int4, E::Int4, E::Int2, E::Bool}) {}

void RangeRows::add(const StepWork& work) {
  for (const Fact& fact : work.folded.ranges) {
    const auto& range = std::get<RangeFact>(fact.body);
    add_row(work.write.flow.value, static_cast<std::int64_t>(fact.seq), std::int64_t{range.first},
            std::int64_t{range.count}, number(range.intention), range.reset);
  }
}

FlowRows::FlowRows() : Columns({E::Uuid, E::Int2, E::Int2, E::Int8, E::Int8, E::Bool, E::Text, E::Text}) {}

void FlowRows::add(const StepWork& work) {
  if (work.folded.flow.empty()) return;
  const auto& first = std::get<FlowFact>(work.folded.flow.front().body);
  const auto& last = std::get<FlowFact>(work.folded.flow.back().body);
  add_row(work.write.flow.value, number(first.from), number(last.state),
          static_cast<std::int64_t>(work.folded.flow.front().seq),
          static_cast<std::int64_t>(work.folded.flow.back().seq), is_final(last.state),
          json_or_null(last.failure), last.kept.empty() ? std::nullopt : std::optional(kept_json(last.kept)));
}

OrderRows::OrderRows() : Columns({E::Uuid, E::Int8, E::Text, E::Text}) {}

void OrderRows::add(const ports::StepWrite& write) {
  for (const ports::TakenOrder& taken : write.orders)
    add_row(write.flow.value, static_cast<std::int64_t>(taken.record.id), std::string_view(taken.no_effect),
            ports::history_data(taken).json());
}

HookCallRows::HookCallRows() : Columns({E::Uuid, E::Int2, E::Text, E::Text}) {}

void HookCallRows::add(const ports::StepWrite& write) {
  for (const ports::NewHookCall& call : write.hook_calls)
    add_row(write.flow.value, static_cast<std::int64_t>(call.event), std::string_view(call.hook),
            call.about.json());
}

}  // namespace baton::postgres
