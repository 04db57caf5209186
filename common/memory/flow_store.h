#pragma once

#include <functional>
#include <memory>
#include <utility>

#include "common/memory/flow_database.h"
#include "common/memory/link.h"
#include "common/ports/clock.h"
#include "common/ports/executor.h"

namespace baton::memory {

/// ports::FlowStore in memory: one conductor's access to a FlowDatabase. Serves simulation and tests; what it
/// holds dies with the process.
/// Life: executor and the database's clock must outlive it. Its end drops what is under way (what was said to
/// the database may still be done there); no callback comes afterwards.
class MemoryFlowStore : public ports::FlowStore, public ports::HookStore {
 public:
  template <class T>
  using Done = ports::FlowStore::Done<T>;

  MemoryFlowStore(ports::Executor&, const ports::Clock& of_database, std::shared_ptr<FlowDatabase>);
  MemoryFlowStore(ports::Executor&, const ports::Clock& of_database, std::shared_ptr<FlowDatabase>,
                  std::shared_ptr<Link>);

  /// Faults, for simulation and tests.
  enum class LostReply { Applied, NotApplied };
  void lose_next_reply(LostReply);  // of the next write: it ends with OutcomeUnknown
  /// What is under way ends with OutcomeUnknown; the link says what becomes of it at the database.
  void lose_connection();
  void set_away(bool);  // connections are lost and refused: everything ends with Unavailable
  std::size_t under_way() const { return under_way_.size(); }
  /// As after a failover or a restore; what it holds is as it was.
  void become_another(const std::string& what);
  void refuse_commits(bool refuse) { refuse_commits_ = refuse; }    // as with a full disk: only reads answer
  void refuse_removals(bool refuse) { refuse_removals_ = refuse; }  // … that they are noted
  void refuse_loads(bool refuse) { refuse_loads_ = refuse; }  // as if only they had lost their connection
  /// Those writes end with OutcomeUnknown, each time; nothing of them is kept, others are written.
  void doubt_claims(std::function<bool(const ports::ClaimRequest&)> which) {
    doubted_claim_ = std::move(which);
  }
  void doubt_steps(std::function<bool(const ports::StepWrite&)> which) { doubted_step_ = std::move(which); }
  /// Sees every step before it is written. Facts in answer: those are remembered in its place, and that is
  /// the last that this store does for its process: the call is never answered.
  using Cut = std::function<std::optional<std::vector<Fact>>(const ports::StepWrite&)>;
  void cut_steps(Cut cut) { cut_ = std::move(cut); }

  void listen(Listener&) override;
  void check(Done<void>) override;
  void meet_board(const std::string& board_id, std::uint32_t noted, Done<ports::BoardStanding>) override;
  void mark_board(const std::string& board_id, std::int32_t version, Done<void>) override;
  void take_sweep(const ports::Sweep&, Done<ports::SweepTurn>) override;
  void end_sweep(const ports::Sweep&, Done<void>) override;
  void unfinished(const std::vector<std::string>& folders, std::uint64_t after, std::uint32_t limit,
                  Done<ports::UnfinishedPage>) override;
  void claim(const ports::ClaimRequest&, Done<ports::ClaimOutcome>) override;
  void load(FlowId, Epoch, Done<ports::FlowSnapshot>) override;
  void append(ports::StepWrite, Done<void>) override;
  void mark_removed(const JobId&, std::uint32_t run, Done<void>) override;
  void unnoted_removals(const std::vector<std::string>& folders, const ports::EndMark& after,
                        std::uint32_t limit, Done<ports::UnnotedPage>) override;
  void record_refused(const ports::ClaimRequest&, const ports::Refusal&, Done<void>) override;
  void record_unreadable(const std::string& board_path, const std::string& why, Done<void>) override;
  void settled(const std::vector<ports::DeliveryRef>&, Done<std::vector<ports::DeliveryRef>>) override;
  void order(const ports::OrderRequest&, Done<ports::OrderOutcome>) override;
  void open_orders(const std::vector<FlowId>&, Done<std::vector<ports::FlowOrder>>) override;
  void orders(const JobId&, std::uint32_t limit, Done<ports::OrderPage>) override;
  void list(const ports::JobFilter&, Done<ports::JobPage>) override;
  void summaries(const std::vector<JobId>&, Done<std::vector<ports::JobSummary>>) override;
  void trashed_nodes(const std::string& before_path, std::uint32_t limit, Done<ports::TrashedPage>) override;
  void show(const JobId&, const ports::AtomPage&, Done<ports::JobDetail>) override;
  void history(const JobId&, std::uint64_t after_id, std::uint32_t limit, Done<ports::HistoryPage>) override;
  void events(std::uint64_t after_id, std::uint32_t limit, Done<ports::EventPage>) override;
  void put_flow_file(const ports::FlowFilePut&, Done<ports::FlowFileOutcome>) override;
  void flow_file(const std::string& name, std::uint32_t version, Done<ports::StoredFlowFile>) override;
  void flow_files(const std::string& after, std::uint32_t limit, Done<ports::FlowFilePage>) override;
  void flow_file_versions(const std::string& name, std::uint32_t before, std::uint32_t limit,
                          Done<ports::FlowFilePage>) override;

  ports::HookStore* hooks() override { return this; }
  void take_hook_calls(const ports::HookTake&, Done<std::vector<ports::HookCall>>) override;
  void end_hook_call(const ports::HookEnding&, Done<void>) override;
  void retry_hook_call(const ports::HookRetry&, Done<bool>) override;
  void stalled_jobs(Millis at_least, std::uint64_t after, std::uint32_t limit,
                    Done<ports::StalledPage>) override;
  void record_stalls(const std::vector<ports::NewStall>&, Done<void>) override;
  void hook_calls(const ports::HookCallFilter&, Done<ports::HookCallPage>) override;
  void hook_counts(Done<std::vector<ports::HookCount>>) override;

 private:
  template <class T>
  using Act = std::function<Result<T, ports::StoreError>(FlowDatabase&, TimePoint now)>;
  template <class T>
  void ask(Act<T>, Done<T>, ports::StoreErrorCode if_lost, std::optional<LostReply> = std::nullopt);
  template <class T>
  void read(Act<T>, Done<T>);
  template <class T>
  void write(Act<T>, Done<T>);
  void later(std::function<void()>);
  void tell_missed();

  ports::Executor& executor_;
  const ports::Clock& clock_;
  std::shared_ptr<FlowDatabase> database_;
  std::shared_ptr<Link> link_;
  std::map<std::uint64_t, std::function<void()>> under_way_;  // by number: how it ends without an answer
  std::uint64_t last_number_ = 0;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
  Listener* listener_ = nullptr;
  bool away_ = false;
  bool refuse_commits_ = false, refuse_loads_ = false, refuse_removals_ = false;
  std::function<bool(const ports::ClaimRequest&)> doubted_claim_;
  std::function<bool(const ports::StepWrite&)> doubted_step_;
  std::optional<LostReply> lose_next_;
  Cut cut_;
};

}  // namespace baton::memory
