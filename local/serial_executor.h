#pragma once

#include <deque>
#include <map>
#include <string>

#include "common/ports/executor.h"
#include "worker/task_registry.h"
#include "worker/thread_executor.h"

namespace baton::local {

/// Runs tasks one after the other, in the order of starting. A task type that has shown to be quick runs on
/// the owner's thread itself, unless it has a start_to_close; the others on one of their own, so that the
/// owner goes on hearing of timers and signals.
/// Life: as ThreadExecutor's. Owner's thread only.
class SerialExecutor final : public worker::TaskExecutor {
 public:
  static constexpr Micros kQuickMax{1'000};
  static constexpr std::uint32_t kQuickInARow = 8;
  static constexpr std::uint32_t kCallsInATurn = 64;  // of the owner's loop, before it hears others

  SerialExecutor(ports::Executor& owner, const worker::TaskRegistry& registry);

  bool knows(std::string_view task_type) const override { return registry_.find(task_type) != nullptr; }
  void start(worker::CallId, const wire::Request&, Done) override;
  void cancel(worker::CallId) override;
  worker::TaskProgress progress(worker::CallId) const override;

 private:
  struct Call {
    worker::CallId id = 0;
    wire::Request request;
    Done done;
    bool cancelled = false;
  };

  void next();
  void run_some_here();
  void run_here();
  void ended(worker::TaskOutcome, Micros took);
  bool is_quick(const std::string& type) const;

  ports::Executor& owner_;
  const worker::TaskRegistry& registry_;
  std::deque<Call> calls_;  // the first one runs
  bool running_ = false;
  bool in_turn_ = false, next_in_turn_ = false;              // of run_some_here()
  std::map<std::string, std::uint32_t, std::less<>> quick_;  // in a row, by task type
  worker::ThreadExecutor thread_;
  std::shared_ptr<const bool> alive_ = std::make_shared<const bool>(true);
};

}  // namespace baton::local
