#include "tests/conformance/process_workers.h"

#include <boost/json.hpp>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <random>
#include <thread>

#include "local/process_executor.h"
#include "local/task_slot.h"
#include "tests/conformance/workers.h"

namespace baton::conformance {
namespace {

namespace json = boost::json;

constexpr const char* kScripted = "scripted";
constexpr std::uint32_t kSlots = 4;  // more calls wait
constexpr std::int64_t kPauseMicrosMax = 300;

/// What a call's script says goes there as arguments and comes back as its outcome.
class ScriptedTask final : public worker::TaskBody {
 public:
  worker::TaskOutcome run(const wire::Request& request, worker::TaskControl&) const override {
    const auto script = request.arguments.tree();
    std::this_thread::sleep_for(Micros(script.at("pause_us").to_number<std::int64_t>()));
    const Value outcome = Value::from_stored(json::serialize(script.at("outcome")));
    if (script.at("fails").as_bool()) return Failure::from_value(outcome);
    return outcome;
  }
};

worker::TaskRegistry scripted() {
  worker::TaskRegistry registry;
  (void)registry.add(kScripted, "the runner", std::make_unique<ScriptedTask>());
  return registry;
}

Value script_of(const Call& call, std::int64_t pause_us) {
  const auto* failure = std::get_if<Failure>(&call.answer.outcome);
  const Value outcome = failure ? failure->to_value() : std::get<Value>(call.answer.outcome);
  return Value::from_stored("{\"fails\": " + std::string(failure ? "true" : "false") + ", \"pause_us\": " +
                            std::to_string(pause_us) + ", \"outcome\": " + std::string(outcome.json()) + "}");
}

/// Posts wait until somebody runs them.
class Inbox final : public ports::Executor {
 public:
  void post(std::function<void()> task) override {
    const std::lock_guard lock(mutex_);
    tasks_.push_back(std::move(task));
    posted_.notify_one();
  }
  void await_some() {
    std::unique_lock lock(mutex_);
    posted_.wait(lock, [this] { return !tasks_.empty(); });
    auto tasks = std::exchange(tasks_, {});
    lock.unlock();
    for (auto& task : tasks) task();
  }

 private:
  std::mutex mutex_;  // guards tasks_
  std::condition_variable posted_;
  std::deque<std::function<void()>> tasks_;
};

/// The slots of this process: cases come one after the other and use the same ones.
struct Pool {
  Inbox inbox;
  worker::TaskRegistry registry = scripted();
  local::ProcessExecutor slots{inbox, registry, {local::SlotProgram::own_path(), {}, -1}, kSlots};
};

std::unique_ptr<Pool>& pool() {
  static std::unique_ptr<Pool> kept;
  if (!kept) kept = std::make_unique<Pool>();
  return kept;
}

class ProcessWorkers final : public Workers {
 public:
  explicit ProcessWorkers(std::uint64_t seed) : random_(seed) {}
  ~ProcessWorkers() override { forget(); }

  void begin(Call call) override {
    const auto pause = call.slow_seconds > 0 ? static_cast<std::int64_t>(call.slow_seconds * 1e6)
                                             : static_cast<std::int64_t>(random_() % kPauseMicrosMax);
    wire::Request request;
    request.delivery.flow = FlowId(Uuid{{1}});  // messages without them are refused
    request.delivery.atom = "call " + std::to_string(last_call_ + 1);
    request.delivery.intention = call.answer.intention;
    request.delivery.attempt = call.answer.attempt;
    request.delivery.dispatch = call.answer.dispatch;
    request.task_type = kScripted;
    request.arguments = script_of(call, pause);
    ++out_;
    pool()->slots.start(
        ++last_call_, request, [this, answer = call.answer](worker::TaskOutcome outcome) mutable {
          std::visit([&](auto&& what) { answer.outcome = std::move(what); }, std::move(outcome));
          answers_.emplace_back(std::move(answer));
        });
  }

  std::vector<engine::Event> await() override {
    while (answers_.empty()) pool()->inbox.await_some();
    note_pids();
    out_ -= answers_.size();
    return std::exchange(answers_, {});
  }

  void forget() override {
    if (out_ > 0) pool().reset();
    answers_.clear();
    out_ = 0;
  }

  std::size_t out() const override { return out_; }
  std::size_t threads() const override { return kSlots; }
  std::vector<pid_t> pids() const override { return pids_; }

 private:
  void note_pids() { pids_ = pool()->slots.pids(); }

  std::mt19937_64 random_;
  worker::CallId last_call_ = 0;
  std::size_t out_ = 0;
  std::vector<engine::Event> answers_;
  std::vector<pid_t> pids_;
};

}  // namespace

std::unique_ptr<Workers> process_workers(std::uint64_t seed) {
  return std::make_unique<ProcessWorkers>(seed);
}

void serve_as_slot(int parent) {
  static const worker::TaskRegistry registry = scripted();
  local::run_task_slot(parent, registry);
}

}  // namespace baton::conformance
