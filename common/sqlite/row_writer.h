#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "common/memory/flow_tables.h"
#include "common/sqlite/connection.h"

namespace baton::sqlite {

/// An atom's row is that of its job's number and its own.
inline constexpr int kAtomBits = 20;
static_assert(kAtomsPerFlowMax <= std::size_t{1} << kAtomBits);
constexpr std::int64_t atom_row(std::uint64_t job, AtomIndex atom) {
  return static_cast<std::int64_t>(job << kAtomBits | atom);
}

/// Rows as they are to be written, for another thread: values are shared, not copied.
struct JobChange {
  std::shared_ptr<const memory::JobRow> job;  // without plan, atoms, ranges and history
};
struct PlanChange {
  std::uint64_t job = 0;
  std::string plan;
};
struct AtomChange {
  std::uint64_t job = 0;
  AtomIndex index = 0;
  memory::AtomRow atom;
};
struct RangeChange {
  std::uint64_t job = 0;
  Fact range;
};
struct HistoryChange {
  std::uint64_t job = 0;
  ports::HistoryRow row;
};
/// A job that stands on a board in memory; taken: it has been claimed.
struct PostingChange {
  JobId uuid;
  std::string posting;
};
struct PostingTaken {
  JobId uuid;
};
using Change = std::variant<JobChange, PlanChange, AtomChange, RangeChange, HistoryChange, ports::OrderRecord,
                            ports::TrashedNode, memory::StandingRow, PostingChange, PostingTaken,
                            ports::StoredFlowFile, ports::HookCall>;

/// Writes rows, each whole: what is there under its key is replaced.
class RowWriter {
 public:
  static Result<RowWriter, SqlError> prepare(Connection&);
  /// One transaction with synchronous FULL: when it returned ok, all of it survives a loss of power; else
  /// nothing of it is there.
  Result<void, SqlError> write(const std::vector<Change>&);

 private:
  explicit RowWriter(Connection& file) : file_(file) {}
  Result<void, SqlError> one(const JobChange&);
  Result<void, SqlError> one(const PlanChange&);
  Result<void, SqlError> one(const AtomChange&);
  Result<void, SqlError> one(const RangeChange&);
  Result<void, SqlError> one(const HistoryChange&);
  Result<void, SqlError> one(const ports::OrderRecord&);
  Result<void, SqlError> one(const ports::TrashedNode&);
  Result<void, SqlError> one(const memory::StandingRow&);
  Result<void, SqlError> one(const PostingChange&);
  Result<void, SqlError> one(const PostingTaken&);
  Result<void, SqlError> one(const ports::StoredFlowFile&);
  Result<void, SqlError> one(const ports::HookCall&);

  Connection& file_;
  std::vector<Statement> statements_;  // by the place of their change in Change
};

}  // namespace baton::sqlite
