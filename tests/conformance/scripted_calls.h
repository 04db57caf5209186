#pragma once

#include <map>

#include "tests/conformance/cast.h"
#include "tests/conformance/pace.h"
#include "worker/task_executor.h"

namespace baton::conformance {

/// The task calls that run at all workers of a case. They end when they are told to: end_some().
class ScriptedCalls {
 public:
  ScriptedCalls(Cast& cast, std::uint64_t seed) : cast_(cast), pace_(seed) {}

  void begin(const wire::Request&, worker::TaskExecutor::Done);
  void end_some();  // at least one; only when one runs
  /// Their processes are dead.
  void forget() { pace_.forget(), running_.clear(); }
  std::size_t running() const { return running_.size(); }

 private:
  struct Running {
    worker::TaskOutcome outcome;
    worker::TaskExecutor::Done done;
  };

  Cast& cast_;
  Pace pace_;
  std::map<Pace::CallNumber, Running> running_;
};

/// Where one worker runs its tasks.
class ScriptedExecutor final : public worker::TaskExecutor {
 public:
  explicit ScriptedExecutor(ScriptedCalls& calls) : calls_(calls) {}

  bool knows(std::string_view) const override { return true; }
  void start(worker::CallId, const wire::Request& request, Done done) override {
    calls_.begin(request, std::move(done));
  }
  void cancel(worker::CallId) override {}  // no case cancels
  worker::TaskProgress progress(worker::CallId) const override { return {}; }

 private:
  ScriptedCalls& calls_;
};

}  // namespace baton::conformance
