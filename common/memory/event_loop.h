#pragma once

#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <utility>

#include "common/ports/clock.h"
#include "common/ports/executor.h"

namespace baton::memory {

/// An owner's thread and its clock in virtual time: nothing happens unless run_*() is called, 30 s cost
/// nothing, and the same posts give the same order. For tests and the simulator.
/// Life: must outlive everything that posts to it; tasks and timers left at its end are dropped.
/// Threads: all on the one that calls run_*(), except post(), which is safe from any.
/// Bound: a run that never gets idle is a bug and asserts after kTasksPerRunMax tasks.
class EventLoop final : public ports::Executor, public ports::Clock {
 public:
  static constexpr std::size_t kTasksPerRunMax = 100'000'000;

  explicit EventLoop(TimePoint wall_at_start = TimePoint{std::chrono::seconds{1'700'000'000}});

  void post(std::function<void()> task) override;

  TimePoint wall() const override { return wall_at_start_ + now_; }
  Micros steady() const override { return now_; }
  ports::TimerId after(Millis delay, std::function<void()> then) override;
  void cancel(ports::TimerId id) override;

  /// Runs what is posted and every timer that is due, and what follows from them, without moving time.
  void run_until_idle();
  /// Moves time by the duration from timer to timer: each runs at its own time.
  void run_for(Millis duration);
  /// Time jumps at once, as for a process that was stopped: timers run late. Then runs until idle.
  void advance(Millis jump);
  /// run_for() that ends as soon as `done` holds, asked after each task. False: the limit has passed first.
  bool run_until(const std::function<bool()>& done, Millis limit);

  bool idle() const;  // nothing posted and no timer due now

 private:
  using Due = std::pair<Micros, ports::TimerId>;  // ids grow: equal times fire in the order of asking

  bool run_one();

  const TimePoint wall_at_start_;
  Micros now_{0};
  ports::TimerId last_id_ = 0;
  std::map<Due, std::function<void()>> timers_;
  std::map<ports::TimerId, Micros> due_of_;
  mutable std::mutex mutex_;  // guards tasks_
  std::deque<std::function<void()>> tasks_;
};

}  // namespace baton::memory
