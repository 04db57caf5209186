#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>

#include "common/model/time.h"
#include "worker/task_executor.h"

namespace baton::worker {

/// What the owner and a running task say to each other across their threads: "end soon" one way, progress the
/// other. Shared by both. From any thread.
class TaskControl {
 public:
  static constexpr std::size_t kNoteBytesMax = 256;  // longer progress notes are cut

  void cancel();
  bool cancelled() const { return cancelled_.load(std::memory_order_relaxed); }
  /// Sleeps up to so long; true as soon as it is cancelled.
  bool wait_cancelled(Millis);

  /// Called once, on the cancelling thread or here and now if that has happened; for tasks that wait in
  /// something else than wait_cancelled(). An empty one takes it back: after that it is not called any more.
  void on_cancel(std::function<void()>);

  void set_progress(double share, std::string_view note);
  TaskProgress progress() const;

 private:
  std::atomic<bool> cancelled_ = false;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::function<void()> on_cancel_;
  TaskProgress progress_;
};

}  // namespace baton::worker
