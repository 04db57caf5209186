#pragma once

#include <memory>
#include <optional>
#include <string>

#include "client/command/local_words.h"
#include "client/local/live_progress.h"
#include "client/local/local_flow.h"
#include "common/runtime/asio_loop.h"
#include "common/runtime/os_entropy.h"
#include "common/sqlite/flow_file.h"
#include "local/flow_run.h"
#include "local/process_executor.h"
#include "local/serial_executor.h"
#include "local/task_types.h"

namespace baton::client {

/// One run of a flow in this process, from its beginning (or from where its state file is) to the picture of
/// it.
class LocalRun final : private local::FlowRun::Listener {
 public:
  LocalRun(const Context&, const RunOptions&);
  ~LocalRun() override;

  Ended run();     // a flow anew
  Ended resume();  // what the state file has, from its last record on
  Ended rerun();   // … once more, after its end

 private:
  enum class Claim { Same, NextRun };

  // Each gives how it ended where it could not be done, after saying so.
  std::optional<Ended> load_types();
  std::optional<Ended> open_state(sqlite::StateFile::IfMissing);
  std::optional<Ended> refuse_not_ours() const;
  std::optional<Ended> claim_new(const LocalFlow&);
  std::optional<Ended> claim_again(Claim);
  std::optional<Ended> claim(const Posting&, Epoch after);
  std::optional<Ended> decode_plan(const JobId&);
  std::optional<Ended> load_claimed();
  std::optional<Ended> check_task_types() const;
  Ended drive();
  Ended finish();
  Ended refuse(Ended, const std::string& what) const;

  const ports::JobSummary* held() const;  // the state file's job; null: it has none
  std::string holds() const;              // … for people
  ports::JobDetail detail();
  void make_executor();
  void stop_softly();
  template <class T>
  Result<T, ports::StoreError> wait(const std::function<void(ports::FlowStore::Done<T>)>& ask);

  // local::FlowRun::Listener
  void on_facts(const engine::Engine&, std::span<const Fact>) override;
  bool wants_facts() const override { return progress_.wanted(); }
  void on_end(FlowState) override;
  void on_lost(const std::string& why) override;

  const Context& context_;
  const RunOptions& options_;
  runtime::AsioLoop loop_;
  runtime::OsEntropy entropy_;
  LiveProgress progress_;
  conductor::ModuleCatalogue catalogue_;
  std::unique_ptr<sqlite::FlowFile> file_;
  std::unique_ptr<ports::FlowStore> store_;
  std::unique_ptr<local::TaskTypes> types_;
  std::unique_ptr<worker::TaskExecutor> tasks_;
  std::unique_ptr<local::Keeper> keeper_;
  local::MemoryKeeper* memory_ = nullptr;  // the keeper, without a state file
  local::Beginning begin_;
  Posting posting_;
  TimePoint posted_at_{};
  std::unique_ptr<local::FlowRun> flow_;
  FlowState end_ = FlowState::Pending;
  std::string lost_;  // why it cannot go on; empty: it has ended
  bool is_over() const { return end_ != FlowState::Pending || !lost_.empty(); }
  bool stopping_ = false, bar_due_ = false;
};

}  // namespace baton::client
