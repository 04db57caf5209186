#pragma once

#include <functional>
#include <memory>
#include <string>

#include "common/ports/flow_store.h"

namespace boost::asio {
class io_context;
}

namespace baton::postgres {

class Connections;
class Reader;

struct FlowStoreSettings {
  std::string conninfo;  // libpq's: "host=… port=… dbname=…" or a URI; several hosts may stand in it
  std::string schema = "baton";       // [a-z_][a-z0-9_]*
  std::string application = "baton";  // as pg_stat_activity shows it
  /// What the server's settings can lose of what it has confirmed (no fsync, a standby that no commit waits
  /// for); empty: nothing any more. Told when that changes, from the loop.
  std::function<void(const std::string& risk)> on_risk = {};
};

/// ports::FlowStore in Postgres (DESIGN.md section 4): one connection that writes, one that loads flows, so
/// that a large one holds up no commit, one that reads for people, and one for the calls of hooks (the latter
/// three opened when first needed).
///
/// Works that are asked for while a commit is under way share the next one (at most kWorksPerCommitMax of
/// them and kBytesPerCommitMax). A connection that is lost is opened again at once; what was under way ends
/// with OutcomeUnknown, what was queued waits for that one try. If it fails, everything is refused with
/// Unavailable until the server is back (Listener::on_reachable). All connections are to one database, also
/// where several hosts accept them (database_choice.h).
/// Life: must not outlive the io_context. Its end drops what is under way; no callback comes afterwards.
/// Threads: the io_context's one thread only.
class PostgresFlowStore final : public ports::FlowStore, public ports::HookStore {
 public:
  template <class T>
  using Done = ports::FlowStore::Done<T>;

  /// Connects at once. The conninfo must be readable and the schema a name (problem_of()).
  PostgresFlowStore(boost::asio::io_context&, FlowStoreSettings);
  ~PostgresFlowStore() override;

  /// For --check-config: what is wrong with the settings; empty: nothing.
  static std::string problem_of(const FlowStoreSettings&);

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
  Done<T> guarded(Done<T>) const;
  template <class T, class Add>
  void ask(const std::shared_ptr<Reader>& on, Done<T>, Add add);

  std::unique_ptr<Connections> connections_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace baton::postgres
