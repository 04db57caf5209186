#include "worker/task_control.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

namespace baton::worker {
namespace {

/// A wait of a century would overflow the clock's arithmetic.
constexpr Millis kWaitMax = std::chrono::hours{24 * 365};

}  // namespace

void TaskControl::cancel() {
  const std::lock_guard lock(mutex_);
  if (cancelled_.exchange(true)) return;
  if (on_cancel_) std::exchange(on_cancel_, nullptr)();
  changed_.notify_all();
}

bool TaskControl::wait_cancelled(Millis time) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::clamp(time, Millis{0}, kWaitMax), [this] { return cancelled(); });
}

void TaskControl::on_cancel(std::function<void()> then) {
  const std::lock_guard lock(mutex_);
  on_cancel_ = std::move(then);
  if (on_cancel_ && cancelled()) std::exchange(on_cancel_, nullptr)();
}

void TaskControl::set_progress(double share, std::string_view note) {
  // It goes to people through JSON: what is no text there becomes U+FFFD.
  const Value text = Value::of_string(note.substr(0, kNoteBytesMax));
  const auto tree = text.tree();
  const std::lock_guard lock(mutex_);
  progress_.share = std::isfinite(share) ? std::clamp(share, 0.0, 1.0) : 0.0;
  progress_.note = std::string(tree.get_string());
}

TaskProgress TaskControl::progress() const {
  const std::lock_guard lock(mutex_);
  return progress_;
}

}  // namespace baton::worker
