#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "common/ports/flow_store.h"

/// The rows of a FlowDatabase, for whoever keeps them elsewhere.
namespace baton::memory {

struct AtomRow {
  std::string name;
  AtomRecord record;
  std::optional<TimePoint> started_at, ended_at;
};

/// A row of jobs and its row of flows.
struct JobRow {
  ports::JobSummary summary;  // without what is counted; its epoch is the fence
  Posting posting;
  std::string content;
  Incarnation conductor;
  std::uint64_t number = 0;  // order of arrival
  std::uint64_t last_flow_seq = 0;
  std::optional<std::string> plan;
  std::vector<AtomRow> atoms;
  std::vector<Fact> ranges;
  std::optional<TimePoint> removed_at;
  std::vector<std::uint64_t> history;  // ids
};

/// A number that is kept of a board, a generation or a sweep, under its name.
struct StandingRow {
  enum class Kind : std::uint8_t { Generation = 0, Mark = 1, Height = 2, Sweep = 3 };
  Kind kind = Kind::Generation;
  std::string name;         // the board's id, the generation, or generation and folder of a sweep
  std::int64_t number = 0;  // of a sweep: until when it is somebody's, in micros; kSweepOver: it is done
  std::string who;          // of a sweep: whose turn it is
  static constexpr std::int64_t kSweepOver = -1;
};

/// All that a FlowDatabase holds.
struct FlowTables {
  std::vector<JobRow> jobs;                // without their history's ids
  std::vector<ports::EventRow> history;    // by id, from 1 on, none missing
  std::vector<ports::OrderRecord> orders;  // by id
  std::vector<ports::TrashedNode> trashed;
  std::vector<StandingRow> standing;
  std::vector<ports::StoredFlowFile> flow_files;  // by name and version
  std::vector<ports::HookCall> hook_calls;        // by id
};

/// Is told of every change of a FlowDatabase, in its order, within the call that makes it: what is told
/// between two calls belongs together. Rows are as they are after the change.
class Journal {
 public:
  virtual ~Journal() = default;
  virtual void job_changed(const JobRow&) = 0;  // its atoms, ranges and history are told by themselves
  virtual void atoms_added(const JobRow&) = 0;  // all of a new plan
  virtual void atom_changed(const JobRow&, AtomIndex) = 0;
  virtual void range_added(const JobRow&, const Fact&) = 0;
  virtual void history_added(const JobRow&, const ports::HistoryRow&) = 0;
  virtual void order_changed(const ports::OrderRecord&) = 0;
  virtual void node_trashed(const ports::TrashedNode&) = 0;
  virtual void standing_changed(const StandingRow&) = 0;
  virtual void flow_file_added(const ports::StoredFlowFile&) = 0;
  virtual void hook_call_changed(const ports::HookCall&) = 0;
};

}  // namespace baton::memory
