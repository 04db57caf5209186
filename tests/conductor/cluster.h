#pragma once

#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/memory/directory.h"
#include "common/memory/event_loop.h"
#include "common/memory/flow_store.h"
#include "common/memory/job_board.h"
#include "common/memory/message_bus.h"
#include "common/memory/seeded_entropy.h"
#include "conductor/conductor.h"
#include "tests/conductor/moving_clock.h"
#include "tests/conductor/scripted_worker.h"

namespace baton::conductor::testing {

/// Flows by name: "create-cluster" {nodes}, "chain" {length}.
class StoryCatalogue final : public FlowCatalogue {
 public:
  bool knows(std::string_view name) const override {
    return (name == "create-cluster" || name == "chain") && !lost.contains(std::string(name));
  }
  Result<Value, CatalogueError> build(std::string_view name, const Value& args, const Value& kwargs) override;
  std::vector<CatalogueEntry> entries() const override {
    return {{"chain", "", {}, "story", "1"}, {"create-cluster", "", {}, "story", "1"}};
  }

  const engine::UserRetries* retries() const override { return user_retries; }

  const engine::UserRetries* user_retries = nullptr;  // before the first conductor
  std::set<std::string> lost;                         // flows that are known no more
  std::function<void()> on_build;                     // between a job's claim and its first commit
};

/// One conductor process on memory ports.
struct Node {
  Node(memory::EventLoop&, ports::Clock&, memory::MemoryEnsemble&, memory::MemoryBroker&,
       std::shared_ptr<memory::FlowDatabase>, ports::Entropy&, FlowCatalogue&, const std::string& name,
       const Bounds&, const HookBook* = nullptr, HookRunner* = nullptr);
  ~Node();
  /// As by kill -9: nothing more comes from it. Its session ends when the server says so, or at once if a
  /// guardian closes it.
  void kill(bool guardian);

  std::unique_ptr<memory::MemorySession> session;
  std::unique_ptr<memory::MemoryJobBoard> board;
  std::unique_ptr<memory::MemoryDirectory> directory;
  std::unique_ptr<memory::MemoryMessageBus> bus;
  std::unique_ptr<memory::MemoryFlowStore> store;
  std::unique_ptr<Conductor> conductor;
  std::string refused = "not started";
};

/// A whole cluster in one process and virtual time.
class Cluster {
 public:
  Cluster() : Cluster(std::make_shared<memory::FlowDatabase>()) {}
  explicit Cluster(std::shared_ptr<memory::FlowDatabase>);
  ~Cluster();

  Node& conductor(const std::string& name = "c1");  // made and started, or the one of that name
  void kill(const std::string& name, bool guardian);
  void restart(const std::string& name, bool guardian);  // killed, and started again with another incarnation
  ScriptedWorker& worker(const std::string& name, std::vector<std::string> types = kAllTypes,
                         std::uint32_t slots = 4, std::map<std::string, std::string> labels = {});

  void post(const std::string& uuid, const std::string& details, Priority = Priority::Normal,
            std::uint32_t run = 1);
  void post_create_cluster(const std::string& uuid, int nodes = 3);

  /// Virtual time passes until it holds; a failed check if it does not within the limit.
  void until(const std::string& what, const std::function<bool()>& holds, Millis limit = Millis{60'000});
  void until_ended(const std::string& uuid, Millis limit = Millis{60'000});
  bool ended(const std::string& uuid);
  FlowState state(const std::string& uuid);  // Pending if it is not known
  ports::JobDetail show(const std::string& uuid);
  std::vector<std::string> history(const std::string& uuid);  // "atom STATE"
  std::vector<std::string> on_board();                        // job nodes

  static const std::vector<std::string> kAllTypes;

  memory::EventLoop loop;
  MovingClock clock{loop};  // the conductors'
  memory::SeededEntropy entropy{20260711};
  memory::MemoryEnsemble ensemble{loop, loop, entropy};
  memory::MemoryBroker broker{8};
  std::shared_ptr<memory::FlowDatabase> database;
  StoryCatalogue catalogue;
  Script script;
  Bounds bounds;
  HookBook hook_book;                 // before the first conductor
  HookRunner* hook_runner = nullptr;  // … who is called

 private:
  memory::MemoryFlowStore reader_{loop, loop, database};
  memory::MemorySession poster_session_{ensemble};
  memory::MemoryJobBoard poster_{poster_session_, {}};
  std::map<std::string, std::unique_ptr<Node>> nodes_;
  std::vector<std::unique_ptr<Node>> dead_;  // their sessions may still stand
  std::map<std::string, std::unique_ptr<ScriptedWorker>> workers_;
};

}  // namespace baton::conductor::testing
