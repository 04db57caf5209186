#include "common/memory/event_loop.h"

#include "common/model/assert.h"

namespace baton::memory {

EventLoop::EventLoop(TimePoint wall_at_start) : wall_at_start_(wall_at_start) {}

void EventLoop::post(std::function<void()> task) {
  const std::lock_guard lock(mutex_);
  tasks_.push_back(std::move(task));
}

ports::TimerId EventLoop::after(Millis delay, std::function<void()> then) {
  const Micros due = now_ + std::max(delay, Millis{0});
  const ports::TimerId id = ++last_id_;
  timers_.emplace(Due{due, id}, std::move(then));
  due_of_.emplace(id, due);
  return id;
}

void EventLoop::cancel(ports::TimerId id) {
  const auto found = due_of_.find(id);
  if (found == due_of_.end()) return;
  timers_.erase(Due{found->second, id});
  due_of_.erase(found);
}

bool EventLoop::run_one() {
  std::function<void()> task;
  {
    const std::lock_guard lock(mutex_);
    if (!tasks_.empty()) {
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
  }
  if (!task && !timers_.empty() && timers_.begin()->first.first <= now_) {
    auto timer = timers_.extract(timers_.begin());
    due_of_.erase(timer.key().second);
    task = std::move(timer.mapped());
  }
  if (!task) return false;
  task();
  return true;
}

void EventLoop::run_until_idle() {
  std::size_t count = 0;
  while (run_one()) BATON_ASSERT(++count < kTasksPerRunMax);
}

void EventLoop::run_for(Millis duration) {
  run_until([] { return false; }, duration);
}

void EventLoop::advance(Millis jump) {
  now_ += jump;
  run_until_idle();
}

bool EventLoop::run_until(const std::function<bool()>& done, Millis limit) {
  const Micros end = now_ + limit;
  std::size_t count = 0;
  while (!done()) {
    if (run_one()) {
      BATON_ASSERT(++count < kTasksPerRunMax);
      continue;
    }
    if (timers_.empty() || timers_.begin()->first.first > end) {
      now_ = end;
      return false;
    }
    now_ = timers_.begin()->first.first;
  }
  return true;
}

bool EventLoop::idle() const {
  const std::lock_guard lock(mutex_);
  return tasks_.empty() && (timers_.empty() || timers_.begin()->first.first > now_);
}

}  // namespace baton::memory
