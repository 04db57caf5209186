#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/command/local_words.h"
#include "client/local/kept_run.h"
#include "client/local/local_flow.h"
#include "client/local/run_tasks.h"
#include "client/local/session_problem.h"
#include "common/runtime/asio_loop.h"
#include "common/runtime/os_entropy.h"
#include "local/flow_run.h"
#include "local/notifier.h"

namespace baton::client {

/// One run of a flow in this process, from its beginning, or from where its state file is, to its end. Says
/// nothing itself: `baton run` and libbaton do.
/// Life: one of the ways to begin, then drive(); what it shows afterwards is there until its end. With
/// options.dry_run it is begun on a copy of the state file, and not driven.
/// Threads: one; post to loop() from others.
class LocalSession final : private local::FlowRun::Listener {
 public:
  using FlowFrom = std::function<Result<LocalFlow, std::string>(conductor::ModuleCatalogue&)>;
  using AddTypes = RunTasks::AddTypes;

  /// `add_types`: beside those of modules and commands; none: null.
  explicit LocalSession(const RunOptions&, AddTypes add_types = nullptr);
  ~LocalSession() override;

  MaybeProblem begin(const FlowFrom&);           // a flow anew
  MaybeProblem go_on();                          // what the state file has, from its last record on
  MaybeProblem begin_next();                     // … once more, after its end: as options.anew says
  MaybeProblem begin_or_go_on(const FlowFrom&);  // go_on(), where the file has that flow's run already

  /// Returns at the end of the run, or when it cannot go on.
  void drive();
  /// With a state file what runs ends and is recorded, then the run is SUSPENDED; without one it is cancelled
  /// and reverted.
  void stop();

  runtime::AsioLoop& loop() { return loop_; }
  local::Notifier& notifier() { return notifier_; }
  const engine::Plan& plan() const { return *begin_.plan; }
  /// What a drive() would begin with.
  const local::Beginning& beginning() const { return begin_; }
  /// Its engine behind the first step of a drive(), which is not taken; or why there is none.
  Result<std::unique_ptr<engine::Engine>, std::string> try_first_step(engine::StepOutput&) const;
  std::vector<AtomIndex> running(std::size_t max) const { return flow_->running(max); }

  bool is_kept() const { return kept_.file() != nullptr; }
  bool is_over() const { return end_ != FlowState::Pending || !lost_.empty(); }
  bool was_stopped() const { return stopping_; }
  FlowState end() const { return end_; }
  /// Why it cannot go on; empty: it has ended.
  std::string lost() const;
  /// As the API shows a job.
  ports::JobDetail detail();

  static constexpr Millis kProgressEvery{100};  // tasks are asked what they say of themselves

 private:
  MaybeProblem claim_new(const LocalFlow&);
  MaybeProblem claim_again(std::uint32_t run);
  MaybeProblem load_types();  // there is one for each task
  void make_keeper();
  void watch_progress();
  void ask_progress();

  // local::FlowRun::Listener
  void on_facts(const engine::Engine&, std::span<const Fact>) override;
  bool wants_facts() const override { return notifier_.anybody(); }
  void on_end(FlowState) override;
  void on_lost(const std::string& why) override;

  const RunOptions options_;
  runtime::AsioLoop loop_;
  runtime::OsEntropy entropy_;
  local::Notifier notifier_{loop_};
  KeptRun kept_;
  RunTasks tasks_;
  std::unique_ptr<worker::TaskExecutor> executor_;
  std::unique_ptr<local::Keeper> keeper_;
  local::MemoryKeeper* memory_ = nullptr;  // the keeper, without a state file
  local::Beginning begin_;
  Posting posting_;
  TimePoint posted_at_{};
  std::unique_ptr<local::FlowRun> flow_;
  FlowState end_ = FlowState::Pending;
  std::string lost_;
  bool stopping_ = false, watching_ = false;
};

}  // namespace baton::client
