#include "local/serial_executor.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace baton::local {
namespace {

using Steady = std::chrono::steady_clock;

Micros since(Steady::time_point began) {
  return std::chrono::duration_cast<Micros>(Steady::now() - began);
}

}  // namespace

SerialExecutor::SerialExecutor(ports::Executor& owner, const worker::TaskRegistry& registry)
    : owner_(owner), registry_(registry), thread_(owner, registry, 1) {}

bool SerialExecutor::is_quick(const std::string& type) const {
  const auto found = quick_.find(type);
  return found != quick_.end() && found->second >= kQuickInARow;
}

void SerialExecutor::start(worker::CallId id, const wire::Request& request, Done done) {
  calls_.push_back({id, request, std::move(done)});
  next();
}

void SerialExecutor::next() {
  if (running_ || calls_.empty()) return;
  running_ = true;
  const Call& call = calls_.front();
  // What runs here hears of no timeout: one that may have to be ended is no such call, however quick.
  if (call.cancelled || (is_quick(call.request.task_type) && !call.request.start_to_close)) {
    next_in_turn_ = in_turn_;
    if (in_turn_) return;
    owner_.post([this, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) run_some_here();
    });
    return;
  }
  thread_.start(call.id, call.request, [this, began = Steady::now()](worker::TaskOutcome outcome) {
    ended(std::move(outcome), since(began));
  });
}

/// What ends makes others start: those that are quick follow at once, as long as the turn is short.
void SerialExecutor::run_some_here() {
  const std::weak_ptr alive(alive_);
  const auto began = Steady::now();
  in_turn_ = true;
  for (std::uint32_t calls = 0; calls < kCallsInATurn; ++calls) {
    next_in_turn_ = false;
    run_here();
    if (alive.expired()) return;
    if (!next_in_turn_ || since(began) > kQuickMax) break;
  }
  in_turn_ = false;
  if (!std::exchange(next_in_turn_, false)) return;
  running_ = false;  // its turn comes later
  next();
}

void SerialExecutor::run_here() {
  const Call& call = calls_.front();
  if (call.cancelled)
    return ended(Failure::make(std::string(failure_type::kCancelled), "cancelled before it began"),
                 Micros(0));
  const auto began = Steady::now();
  worker::TaskControl control;
  worker::TaskOutcome outcome;
  try {
    outcome = registry_.find(call.request.task_type)->run(call.request, control);
  } catch (const std::exception& error) {
    outcome = Failure::make(std::string(failure_type::kTaskThrew), error.what());
  }
  ended(std::move(outcome), since(began));
}

void SerialExecutor::ended(worker::TaskOutcome outcome, Micros took) {
  const Call call = std::move(calls_.front());
  calls_.pop_front();
  running_ = false;
  auto& quick = quick_[call.request.task_type];
  quick = took > kQuickMax ? 0 : std::min(quick + 1, kQuickInARow);
  const std::weak_ptr alive(alive_);
  call.done(std::move(outcome));
  if (!alive.expired()) next();
}

void SerialExecutor::cancel(worker::CallId id) {
  for (Call& call : calls_)
    if (call.id == id) call.cancelled = true;
  thread_.cancel(id);
}

worker::TaskProgress SerialExecutor::progress(worker::CallId id) const {
  return thread_.progress(id);
}

}  // namespace baton::local
