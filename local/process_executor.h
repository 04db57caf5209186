#pragma once

#include <deque>
#include <map>
#include <memory>
#include <vector>

#include "common/ports/executor.h"
#include "local/slot_process.h"
#include "worker/command_process.h"
#include "worker/task_executor.h"
#include "worker/task_registry.h"

namespace baton::local {

/// Runs tasks in processes of their own, at most `slots` at once, each kept for the next task. A task that
/// crashes takes its process with it: it failed of TaskCrashed, and the next one gets a fresh process.
/// One that was asked to end and has not within the grace is killed with its process.
/// Life: its end kills what runs. Threads: the owner's, and one for each slot that talks with its process.
class ProcessExecutor final : public worker::TaskExecutor {
 public:
  /// Longer than a command's: its guard has killed it before the slot is killed, so that it never runs beside
  /// its next attempt.
  static constexpr Millis kGrace = worker::CommandLauncher::kGrace + Millis(5'000);

  /// `registry`: the types that the slots have, too. It and the owner must outlive this object.
  ProcessExecutor(ports::Executor& owner, const worker::TaskRegistry& registry, SlotProgram,
                  std::uint32_t slots, Millis grace = kGrace);
  ~ProcessExecutor() override;

  bool knows(std::string_view task_type) const override { return registry_.find(task_type) != nullptr; }
  void start(worker::CallId, const wire::Request&, Done) override;
  void cancel(worker::CallId) override;
  worker::TaskProgress progress(worker::CallId) const override;

  /// Of the processes that have answered so far, in the order of their beginning.
  const std::vector<pid_t>& pids() const { return pids_; }

 private:
  class Slot;
  struct Call {
    worker::CallId id = 0;
    wire::Request request;
    Done done;
  };

  void begin(Slot&, Call);
  void ended(Slot&, worker::TaskOutcome, pid_t);

  ports::Executor& owner_;
  const worker::TaskRegistry& registry_;
  const SlotProgram program_;
  const std::uint32_t slots_max_;
  const Millis grace_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Slot*> idle_;
  std::deque<Call> waiting_;
  struct Running {
    Slot* slot = nullptr;
    Done done;
  };
  std::map<worker::CallId, Running> running_;
  std::vector<pid_t> pids_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace baton::local
