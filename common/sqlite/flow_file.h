#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "common/memory/flow_database.h"
#include "common/ports/clock.h"
#include "common/ports/executor.h"
#include "common/sqlite/state_file.h"

namespace baton::sqlite {

/// A FlowDatabase that is kept in a state file, and the stores on it: what is said to it is done in memory at
/// once and told when it is on the disk. Group commit: what came while one commit was under way is the next.
/// A commit that failed voids the memory: it is read anew from the file, and whoever waited is told that
/// nobody knows what was done.
/// Life: executor and clock must outlive it; the stores are destroyed before it. Its end waits for the commit
/// under way.
/// Threads: the owner's, and one of its own that only writes.
class FlowFile final : private memory::Journal {
 public:
  static Result<std::unique_ptr<FlowFile>, FileError> open(const std::string& path, StateFile::IfMissing,
                                                           ports::Executor&, ports::Clock&);
  /// … of a copy: nothing of it is kept (StateFile::open_copy).
  static Result<std::unique_ptr<FlowFile>, FileError> open_copy(const std::string& path, ports::Executor&,
                                                                ports::Clock&);
  ~FlowFile() override;

  /// Another process's access to it, as it were: each has its own.
  std::unique_ptr<ports::FlowStore> open_store();
  /// For who is alone with it: what is done there is on the disk with the next commit, before anybody is told
  /// of that one.
  memory::FlowDatabase& database() { return *database_; }
  /// Its first job, of a file that is to hold one; null: it holds none. Until something is done.
  const ports::JobSummary* only_job() const;
  /// As it was recorded; null: no such job. Until something is done.
  const Posting* posting_of(const JobId&) const;
  const std::string* plan_of(const JobId&) const;
  const std::string& path() const { return file_.path(); }
  int lock_descriptor() const { return file_.lock_descriptor(); }

  /// A job that is about to stand on a board in memory: kept until it is claimed.
  void keep_posting(const Posting&);
  /// Those that were kept and not claimed.
  std::vector<Posting> postings() const;

  /// `then` is called, on the owner's thread and never inline, when all that was done so far is on the disk
  /// (true), or when it is not and never will be (false).
  using Kept = std::function<void(bool kept)>;
  void when_kept(Kept then);
  /// Why the last commit failed; empty: it did not.
  const std::string& trouble() const { return trouble_; }

  /// For tests: the next commits fail as with a disk that is full.
  void refuse_commits(bool refuse) { refuse_commits_ = refuse; }
  /// … and reading it again fails, as with a disk that is away.
  void refuse_reads(bool refuse) { refuse_reads_ = refuse; }

 private:
  class KeptStore;
  struct Batch {
    std::vector<Change> changes;
    std::vector<Kept> then;
    bool refuse = false;
  };

  static Result<std::unique_ptr<FlowFile>, FileError> read(Result<StateFile, FileError>, ports::Executor&,
                                                           ports::Clock&);
  FlowFile(StateFile, memory::FlowTables, std::vector<Posting>, ports::Executor&, ports::Clock&);
  void write_all();  // on the thread of its own
  void hand_over();
  void tell(const std::vector<Kept>&, bool kept);
  void refuse_later(std::vector<Kept>);
  void written(Batch, Result<void, SqlError>);
  void failed(Batch, const std::string& why);
  void read_again();
  void put_back(memory::FlowTables, std::vector<Posting>);

  // memory::Journal
  void job_changed(const memory::JobRow&) override;
  void atoms_added(const memory::JobRow&) override;
  void atom_changed(const memory::JobRow&, AtomIndex) override;
  void range_added(const memory::JobRow&, const Fact&) override;
  void history_added(const memory::JobRow&, const ports::HistoryRow&) override;
  void order_changed(const ports::OrderRecord&) override;
  void node_trashed(const ports::TrashedNode&) override;
  void standing_changed(const memory::StandingRow&) override;
  void flow_file_added(const ports::StoredFlowFile&) override;
  void hook_call_changed(const ports::HookCall&) override;

  static constexpr Millis kReadAgainPause{1'000};

  StateFile file_;  // the thread's while a batch is under way, else the owner's
  ports::Executor& executor_;
  ports::Clock& clock_;
  std::shared_ptr<memory::FlowDatabase> database_ = std::make_shared<memory::FlowDatabase>();
  std::map<JobId, Posting> postings_;
  Batch next_;
  bool under_way_ = false;
  bool handing_over_ = false;  // is posted
  bool refuse_commits_ = false, refuse_reads_ = false;
  bool unread_ = false;  // the file could not be read again: its stores are away, nothing is written
  std::string trouble_;
  std::vector<KeptStore*> stores_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  const std::weak_ptr<const bool> if_alive_ = alive_;  // any thread's: it does not change as this object ends

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Batch> to_write_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace baton::sqlite
