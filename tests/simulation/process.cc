#include "tests/simulation/process.h"

#include <array>
#include <utility>

namespace baton::simulation {

std::string to_string(Step step) {
  static constexpr std::array kServers{"store", "bus", "board", "cloud"};
  static constexpr std::array kMoments{"before", "sent", "done", "heard"};
  return std::string(kServers[static_cast<std::size_t>(step.server)]) + " " +
         kMoments[static_cast<std::size_t>(step.moment)];
}

Process::Process(memory::EventLoop& loop, std::string name, Dice dice)
    : loop_(loop), name_(std::move(name)), dice_(std::move(dice)) {}

void Process::post(std::function<void()> task) {
  if (dead_) return;
  tasks_.push_back(std::move(task));
  wake();
}

void Process::wake() {
  if (stopped_ || tasks_.empty() || std::exchange(waking_, true)) return;
  loop_.post([this, exists = std::weak_ptr(exists_)] {
    if (!exists.expired()) run();
  });
}

/// One at a time: others run in between.
void Process::run() {
  waking_ = false;
  if (dead_ || stopped_ || tasks_.empty()) return;
  const auto task = std::move(tasks_.front());
  tasks_.pop_front();
  task();
  wake();
}

ports::TimerId Process::after(Millis delay, std::function<void()> then) {
  if (dead_) return 0;
  const auto id = std::make_shared<ports::TimerId>();
  *id = loop_.after(delay, [this, id, exists = std::weak_ptr(exists_)] {
    if (!exists.expired()) fired(*id);
  });
  timers_.emplace(*id, std::move(then));
  return *id;
}

void Process::cancel(ports::TimerId id) {
  if (timers_.erase(id) > 0) loop_.cancel(id);
}

void Process::fired(ports::TimerId id) {
  if (stopped_) {
    late_.push_back(id);
    return;
  }
  auto timer = timers_.extract(id);
  if (!timer.empty()) timer.mapped()();
}

/// The operating system tells of timers and of what lies in the sockets in no order that one can rely on.
void Process::go_on() {
  if (dead_ || !std::exchange(stopped_, false)) return;
  const bool timers_first = dice_.one_in(2);
  std::deque<std::function<void()>> late;
  for (const ports::TimerId id : std::exchange(late_, {})) late.emplace_back([this, id] { fired(id); });
  tasks_.insert(timers_first ? tasks_.begin() : tasks_.end(), late.begin(), late.end());
  wake();
}

void Process::kill() {
  dead_ = true;
  tasks_.clear();
  for (const auto& [id, timer] : std::exchange(timers_, {})) loop_.cancel(id);
}

void Process::step(Step step) {
  if (!dead_ && on_step_) on_step_(step);
}

}  // namespace baton::simulation
