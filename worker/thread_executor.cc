#include "worker/thread_executor.h"

#include <signal.h>

#include <exception>
#include <utility>

#include "common/model/assert.h"
#include "common/ports/directory.h"

namespace baton::worker {
namespace {

/// Signals are the owner's; SIGPIPE on a task's thread would end the process for a pipe that a child closed.
void block_signals() {
  sigset_t blocked;
  sigfillset(&blocked);
  for (const int number : runtime::crash_signals()) sigdelset(&blocked, number);
  pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
}

}  // namespace

ThreadExecutor::ThreadExecutor(ports::Executor& owner, const TaskRegistry& registry, std::uint32_t threads,
                               runtime::TasksAtWork* at_work)
    : owner_(owner), registry_(registry), threads_max_(threads), at_work_(at_work) {
  BATON_ASSERT(threads > 0);
}

ThreadExecutor::~ThreadExecutor() {
  for (const auto& [id, call] : *calls_) call->control.cancel();
  calls_.reset();  // late posts find nobody
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    waiting_.clear();
  }
  wake_.notify_all();
  for (auto& thread : threads_) thread.join();
}

void ThreadExecutor::start(CallId id, const wire::Request& request, Done done) {
  auto call = std::make_shared<Call>();
  call->id = id;
  call->request = request;
  call->done = std::move(done);
  calls_->emplace(id, call);
  {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(call));
    if (waiting_.size() > idle_ && threads_.size() < threads_max_)
      threads_.emplace_back([this, thread = threads_.size()] { work(thread); });
  }
  wake_.notify_one();
}

void ThreadExecutor::cancel(CallId id) {
  if (const auto found = calls_->find(id); found != calls_->end()) found->second->control.cancel();
}

TaskProgress ThreadExecutor::progress(CallId id) const {
  const auto found = calls_->find(id);
  return found == calls_->end() ? TaskProgress{} : found->second->control.progress();
}

void ThreadExecutor::work(std::size_t thread) {
  block_signals();
  const runtime::CrashStack crash_stack;
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    wake_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    --idle_;
    if (stopping_) return;
    auto call = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    auto outcome = run(*call, thread);
    const CallId id = call->id;
    call.reset();  // the owner's is the last: `done` and what it holds are destroyed there
    owner_.post([calls = calls_if_alive_, id, outcome = std::move(outcome)]() mutable {
      const auto open = calls.lock();
      if (!open) return;
      const auto ended = open->extract(id);
      ended.mapped()->done(std::move(outcome));
    });
    lock.lock();
  }
}

TaskOutcome ThreadExecutor::run(Call& call, std::size_t thread) const {
  if (!at_work_) return run(call);
  const auto& delivery = call.request.delivery;
  at_work_->begin(thread, ports::task_name(delivery.flow, delivery.atom));
  auto outcome = run(call);
  at_work_->end(thread);
  return outcome;
}

TaskOutcome ThreadExecutor::run(Call& call) const {
  if (call.control.cancelled())
    return Failure::make(std::string(failure_type::kCancelled), "cancelled before it began");
  try {
    return registry_.find(call.request.task_type)->run(call.request, call.control);
  } catch (const std::exception& error) {  // no room for what a task gave, or no thread to be had
    return Failure::make(std::string(failure_type::kTaskThrew), error.what());
  }
}

}  // namespace baton::worker
