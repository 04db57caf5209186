#pragma once

#include "tests/simulation/node.h"
#include "tests/simulation/tasks.h"
#include "worker/worker.h"

namespace baton::simulation {

/// One life of a worker: the real one, on memory ports, with simulated task code.
class WorkerNode final : public Node {
 public:
  WorkerNode(World&, const Who&, const worker::RunnerLimits&, std::set<std::string> types,
             std::size_t queued_messages_max);
  ~WorkerNode() override;

  worker::TaskRunner::Figures figures() const { return worker_->figures(); }
  Tasks& tasks() { return tasks_; }
  /// As by SIGTERM. `gone`: the process ends now.
  void drain(Millis deadline, std::function<void()> gone);

  std::string doing() const override;
  bool idle() const override;
  void sample(std::map<std::string, Level>&) const override;

 private:
  const worker::RunnerLimits limits_;
  const std::size_t queued_messages_max_;
  void left(worker::Worker::End);

  Tasks tasks_;
  std::function<void()> gone_;
  std::unique_ptr<worker::Worker> worker_;
};

}  // namespace baton::simulation
