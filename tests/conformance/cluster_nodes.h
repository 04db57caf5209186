#pragma once

#include <memory>
#include <string>

#include "common/memory/directory.h"
#include "common/memory/event_loop.h"
#include "common/memory/flow_store.h"
#include "common/memory/job_board.h"
#include "common/memory/message_bus.h"
#include "common/memory/seeded_entropy.h"
#include "conductor/conductor.h"
#include "tests/conformance/scripted_calls.h"
#include "worker/worker.h"

namespace baton::conformance {

/// What the processes of a case's cluster share.
struct ClusterWorld {
  explicit ClusterWorld(std::uint64_t seed) : entropy(seed) {}

  memory::EventLoop loop;
  memory::SeededEntropy entropy;
  memory::MemoryEnsemble ensemble{loop, loop, entropy};
  memory::MemoryBroker broker{8};
  std::shared_ptr<memory::FlowDatabase> database = std::make_shared<memory::FlowDatabase>();
};

/// One life of a conductor process. Its end is that of kill -9 with a guardian: nothing more comes from it,
/// and its session is closed.
class ConductorNode {
 public:
  ConductorNode(ClusterWorld&, memory::MemoryFlowStore::Cut, conductor::FlowHooks&);
  ~ConductorNode();

  const conductor::Inspection& inspect() const { return *conductor_; }
  const std::string& refused() const { return refused_; }  // why it has not started; empty: it has

 private:
  struct NoCatalogue;

  std::unique_ptr<NoCatalogue> catalogue_;
  memory::MemorySession session_;
  std::unique_ptr<memory::MemoryJobBoard> board_;
  std::unique_ptr<memory::MemoryDirectory> directory_;
  std::unique_ptr<memory::MemoryMessageBus> bus_;
  std::unique_ptr<memory::MemoryFlowStore> store_;
  std::unique_ptr<conductor::Conductor> conductor_;
  std::string refused_ = "it is still starting";
};

/// One life of a worker process; the same end, and its death is noted.
class WorkerNode {
 public:
  WorkerNode(ClusterWorld&, ScriptedCalls&, const std::string& name, std::vector<std::string> task_types,
             std::uint32_t slots);
  ~WorkerNode();

  bool ready() const { return ready_; }
  worker::TaskRunner::Figures figures() const { return worker_->figures(); }

 private:
  ClusterWorld& world_;
  const Incarnation incarnation_;
  memory::MemorySession session_;
  memory::MemoryDirectory directory_;
  memory::MemoryMessageBus bus_;
  ScriptedExecutor tasks_;
  std::unique_ptr<worker::Worker> worker_;
  bool ready_ = false;
};

}  // namespace baton::conformance
