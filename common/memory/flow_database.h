#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include "common/memory/flow_tables.h"
#include "common/memory/hook_calls.h"
#include "common/ports/flow_store.h"

namespace baton::memory {

/// The tables behind MemoryFlowStore: one database, shared by the stores of several conductors. Every call is
/// one transaction, at once. Semantics are those of common/postgres, statement by statement; the contract
/// tests hold both to it. Owner's thread only. Virtual is what a simulator or a test wants to see.
class FlowDatabase {
 public:
  template <class T>
  using Outcome = Result<T, ports::StoreError>;

  virtual ~FlowDatabase() = default;

  Outcome<ports::BoardStanding> meet_board(const std::string& board_id, std::uint32_t noted);
  virtual Outcome<void> mark_board(const std::string& board_id, std::int32_t version);
  Outcome<ports::SweepTurn> take_sweep(const ports::Sweep&, TimePoint now);
  Outcome<void> end_sweep(const ports::Sweep&, TimePoint now);
  Outcome<ports::UnfinishedPage> unfinished(const std::vector<std::string>& folders, std::uint64_t after,
                                            std::uint32_t limit) const;
  virtual Outcome<ports::ClaimOutcome> claim(const ports::ClaimRequest&, TimePoint now);
  Outcome<ports::FlowSnapshot> load(FlowId, Epoch, TimePoint now) const;
  virtual Outcome<void> append(const ports::StepWrite&, TimePoint now);
  virtual Outcome<void> mark_removed(const JobId&, std::uint32_t run, TimePoint now);
  virtual Outcome<ports::UnnotedPage> unnoted_removals(const std::vector<std::string>& folders,
                                                       const ports::EndMark& after,
                                                       std::uint32_t limit) const;
  virtual Outcome<void> record_refused(const ports::ClaimRequest&, const ports::Refusal&, TimePoint now);
  Outcome<void> record_unreadable(const std::string& board_path, const std::string& why, TimePoint now);
  Outcome<std::vector<ports::DeliveryRef>> settled(const std::vector<ports::DeliveryRef>&) const;
  Outcome<ports::JobPage> list(const ports::JobFilter&) const;
  Outcome<std::vector<ports::JobSummary>> summaries(const std::vector<JobId>&) const;
  Outcome<ports::TrashedPage> trashed_page(const std::string& before_path, std::uint32_t limit) const;
  Outcome<ports::JobDetail> show(const JobId&, const ports::AtomPage& = {}) const;
  Outcome<ports::HistoryPage> history(const JobId&, std::uint64_t after_id, std::uint32_t limit) const;
  Outcome<ports::EventPage> events(std::uint64_t after_id, std::uint32_t limit) const;

  /// As after a failover or a restore: another system id or timeline. What it holds stays; boards that were
  /// met before are met anew. Its stores say so by themselves (MemoryFlowStore::become_another).
  void become_another() { ++origin_; }
  /// As a standby that is promoted without the last commits: another, and it holds what it held then.
  void go_back_to(const FlowDatabase& then);

  virtual Outcome<ports::OrderOutcome> order(const ports::OrderRequest&, TimePoint now);
  Outcome<std::vector<ports::FlowOrder>> open_orders(const std::vector<FlowId>&) const;
  Outcome<ports::OrderPage> orders(const JobId&, std::uint32_t limit) const;
  /// Called with each order that is recorded for a flow, at the database, as long as that lives.
  using HeardOrder = std::function<void(const FlowId&)>;
  void on_order(std::weak_ptr<const bool> while_alive, HeardOrder);

  Outcome<ports::FlowFileOutcome> put_flow_file(const ports::FlowFilePut&, TimePoint now);
  Outcome<ports::StoredFlowFile> flow_file(const std::string& name, std::uint32_t version) const;
  Outcome<ports::FlowFilePage> flow_files(const std::string& after, std::uint32_t limit) const;
  Outcome<ports::FlowFilePage> flow_file_versions(const std::string& name, std::uint32_t before,
                                                  std::uint32_t limit) const;
  Outcome<std::vector<ports::HookCall>> take_hook_calls(const ports::HookTake&, TimePoint now);
  Outcome<void> end_hook_call(const ports::HookEnding&, TimePoint now);
  Outcome<bool> retry_hook_call(const ports::HookRetry&, TimePoint now);
  Outcome<ports::StalledPage> stalled_jobs(Millis at_least, std::uint64_t after, std::uint32_t limit,
                                           TimePoint now) const;
  Outcome<void> record_stalls(const std::vector<ports::NewStall>&, TimePoint now);
  Outcome<ports::HookCallPage> hook_calls(const ports::HookCallFilter&) const;
  Outcome<std::vector<ports::HookCount>> hook_counts() const;

  /// From here on it is told of every change; null: nobody is.
  void keep_journal(Journal* journal) { journal_ = journal; }
  /// Puts all that it holds back to this; who listens for orders goes on. Not told to the journal.
  void restore(FlowTables);
  FlowTables tables() const;
  const std::map<JobId, JobRow>& jobs() const { return jobs_; }

  /// By path: for tests.
  const std::map<std::string, ports::TrashedNode>& trashed_nodes() const { return trashed_; }

 private:
  using Atom = AtomRow;
  using Job = JobRow;
  struct Judged {
    ports::ClaimVerdict verdict;
    bool rerun = false;
    bool later = false;  // a new epoch
  };

  struct Turn {
    Incarnation sweeper;
    TimePoint until{};
    bool over = false;
  };

  static ports::StoreError lost(const std::string& what);
  static std::vector<AtomRecord> records(const Job&);
  void tell(Job&, ports::HistoryRow, TimePoint now, std::uint32_t of_run = 0);
  void tell(Job&, const Fact&, TimePoint now);
  template <class... Row>
  void journal(void (Journal::*told)(Row...), std::type_identity_t<Row>... row) {
    if (journal_) (journal_->*told)(row...);
  }

  // flow_standing.cc
  Epoch epoch_of(const ports::ClaimRequest&);
  std::uint32_t generation_of(const std::string& board_id, std::uint32_t noted);

  // flow_claims.cc
  Job& job_of(const ports::ClaimRequest&, TimePoint now);
  Judged judge(const Job&, const ports::ClaimRequest&, const Epoch&) const;
  void take(Job&, const ports::ClaimRequest&, const Epoch&, const Judged&, TimePoint now);
  void trash(const std::string& board_path, const std::string& why, TimePoint now);

  // flow_steps.cc
  static bool is_settled(const Job&, const ports::DeliveryRef&);
  bool fits(const Job&, const ports::StepWrite&, const FoldedStep&) const;
  static std::optional<ports::StoreError> unstorable(const ports::StepWrite&);
  void apply(Job&, const ports::StepWrite&, const FoldedStep&, TimePoint now);
  void apply_atom(Job&, const AtomFact&);
  static void apply_times(Job&, const std::vector<Fact>& facts, TimePoint now);
  void apply_flow(Job&, const std::vector<Fact>& flow, TimePoint now);

  // flow_queries.cc
  ports::JobSummary summary_of(const Job&) const;
  static void add_atoms(const Job&, const ports::AtomPage&, ports::JobDetail&);

  // flow_tables.cc
  void journal_turn(const ports::Sweep&, const Turn&);
  void restore_standing(const StandingRow&);

  // flow_orders.cc
  template <class Wanted>
  std::vector<ports::OrderRecord> orders_that(Wanted, const JobId&) const;
  std::vector<ports::OrderRecord> open_orders_of(const JobId&) const;
  std::vector<ports::OrderRecord> orders_in_force(const JobId&, std::uint32_t run) const;
  bool is_cancelling(const Job&) const;
  static std::uint32_t run_for(const Job*, const ports::OrderRequest&);
  const ports::OrderRecord* run_asked(const JobId&, std::uint32_t run) const;
  void tell_order(const FlowId&);
  bool orders_fit(const Job&, const ports::StepWrite&, const FoldedStep&) const;
  void take_order(Job&, const ports::TakenOrder&, TimePoint now);
  void drop_orders(const Job&, const std::string& why, TimePoint now,
                   const std::function<bool(std::uint32_t run)>& of_run);

  // flow_hook_calls.cc
  void add_hook_call(ports::HookCall, TimePoint now);
  void tell_of_hook(const ports::HookCall&, Value data, TimePoint now);
  void add_hook_calls(const Job&, const std::vector<ports::NewHookCall>&, TimePoint now);
  static bool may_stall(const Job&);
  bool still_stalls(const ports::NewStall&) const;

  Journal* journal_ = nullptr;
  std::uint32_t origin_ = 0;
  std::map<std::pair<std::string, std::uint32_t>, std::uint32_t> generations_;  // by board id and origin
  std::map<std::pair<std::string, std::uint32_t>, std::int32_t> marks_;  // … versions of their identities
  std::uint32_t last_generation_ = 0;
  std::map<std::uint32_t, std::int64_t> heights_;                 // by generation
  std::map<std::pair<std::uint32_t, std::string>, Turn> sweeps_;  // by generation and folder
  std::map<JobId, Job> jobs_;
  std::map<FlowId, JobId> job_by_flow_;
  std::map<std::string, ports::TrashedNode> trashed_;
  std::vector<ports::EventRow> history_;  // ids are places, from 1 on
  std::uint64_t last_number_ = 0;
  std::map<JobId, std::vector<ports::OrderRecord>> orders_;
  std::uint64_t last_order_ = 0;
  std::vector<std::pair<std::weak_ptr<const bool>, HeardOrder>> order_listeners_;
  std::map<std::string, std::vector<ports::StoredFlowFile>> flow_files_;  // versions, from 1 on
  HookCalls hook_calls_;
};

}  // namespace baton::memory
