#include "local/task_slot.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>

#include "common/wire/messages.h"
#include "local/frames.h"

namespace baton::local {
namespace {

using worker::TaskOutcome;

constexpr Millis kReportEvery{100};

/// Says what the running task says of itself, when it is something new; before the task's answer, never
/// behind it.
class ProgressReporter {
 public:
  void begin(const wire::DeliveryId& delivery, std::shared_ptr<const worker::TaskControl> control) {
    const std::lock_guard lock(mutex_);
    told_ = {delivery, true, Millis(0), 0, {}};
    control_ = std::move(control);
    changed_.notify_one();
  }
  void end() {
    const std::lock_guard lock(mutex_);
    control_.reset();
  }
  [[noreturn]] void serve() {
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return control_ != nullptr; });
      changed_.wait_for(lock, kReportEvery);
      if (control_) report(control_->progress());
    }
  }

 private:
  void report(worker::TaskProgress progress) {
    if (progress.share == told_.progress && progress.note == told_.progress_note) return;
    told_.progress = progress.share;
    told_.progress_note = std::move(progress.note);
    if (!write_frame(kSlotSocket, said(wire::Report{{told_}}))) ::_exit(0);
  }

  std::mutex mutex_;  // guards what follows, and what is written while a task runs
  std::condition_variable changed_;
  wire::Holding told_;
  std::shared_ptr<const worker::TaskControl> control_;  // null: nothing runs
};

/// Three threads: one listens for the next request or a cancel, one runs tasks and answers, one reports.
class TaskSlot {
 public:
  explicit TaskSlot(const worker::TaskRegistry& registry) : registry_(registry) {}

  [[noreturn]] void serve() {
    std::thread([this] { run_all(); }).detach();
    std::thread([this] { reporter_.serve(); }).detach();
    for (std::string bytes; read_frame(kSlotSocket, bytes);) {
      auto message = wire::decode(bytes);
      if (!message.ok()) break;
      if (auto* asked = std::get_if<wire::Requests>(&message->body))
        for (auto& request : asked->requests) ask(std::move(request));
      if (std::holds_alternative<wire::Cancel>(message->body)) cancel();
    }
    ::_exit(0);  // nobody waits for the task any more
  }

 private:
  void ask(wire::Request request) {
    {
      const std::lock_guard lock(mutex_);
      next_ = std::move(request);
      control_ = std::make_shared<worker::TaskControl>();
    }
    changed_.notify_one();
  }

  void cancel() {
    const std::lock_guard lock(mutex_);
    if (control_) control_->cancel();
  }

  [[noreturn]] void run_all() {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return next_.has_value(); });
      const wire::Request request = *std::exchange(next_, std::nullopt);
      const auto control = control_;
      lock.unlock();
      wire::Answer answer{request.delivery, {}, Micros(0)};
      reporter_.begin(request.delivery, control);
      std::visit([&](auto&& what) { answer.what = std::move(what); }, run(request, *control));
      reporter_.end();
      if (!write_frame(kSlotSocket, said(wire::Answers{{std::move(answer)}}))) ::_exit(0);
    }
  }

  TaskOutcome run(const wire::Request& request, worker::TaskControl& control) const {
    const auto* body = registry_.find(request.task_type);
    if (!body)
      return Failure::make(std::string(failure_type::kUnsupported), "no task type " + request.task_type);
    try {
      return body->run(request, control);
    } catch (const std::exception& error) {
      return Failure::make(std::string(failure_type::kTaskThrew), error.what());
    }
  }

  const worker::TaskRegistry& registry_;
  ProgressReporter reporter_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::optional<wire::Request> next_;
  std::shared_ptr<worker::TaskControl> control_;
};

}  // namespace

void run_task_slot(int parent, const worker::TaskRegistry& registry) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);  // it died before it could be asked to tell
  ::signal(SIGPIPE, SIG_IGN);
  ::fcntl(kSlotSocket, F_SETFD, FD_CLOEXEC);
  ::fcntl(kSlotAlive, F_SETFD, FD_CLOEXEC);
  TaskSlot(registry).serve();
}

}  // namespace baton::local
