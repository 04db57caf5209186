#include "tests/conformance/cluster_nodes.h"

namespace baton::conformance {

/// Cases bring their flow with them.
struct ConductorNode::NoCatalogue final : conductor::FlowCatalogue {
  bool knows(std::string_view) const override { return false; }
  Result<Value, conductor::CatalogueError> build(std::string_view name, const Value&, const Value&) override {
    return Fail(conductor::CatalogueError{conductor::CatalogueError::Kind::UnknownFlow,
                                          "no flow " + std::string(name)});
  }
  std::vector<conductor::CatalogueEntry> entries() const override { return {}; }
};

ConductorNode::ConductorNode(ClusterWorld& world, memory::MemoryFlowStore::Cut cut,
                             conductor::FlowHooks& hooks)
    : catalogue_(std::make_unique<NoCatalogue>()),
      session_(world.ensemble),
      board_(std::make_unique<memory::MemoryJobBoard>(session_, memory::MemoryJobBoard::Settings{})),
      directory_(std::make_unique<memory::MemoryDirectory>(session_)),
      bus_(std::make_unique<memory::MemoryMessageBus>(world.broker, world.loop, world.loop)),
      store_(std::make_unique<memory::MemoryFlowStore>(world.loop, world.loop, world.database)) {
  store_->cut_steps(std::move(cut));
  ports::Member self;
  self.name = "conductor";
  self.incarnation = Incarnation(world.entropy.uuid());
  conductor_ = std::make_unique<conductor::Conductor>(
      conductor::Conductor::Ports{*board_, *store_, *bus_, *directory_, world.loop, world.loop, world.entropy,
                                  *catalogue_},
      self, conductor::Bounds{}, &hooks);
  conductor_->start([this](const std::string& why) { refused_ = why; });
}

/// It listens to board, store, bus and directory: they end first.
ConductorNode::~ConductorNode() {
  bus_.reset();
  store_.reset();
  board_.reset();
  directory_.reset();
  conductor_.reset();
}

WorkerNode::WorkerNode(ClusterWorld& world, ScriptedCalls& calls, const std::string& name,
                       std::vector<std::string> task_types, std::uint32_t slots)
    : world_(world),
      incarnation_(world.entropy.uuid()),
      session_(world.ensemble),
      directory_(session_),
      bus_(world.broker, world.loop, world.loop),
      tasks_(calls) {
  ports::Advert about;
  about.name = name;
  about.incarnation = incarnation_;
  worker::RunnerLimits limits;
  limits.slots = slots;
  worker_ = std::make_unique<worker::Worker>(
      worker::TaskRunner::Ports{bus_, world.loop, world.loop, directory_, tasks_}, limits, about,
      std::move(task_types),
      worker::Worker::Events{[this] { ready_ = true; }, [](worker::Worker::End, const std::string&) {}});
  worker_->start();
}

WorkerNode::~WorkerNode() {
  bus_.close(Millis{0});
  memory::MemoryDirectory::note_death(world_.ensemble, incarnation_);
  session_.close();
}

}  // namespace baton::conformance
