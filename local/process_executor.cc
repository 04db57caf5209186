#include "local/process_executor.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "common/model/assert.h"
#include "local/frames.h"

namespace baton::local {
namespace {

using worker::TaskOutcome;
using Moment = std::chrono::steady_clock::time_point;

void block_signals() {
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

std::string asked(const wire::Request& request) {
  return said(wire::Requests{{request}});
}

std::string asked_to_end(const wire::DeliveryId& delivery) {
  return said(wire::Cancel{delivery, "asked to end"});
}

std::optional<worker::TaskProgress> progress_in(const wire::Message& message) {
  const auto* report = std::get_if<wire::Report>(&message.body);
  if (!report || report->holdings.size() != 1) return std::nullopt;
  const auto& said = report->holdings.front();
  return worker::TaskProgress{said.progress, said.progress_note};
}

std::optional<TaskOutcome> outcome_in(wire::Message& message) {
  auto* answers = std::get_if<wire::Answers>(&message.body);
  if (!answers || answers->answers.size() != 1) return std::nullopt;
  auto& what = answers->answers.front().what;
  if (auto* value = std::get_if<Value>(&what)) return std::move(*value);
  if (auto* failure = std::get_if<Failure>(&what)) return std::move(*failure);
  return std::nullopt;
}

}  // namespace

/// A thread that talks with one process after the other: it begins one when there is a task and none lives.
class ProcessExecutor::Slot {
 public:
  using Answered = std::function<void(TaskOutcome, pid_t)>;

  Slot(const SlotProgram& program, Millis grace, Answered answered)
      : program_(program),
        grace_(grace),
        answered_(std::move(answered)),
        wake_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    thread_ = std::thread([this] { serve(); });
  }
  ~Slot() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_one();
    wake();
    thread_.join();
  }

  void ask(wire::Request request) {
    {
      const std::lock_guard lock(mutex_);
      BATON_ASSERT(!next_);
      next_ = std::move(request);
      cancelled_ = false;
      progress_ = {};
    }
    changed_.notify_one();
  }
  void cancel() {
    {
      const std::lock_guard lock(mutex_);
      cancelled_ = true;
    }
    wake();
  }
  worker::TaskProgress progress() {
    const std::lock_guard lock(mutex_);
    return progress_;
  }

 private:
  void wake() const {
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(wake_.number(), &one, sizeof one);
  }
  void take_wake() const {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto got = ::read(wake_.number(), &count, sizeof count);
  }
  bool stopping() {
    const std::lock_guard lock(mutex_);
    return stopping_;
  }
  bool cancelled() {
    const std::lock_guard lock(mutex_);
    return cancelled_;
  }

  void serve() {
    block_signals();
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || next_; });
      if (stopping_) return process_.reset();
      const wire::Request request = *std::exchange(next_, std::nullopt);
      lock.unlock();
      TaskOutcome outcome = run(request);
      answered_(std::move(outcome), last_pid_);
    }
  }

  TaskOutcome run(const wire::Request& request) {
    // One that has died while it was idle: that is not this task's fault, which has not begun.
    if (process_ && !write_frame(process_->socket(), asked(request))) process_.reset();
    if (!process_) {
      auto begun = SlotProcess::start(program_);
      if (!begun.ok())
        return Failure::make(std::string(failure_type::kTaskCrashed),
                             "no process can be started for it: " + begun.error());
      process_.emplace(std::move(begun).value());
      last_pid_ = process_->pid();
      if (!write_frame(process_->socket(), asked(request))) return crashed();
    }
    return answer(request.delivery);
  }

  TaskOutcome answer(const wire::DeliveryId& delivery) {
    std::optional<Moment> deadline;
    for (std::string bytes;;) {
      if (!await_frame(delivery, deadline) || !read_frame(process_->socket(), bytes)) return crashed();
      auto message = wire::decode(bytes);
      if (!message.ok()) return crashed();
      if (auto outcome = outcome_in(*message)) return *std::move(outcome);
      auto progress = progress_in(*message);
      if (!progress) return crashed();
      const std::lock_guard lock(mutex_);
      progress_ = *std::move(progress);
    }
  }

  /// False: it is not waited for any longer, because this object ends or the task has not ended when asked.
  /// `deadline`: of a task that has been asked to end.
  bool await_frame(const wire::DeliveryId& delivery, std::optional<Moment>& deadline) {
    for (;;) {
      std::array<pollfd, 2> watched{{{process_->socket(), POLLIN, 0}, {wake_.number(), POLLIN, 0}}};
      const int ready = ::poll(watched.data(), watched.size(), milliseconds_to(deadline));
      if (ready < 0) continue;  // EINTR: again
      if (watched[0].revents != 0) return true;
      if (watched[1].revents != 0) take_wake();
      if (stopping() || (deadline && std::chrono::steady_clock::now() >= *deadline)) return false;
      if (!deadline && cancelled()) {
        deadline = std::chrono::steady_clock::now() + grace_;
        if (!write_frame(process_->socket(), asked_to_end(delivery))) return false;
      }
    }
  }

  static int milliseconds_to(const std::optional<Moment>& deadline) {
    if (!deadline) return -1;
    const auto left = std::chrono::ceil<Millis>(*deadline - std::chrono::steady_clock::now()).count();
    return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
  }

  /// It may live on, with its socket closed or no frames in it; the end that it has met already stays.
  TaskOutcome crashed() {
    process_->kill();
    const pid_t pid = process_->pid();
    const std::string how = process_->wait_end();
    process_.reset();
    if (cancelled())
      return Failure::make(std::string(failure_type::kCancelled),
                           "its process (" + std::to_string(pid) + ") " + how + " after it was asked to end");
    return Failure::make(std::string(failure_type::kTaskCrashed),
                         "its process (" + std::to_string(pid) + ") " + how);
  }

  const SlotProgram& program_;
  const Millis grace_;
  const Answered answered_;  // called on the slot's thread
  const worker::Descriptor wake_;
  std::optional<SlotProcess> process_;  // its thread's
  pid_t last_pid_ = 0;                  // … of the last task; 0: none could be started

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::optional<wire::Request> next_;
  worker::TaskProgress progress_;
  bool cancelled_ = false, stopping_ = false;
  std::thread thread_;
};

ProcessExecutor::ProcessExecutor(ports::Executor& owner, const worker::TaskRegistry& registry,
                                 SlotProgram program, std::uint32_t slots, Millis grace)
    : owner_(owner), registry_(registry), program_(std::move(program)), slots_max_(slots), grace_(grace) {
  BATON_ASSERT(slots > 0);
}

ProcessExecutor::~ProcessExecutor() = default;

void ProcessExecutor::start(worker::CallId id, const wire::Request& request, Done done) {
  if (idle_.empty() && slots_.size() < slots_max_) {
    const std::size_t number = slots_.size();
    slots_.push_back(std::make_unique<Slot>(
        program_, grace_, [this, number, alive = std::weak_ptr(alive_)](TaskOutcome outcome, pid_t pid) {
          owner_.post([this, alive, number, pid, outcome = std::move(outcome)]() mutable {
            if (!alive.expired()) ended(*slots_[number], std::move(outcome), pid);
          });
        }));
    idle_.push_back(slots_.back().get());
  }
  Call call{id, request, std::move(done)};
  if (idle_.empty()) return waiting_.push_back(std::move(call));
  Slot* slot = idle_.back();
  idle_.pop_back();
  begin(*slot, std::move(call));
}

void ProcessExecutor::begin(Slot& slot, Call call) {
  running_[call.id] = {&slot, std::move(call.done)};
  slot.ask(std::move(call.request));
}

void ProcessExecutor::ended(Slot& slot, TaskOutcome outcome, pid_t pid) {
  if (pid != 0 && std::find(pids_.begin(), pids_.end(), pid) == pids_.end()) pids_.push_back(pid);
  const auto found = std::find_if(running_.begin(), running_.end(),
                                  [&](const auto& running) { return running.second.slot == &slot; });
  BATON_ASSERT(found != running_.end());
  const Done done = std::move(found->second.done);
  running_.erase(found);
  if (waiting_.empty()) {
    idle_.push_back(&slot);
  } else {
    Call next = std::move(waiting_.front());
    waiting_.pop_front();
    begin(slot, std::move(next));
  }
  done(std::move(outcome));
}

void ProcessExecutor::cancel(worker::CallId id) {
  if (const auto found = running_.find(id); found != running_.end()) return found->second.slot->cancel();
  const auto waits =
      std::find_if(waiting_.begin(), waiting_.end(), [&](const Call& call) { return call.id == id; });
  if (waits == waiting_.end()) return;
  owner_.post([done = std::move(waits->done), alive = std::weak_ptr(alive_)] {
    if (!alive.expired())
      done(Failure::make(std::string(failure_type::kCancelled), "cancelled before it began"));
  });
  waiting_.erase(waits);
}

worker::TaskProgress ProcessExecutor::progress(worker::CallId id) const {
  const auto found = running_.find(id);
  return found == running_.end() ? worker::TaskProgress() : found->second.slot->progress();
}

}  // namespace baton::local
