#include "common/sqlite/row_writer.h"

#include <array>

#include "common/ports/history_data.h"

namespace baton::sqlite {
namespace {

constexpr std::array<const char*, std::variant_size_v<Change>> kStatements{
    "INSERT OR REPLACE INTO jobs VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    "INSERT OR REPLACE INTO plans VALUES (?,?)",
    "INSERT OR REPLACE INTO atoms VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    "INSERT INTO ranges VALUES (?,?,?,?,?,?)",
    "INSERT INTO history VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
    "INSERT OR REPLACE INTO orders VALUES (?,?,?,?,?,?,?)",
    "INSERT OR REPLACE INTO trashed VALUES (?,?,?)",
    "INSERT OR REPLACE INTO standing VALUES (?,?,?,?)",
    "INSERT OR REPLACE INTO postings VALUES (?,?)",
    "DELETE FROM postings WHERE uuid = ?",
    "INSERT INTO flow_files VALUES (?,?,?,?,?,?,?)",
    "INSERT OR REPLACE INTO hook_calls VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)"};

std::int64_t micros(TimePoint time) {
  return time.time_since_epoch().count();
}

void bind_time(Statement& statement, const std::optional<TimePoint>& time) {
  time ? statement.bind(micros(*time)) : statement.bind_nothing();
}

void bind_value(Statement& statement, const Value& value) {
  value.is_null() ? statement.bind_nothing() : statement.bind(value.json());
}

template <class E>
std::int64_t number_of(E state) {
  return static_cast<std::int64_t>(state);
}

std::string uuid_bytes(const Uuid& uuid) {
  return {reinterpret_cast<const char*>(uuid.bytes.data()), uuid.bytes.size()};
}

Value value_of(const Rare<Failure>& failure) {
  return failure ? failure->to_value() : Value();
}

/// An order as the history has it.
Value asked(const ports::OrderRecord& record) {
  return ports::history_data(ports::TakenOrder{record, {}});
}

}  // namespace

Result<RowWriter, SqlError> RowWriter::prepare(Connection& file) {
  RowWriter writer(file);
  for (const char* sql : kStatements) {
    auto made = file.prepare(sql);
    if (!made.ok()) return Fail(made.error());
    writer.statements_.push_back(std::move(made).value());
  }
  return writer;
}

Result<void, SqlError> RowWriter::write(const std::vector<Change>& changes) {
  if (auto begun = file_.run("BEGIN IMMEDIATE"); !begun.ok()) return begun;
  for (const Change& change : changes) {
    auto written = std::visit([this](const auto& row) { return one(row); }, change);
    if (written.ok()) continue;
    (void)file_.run("ROLLBACK");  // a failure that has done so already says so, and that is as well
    return written;
  }
  auto kept = file_.run("COMMIT");
  if (!kept.ok()) (void)file_.run("ROLLBACK");
  return kept;
}

Result<void, SqlError> RowWriter::one(const JobChange& change) {
  const memory::JobRow& job = *change.job;
  const ports::JobSummary& about = job.summary;
  const std::string flow = uuid_bytes(about.flow->value), conductor = job.conductor.value.to_string();
  const Value failure = about.failure ? about.failure->to_value() : Value();
  Statement& to = statements_[0];
  to.bind(static_cast<std::int64_t>(job.number)).bind(about.uuid.value).bind_blob(flow);
  to.bind(job.posting.raw.json()).bind(about.run).bind(job.content).bind(number_of(about.state));
  to.bind(about.epoch.generation).bind(about.epoch.lock_czxid).bind(conductor).bind(about.conductor);
  to.bind(about.board_path).bind(micros(about.posted_at)).bind(micros(about.updated_at));
  bind_time(to, about.finished_at), bind_time(to, job.removed_at), bind_value(to, failure);
  return to.bind(static_cast<std::int64_t>(job.last_flow_seq)).run();
}

Result<void, SqlError> RowWriter::one(const PlanChange& change) {
  return statements_[1].bind(static_cast<std::int64_t>(change.job)).bind_blob(change.plan).run();
}

Result<void, SqlError> RowWriter::one(const AtomChange& change) {
  const AtomRecord& record = change.atom.record;
  Statement& to = statements_[2];
  to.bind(atom_row(change.job, change.index)).bind(change.atom.name).bind(number_of(record.state));
  to.bind(number_of(record.intention)).bind(record.attempt).bind(static_cast<std::int64_t>(record.dispatch));
  to.bind(static_cast<std::int64_t>(record.seq));
  std::string worker;
  if (record.delivery) {
    worker = record.delivery->worker.value.to_string();
    to.bind(worker).bind(record.delivery->worker_name).bind(record.delivery->deliveries);
    bind_time(to, record.delivery->start_deadline), bind_time(to, record.delivery->close_deadline);
  } else {
    for (int column = 0; column < 5; ++column) to.bind_nothing();
  }
  const Value failure = value_of(record.failure), revert_failure = value_of(record.revert_failure);
  const Value history = record.history ? to_value(*record.history) : Value();
  for (const Value* value : {&record.result, &failure, &record.revert_result, &revert_failure, &history})
    bind_value(to, *value);
  bind_time(to, change.atom.started_at), bind_time(to, change.atom.ended_at);
  return to.run();
}

Result<void, SqlError> RowWriter::one(const RangeChange& change) {
  const auto& range = std::get<RangeFact>(change.range.body);
  return statements_[3]
      .bind(static_cast<std::int64_t>(change.job))
      .bind(static_cast<std::int64_t>(change.range.seq))
      .bind(range.first)
      .bind(range.count)
      .bind(number_of(range.intention))
      .bind(range.reset ? 1 : 0)
      .run();
}

Result<void, SqlError> RowWriter::one(const HistoryChange& change) {
  const ports::HistoryRow& row = change.row;
  Statement& to = statements_[4];
  to.bind(static_cast<std::int64_t>(row.id)).bind(static_cast<std::int64_t>(change.job)).bind(micros(row.at));
  to.bind(row.run)
      .bind(static_cast<std::int64_t>(row.seq))
      .bind(row.atom)
      .bind(row.state)
      .bind(row.intention);
  to.bind(row.attempt).bind(static_cast<std::int64_t>(row.dispatch)).bind(row.worker);
  bind_value(to, row.data);
  if (row.range)
    to.bind(row.range->first).bind(row.range->last).bind(row.range->atoms).bind(row.range->reset ? 1 : 0);
  else
    to.bind_nothing().bind_nothing().bind_nothing().bind_nothing();
  Value claim, taken;
  if (row.claim) claim = ports::history_data(*row.claim);
  if (row.order) {
    ports::OrderRecord record;
    record.id = row.order->id;
    record.order = row.order->order;
    taken = ports::history_data(ports::TakenOrder{record, row.order->no_effect});
  }
  bind_value(to, claim), bind_value(to, taken);
  return to.run();
}

Result<void, SqlError> RowWriter::one(const ports::OrderRecord& record) {
  const Value order = asked(record);
  Statement& to = statements_[5];
  to.bind(static_cast<std::int64_t>(record.id)).bind(record.job.value).bind(record.run).bind(order.json());
  to.bind(micros(record.ordered_at));
  bind_time(to, record.taken_at);
  return to.bind(record.no_effect).run();
}

Result<void, SqlError> RowWriter::one(const ports::TrashedNode& node) {
  return statements_[6].bind(node.board_path).bind(node.why).bind(micros(node.seen_at)).run();
}

Result<void, SqlError> RowWriter::one(const memory::StandingRow& row) {
  return statements_[7].bind(number_of(row.kind)).bind(row.name).bind(row.number).bind(row.who).run();
}

Result<void, SqlError> RowWriter::one(const PostingChange& change) {
  return statements_[8].bind(change.uuid.value).bind(change.posting).run();
}

Result<void, SqlError> RowWriter::one(const PostingTaken& taken) {
  return statements_[9].bind(taken.uuid.value).run();
}

Result<void, SqlError> RowWriter::one(const ports::StoredFlowFile& file) {
  const ports::FlowFileVersion& about = file.about;
  Statement& to = statements_[10];
  to.bind(about.name).bind(about.version).bind(about.digest).bind(about.who).bind(about.why);
  return to.bind(micros(about.stored_at)).bind(file.content).run();
}

Result<void, SqlError> RowWriter::one(const ports::HookCall& call) {
  Statement& to = statements_[11];
  to.bind(static_cast<std::int64_t>(call.id)).bind(call.job.value).bind(call.run);
  const std::string flow = call.flow ? call.flow->value.to_string() : "";
  call.flow ? to.bind(flow) : to.bind_nothing();
  to.bind(number_of(call.event)).bind(static_cast<std::int64_t>(call.occasion)).bind(call.hook);
  to.bind(call.about.json()).bind(number_of(call.state)).bind(call.attempts);
  to.bind(micros(call.recorded_at)).bind(micros(call.next_at));
  bind_time(to, call.ended_at);
  const std::string holder = call.holder ? call.holder->value.to_string() : "";
  call.holder ? to.bind(holder) : to.bind_nothing();
  return to.bind(call.holder_name).bind(call.last_error).bind(call.attempts_before).run();
}

}  // namespace baton::sqlite
