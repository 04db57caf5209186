#pragma once

#include <map>
#include <set>

#include "common/memory/session.h"
#include "tests/simulation/world.h"
#include "worker/task_executor.h"

namespace baton::simulation {

/// Task code at one worker: thinks, calls the cloud with key and token, thinks, ends as its script says. A
/// call that is on its way when its worker dies is carried out all the same.
class Tasks final : public worker::TaskExecutor {
 public:
  Tasks(World&, Process&, const memory::MemorySession&, std::shared_ptr<Wire> cloud, Incarnation self,
        std::set<std::string> types);

  bool knows(std::string_view task_type) const override { return types_.contains(std::string(task_type)); }
  void start(worker::CallId, const wire::Request&, Done) override;
  void cancel(worker::CallId) override;
  worker::TaskProgress progress(worker::CallId) const override { return {}; }

  void slow_down(int times) { slowness_ = times; }
  std::size_t executing() const { return count(Intention::Execute); }
  std::size_t reverting() const { return count(Intention::Revert); }

  static constexpr Millis kCloudTimeout{1'500};
  static constexpr Millis kHang{6'000};

 private:
  struct Call {
    wire::Request request;
    Done done;
    std::size_t execution = 0;  // in the evidence
    bool cancelled = false, answered = false;
  };

  const TaskScript& script(const Call&) const;
  bool fails(const Call&) const;
  void later(worker::CallId, Millis, void (Tasks::*)(worker::CallId));
  void call_cloud(worker::CallId);
  void answered(worker::CallId, bool fresh);
  void succeed_or_fail(worker::CallId);
  void obey_cancel(worker::CallId);
  void unreachable(worker::CallId);
  void end(worker::CallId, worker::TaskOutcome);
  std::size_t count(Intention) const;

  World& world_;
  Process& process_;
  const memory::MemorySession& session_;
  const std::shared_ptr<Wire> cloud_;
  const Incarnation self_;
  const std::set<std::string> types_;
  int slowness_ = 1;
  std::map<worker::CallId, Call> calls_;
};

}  // namespace baton::simulation
