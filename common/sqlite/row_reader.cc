#include "common/sqlite/row_reader.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "common/ports/history_data.h"
#include "common/ports/job_content.h"
#include "common/sqlite/row_writer.h"

namespace baton::sqlite {
namespace {

using memory::AtomRow;
using memory::FlowTables;
using memory::JobRow;
using memory::StandingRow;

TimePoint time_in(const Statement& row, int column) {
  return TimePoint(Micros(row.number(column)));
}

std::optional<TimePoint> maybe_time(const Statement& row, int column) {
  return row.is_nothing(column) ? std::nullopt : std::optional(time_in(row, column));
}

/// What a row holds is none of what we write; caught where rows are read (each_row).
struct Damage : std::runtime_error {
  using runtime_error::runtime_error;
};

Value value_in(const Statement& row, int column) {
  if (row.is_nothing(column)) return Value();
  std::string text = row.text(column);
  if (const auto parsed = Value::parse(text, text.size()); !parsed.ok())
    throw Damage("a value of row " + row.text(0) + " is no JSON: " + parsed.error().message);
  return Value::from_stored(std::move(text));
}

/// One of an enumeration whose numbers begin with 0.
template <class Enum>
Enum one_of(const Statement& row, int column, Enum last) {
  const std::int64_t number = row.number(column);
  if (number < 0 || number > static_cast<std::int64_t>(last))
    throw Damage("row " + row.text(0) + " has " + std::to_string(number) + " where " +
                 std::to_string(static_cast<int>(last)) + " is the highest that is known");
  return static_cast<Enum>(number);
}

Rare<Failure> failure_in(const Statement& row, int column) {
  if (row.is_nothing(column)) return {};
  return Rare<Failure>(Failure::from_value(value_in(row, column)));
}

Uuid uuid_in(const Statement& row, int column) {
  const auto uuid = Uuid::parse(row.text(column));
  if (!uuid) throw Damage("row " + row.text(0) + " has '" + row.text(column) + "' where a uuid stands");
  return *uuid;
}

Uuid uuid_of(const std::string& bytes) {
  Uuid uuid;
  std::copy_n(bytes.begin(), std::min(bytes.size(), uuid.bytes.size()), uuid.bytes.begin());
  return uuid;
}

SqlError damaged(const std::string& what) {
  return {SqlError::Kind::NoDatabase, "the file is damaged: " + what};
}

/// Of one row: an error's text, or nothing. Shapes deep in a value are told by their readers' exceptions.
template <class Read>
std::string wrong_in(const Statement& row, Read& read) {
  try {
    return read(row);
  } catch (const std::exception& error) {
    return error.what();
  }
}

/// Calls read(row) for each row; it gives an error's text, or nothing.
template <class Read>
Result<void, SqlError> each_row(Connection& file, std::string_view sql, Read read) {
  auto rows = file.prepare(sql);
  if (!rows.ok()) return Fail(rows.error());
  for (;;) {
    const auto more = rows->next();
    if (!more.ok()) return Fail(more.error());
    if (!more.value()) return {};
    if (std::string wrong = wrong_in(*rows, read); !wrong.empty()) return Fail(damaged(wrong));
  }
}

class Reader {
 public:
  explicit Reader(Connection& file) : file_(file) {}

  Result<FlowTables, SqlError> read() {
    for (const auto step :
         {&Reader::read_jobs, &Reader::read_plans, &Reader::read_atoms, &Reader::read_ranges,
          &Reader::read_history, &Reader::read_orders, &Reader::read_flow_files, &Reader::read_rest})
      if (auto done = (this->*step)(); !done.ok()) return Fail(done.error());
    return std::move(tables_);
  }

 private:
  JobRow* job(std::int64_t number) {
    const auto found = by_number_.find(number);
    return found == by_number_.end() ? nullptr : &tables_.jobs[found->second];
  }

  Result<void, SqlError> read_jobs() {
    return each_row(file_, "SELECT * FROM jobs ORDER BY number", [this](const Statement& row) -> std::string {
      auto posting = Posting::parse(row.text(3));
      if (!posting.ok()) return "the posting of job " + row.text(1) + ": " + posting.error().message;
      JobRow job;
      job.number = static_cast<std::uint64_t>(row.number(0));
      job.posting = std::move(posting).value();
      job.content = row.text(5);
      job.conductor = Incarnation(uuid_in(row, 9));
      job.removed_at = maybe_time(row, 15);
      job.last_flow_seq = static_cast<std::uint64_t>(row.number(17));
      read_summary(row, job);
      by_number_[row.number(0)] = tables_.jobs.size();
      tables_.jobs.push_back(std::move(job));
      return {};
    });
  }

  static void read_summary(const Statement& row, JobRow& job) {
    ports::JobSummary& about = job.summary;
    about.uuid = JobId(row.text(1));
    about.name = job.posting.name;
    about.priority = job.posting.priority;
    about.flow_name = ports::flow_name_of(job.posting);
    about.flow_version = ports::flow_version_of(job.posting);
    about.flow = FlowId(uuid_of(row.blob(2)));
    about.run = static_cast<std::uint32_t>(row.number(4));
    about.state = one_of(row, 6, FlowState::Trashed);
    about.epoch = {static_cast<std::uint32_t>(row.number(7)), row.number(8)};
    about.conductor = row.text(10);
    about.board_path = row.text(11);
    about.posted_at = time_in(row, 12);
    about.updated_at = time_in(row, 13);
    about.finished_at = maybe_time(row, 14);
    about.failure = failure_in(row, 16);
  }

  Result<void, SqlError> read_plans() {
    return each_row(file_, "SELECT * FROM plans", [this](const Statement& row) -> std::string {
      JobRow* of = job(row.number(0));
      if (!of) return "a plan is of no job";
      of->plan = row.blob(1);
      return {};
    });
  }

  Result<void, SqlError> read_atoms() {
    return each_row(file_, "SELECT * FROM atoms ORDER BY id", [this](const Statement& row) -> std::string {
      JobRow* of = job(row.number(0) >> kAtomBits);
      if (!of || atom_row(of->number, static_cast<AtomIndex>(of->atoms.size())) != row.number(0))
        return "an atom of a job is missing, before '" + row.text(1) + "'";
      of->atoms.push_back(atom_in(row));
      return {};
    });
  }

  static AtomRow atom_in(const Statement& row) {
    AtomRow atom;
    atom.name = row.text(1);
    AtomRecord& record = atom.record;
    record.state = one_of(row, 2, AtomState::Ignore);
    record.intention = one_of(row, 3, Intention::Ignore);
    record.attempt = static_cast<Attempt>(row.number(4));
    record.dispatch = static_cast<Dispatch>(row.number(5));
    record.seq = static_cast<std::uint64_t>(row.number(6));
    if (!row.is_nothing(7))
      record.delivery =
          Delivery{Incarnation(uuid_in(row, 7)), row.text(8), static_cast<std::uint32_t>(row.number(9)),
                   maybe_time(row, 10), maybe_time(row, 11)};
    record.result = value_in(row, 12);
    record.failure = failure_in(row, 13);
    record.revert_result = value_in(row, 14);
    record.revert_failure = failure_in(row, 15);
    if (!row.is_nothing(16)) record.history = retry_history_from(value_in(row, 16));
    atom.started_at = maybe_time(row, 17);
    atom.ended_at = maybe_time(row, 18);
    return atom;
  }

  Result<void, SqlError> read_ranges() {
    return each_row(
        file_, "SELECT * FROM ranges ORDER BY rowid", [this](const Statement& row) -> std::string {
          JobRow* of = job(row.number(0));
          const RangeFact range{static_cast<AtomIndex>(row.number(2)), static_cast<AtomIndex>(row.number(3)),
                                one_of(row, 4, Intention::Ignore), row.number(5) != 0};
          if (!of || std::size_t{range.first} + range.count > of->atoms.size())
            return "a range does not fit its job's atoms";
          of->ranges.push_back({static_cast<std::uint64_t>(row.number(1)), range});
          return {};
        });
  }

  Result<void, SqlError> read_history() {
    return each_row(file_, "SELECT * FROM history ORDER BY id", [this](const Statement& row) -> std::string {
      const JobRow* of = job(row.number(1));
      if (!of || row.number(0) != static_cast<std::int64_t>(tables_.history.size()) + 1)
        return "a row of the history is missing, before number " + row.text(0);
      tables_.history.push_back({of->summary.uuid, history_in(row)});
      return {};
    });
  }

  static ports::HistoryRow history_in(const Statement& from) {
    ports::HistoryRow row;
    row.id = static_cast<std::uint64_t>(from.number(0));
    row.at = time_in(from, 2);
    row.run = static_cast<std::uint32_t>(from.number(3));
    row.seq = static_cast<std::uint64_t>(from.number(4));
    row.atom = from.text(5), row.state = from.text(6), row.intention = from.text(7);
    row.attempt = static_cast<Attempt>(from.number(8));
    row.dispatch = static_cast<Dispatch>(from.number(9));
    row.worker = from.text(10);
    row.data = value_in(from, 11);
    if (!from.is_nothing(12))
      row.range = ports::HistoryRange{from.text(12), from.text(13),
                                      static_cast<std::uint32_t>(from.number(14)), from.number(15) != 0};
    if (!from.is_nothing(16)) row.claim = ports::kept_claim(value_in(from, 16));
    if (!from.is_nothing(17)) row.order = ports::kept_order(value_in(from, 17));
    return row;
  }

  Result<void, SqlError> read_orders() {
    return each_row(file_, "SELECT * FROM orders ORDER BY id", [this](const Statement& row) -> std::string {
      const auto order = ports::kept_order(value_in(row, 3));
      if (!order) return "order " + row.text(0) + " cannot be read";
      tables_.orders.push_back({static_cast<std::uint64_t>(row.number(0)), JobId(row.text(1)),
                                static_cast<std::uint32_t>(row.number(2)), order->order, time_in(row, 4),
                                maybe_time(row, 5), row.text(6)});
      return {};
    });
  }

  Result<void, SqlError> read_flow_files() {
    return each_row(file_, "SELECT * FROM flow_files ORDER BY name, version",
                    [this](const Statement& row) -> std::string {
                      auto& all = tables_.flow_files;
                      const std::int64_t before =
                          all.empty() || all.back().about.name != row.text(0) ? 0 : all.back().about.version;
                      if (row.number(1) != before + 1)
                        return "a version of the flow file " + row.text(0) + " is missing";
                      all.push_back({{row.text(0), static_cast<std::uint32_t>(row.number(1)), row.text(2),
                                      row.text(3), row.text(4), time_in(row, 5)},
                                     row.text(6)});
                      return {};
                    });
  }

  Result<void, SqlError> read_rest() {
    auto trashed = each_row(file_, "SELECT * FROM trashed", [this](const Statement& row) -> std::string {
      tables_.trashed.push_back({row.text(0), row.text(1), time_in(row, 2)});
      return {};
    });
    if (!trashed.ok()) return trashed;
    auto standing = each_row(file_, "SELECT * FROM standing", [this](const Statement& row) -> std::string {
      tables_.standing.push_back(
          {one_of(row, 0, StandingRow::Kind::Sweep), row.text(1), row.number(2), row.text(3)});
      return {};
    });
    if (!standing.ok()) return standing;
    return each_row(file_, "SELECT * FROM hook_calls ORDER BY id",
                    [this](const Statement& row) -> std::string {
                      tables_.hook_calls.push_back(hook_call_in(row));
                      return {};
                    });
  }

  static ports::HookCall hook_call_in(const Statement& row) {
    ports::HookCall call;
    call.id = static_cast<std::uint64_t>(row.number(0));
    call.job = JobId(row.text(1));
    call.run = static_cast<std::uint32_t>(row.number(2));
    if (!row.is_nothing(3)) call.flow = FlowId(uuid_in(row, 3));
    call.event = one_of(row, 4, static_cast<ports::HookEvent>(ports::kHookEvents - 1));
    call.occasion = static_cast<std::uint64_t>(row.number(5));
    call.hook = row.text(6);
    call.about = value_in(row, 7);
    call.state = one_of(row, 8, ports::HookCallState::GivenUp);
    call.attempts = static_cast<std::uint32_t>(row.number(9));
    call.recorded_at = time_in(row, 10);
    call.next_at = time_in(row, 11);
    call.ended_at = maybe_time(row, 12);
    if (!row.is_nothing(13)) call.holder = Incarnation(uuid_in(row, 13));
    call.holder_name = row.text(14);
    call.last_error = row.text(15);
    call.attempts_before = static_cast<std::uint32_t>(row.number(16));
    return call;
  }

  Connection& file_;
  FlowTables tables_;
  std::map<std::int64_t, std::size_t> by_number_;
};

}  // namespace

Result<FlowTables, SqlError> read_tables(Connection& file) {
  return Reader(file).read();
}

Result<std::vector<Posting>, SqlError> read_postings(Connection& file) {
  std::vector<Posting> postings;
  auto read = each_row(file, "SELECT uuid, posting FROM postings", [&](const Statement& row) -> std::string {
    auto posting = Posting::parse(row.text(1));
    if (!posting.ok()) return "the posting of job " + row.text(0) + ": " + posting.error().message;
    postings.push_back(std::move(posting).value());
    return {};
  });
  if (!read.ok()) return Fail(read.error());
  return postings;
}

}  // namespace baton::sqlite
