#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "client/command/local_words.h"
#include "client/local/local_flow.h"
#include "client/local/session_problem.h"
#include "common/runtime/asio_loop.h"
#include "common/runtime/os_entropy.h"
#include "common/sqlite/flow_file.h"
#include "local/beginning.h"

namespace baton::client {

inline constexpr const char* kLocalBoard = "local";  // in place of a board's id and path

/// "serial (pid 4711)", …: who runs the tasks, for people.
std::string runner_name(const RunOptions&);

/// The state file of a local run, and the run that it holds: whether it is the one that is meant, and how it
/// is claimed. Says what is wrong with it, and what to do, for people.
/// Life: open() first, unless the run is to be kept nowhere; then it has no file.
class KeptRun {
 public:
  /// Both must outlive it.
  KeptRun(const RunOptions& options, runtime::AsioLoop& loop) : options_(options), loop_(loop) {}

  /// With options.dry_run: a copy of it; one that would be made is none.
  MaybeProblem open(sqlite::StateFile::IfMissing);

  sqlite::FlowFile* file() const { return file_.get(); }  // null: none
  ports::FlowStore& store() const { return *store_; }
  int lock_descriptor() const { return file_ ? file_->lock_descriptor() : -1; }

  const ports::JobSummary* job() const { return file_ ? file_->only_job() : nullptr; }  // null: it has none
  const Posting& posting() const { return *file_->posting_of(job()->uuid); }
  /// Whether a record of the run is there, not its posting only.
  bool is_begun() const { return file_->plan_of(job()->uuid) != nullptr; }
  bool is_of(const LocalFlow&) const;
  std::string shown() const;  // "run 2 of the flow 'x'"

  /// Why it is not begun anew.
  SessionProblem refuse_held(const LocalFlow&) const;
  MaybeProblem refuse_not_ours() const;
  MaybeProblem ask_for_next_run();

  MaybeProblem decode_plan(local::Beginning&) const;
  MaybeProblem claim(const Posting&, Epoch after, local::Beginning&);
  MaybeProblem load_claimed(local::Beginning&);

 private:
  MaybeProblem open_copy(sqlite::StateFile::IfMissing);
  MaybeProblem take(Result<std::unique_ptr<sqlite::FlowFile>, sqlite::FileError>);

  const RunOptions& options_;
  runtime::AsioLoop& loop_;
  runtime::OsEntropy entropy_;
  std::unique_ptr<sqlite::FlowFile> file_;
  std::unique_ptr<ports::FlowStore> store_;
};

}  // namespace baton::client
