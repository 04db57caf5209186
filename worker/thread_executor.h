#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "common/ports/executor.h"
#include "common/runtime/tasks_at_work.h"
#include "worker/task_executor.h"
#include "worker/task_registry.h"

namespace baton::worker {

/// Runs tasks on threads of this process, made when first needed, at most `threads` of them. A task that
/// crashes takes the worker with it, and is named as the one that did.
/// Life: its end cancels what runs and waits for it: a task that ignores cancel() keeps it waiting, so a
/// process that must end at once leaves by _exit instead.
/// Threads: owner's only; the tasks' own threads post back to `owner`. Registry and owner must outlive it.
/// Bound: none of its own; the caller starts no more than its slots at once.
class ThreadExecutor final : public TaskExecutor {
 public:
  /// `at_work`: names what runs, for whoever looks after the process; null: nobody does.
  ThreadExecutor(ports::Executor& owner, const TaskRegistry&, std::uint32_t threads,
                 runtime::TasksAtWork* at_work = nullptr);
  ~ThreadExecutor() override;

  bool knows(std::string_view task_type) const override { return registry_.find(task_type) != nullptr; }
  void start(CallId, const wire::Request&, Done) override;
  void cancel(CallId) override;
  TaskProgress progress(CallId) const override;

 private:
  struct Call {
    CallId id = 0;
    wire::Request request;
    TaskControl control;
    Done done;  // owner's thread only
  };
  using Calls = std::map<CallId, std::shared_ptr<Call>>;

  void work(std::size_t thread);
  TaskOutcome run(Call&, std::size_t thread) const;
  TaskOutcome run(Call&) const;

  ports::Executor& owner_;
  const TaskRegistry& registry_;
  const std::uint32_t threads_max_;
  runtime::TasksAtWork* const at_work_;
  std::shared_ptr<Calls> calls_ = std::make_shared<Calls>();  // that have not ended; owner's thread only
  const std::weak_ptr<Calls> calls_if_alive_ = calls_;        // for posts that come after the end

  std::mutex mutex_;  // guards waiting_, idle_, stopping_
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Call>> waiting_;
  std::uint32_t idle_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace baton::worker
