#include "tests/simulation/conductor_node.h"

namespace baton::simulation {
namespace {

constexpr Millis kStoreNoticesMost{2'000};  // keepalives and timeouts: until a dead connection is given up
constexpr Millis kReconnectMost{400};

ports::Member member(const std::string& name, Incarnation incarnation) {
  ports::Member self;
  self.name = name;
  self.incarnation = incarnation;
  return self;
}

}  // namespace

/// Jobs bring their flows with them.
struct ConductorNode::Catalogue final : conductor::FlowCatalogue {
  bool knows(std::string_view) const override { return false; }
  Result<Value, conductor::CatalogueError> build(std::string_view name, const Value&, const Value&) override {
    return Fail(conductor::CatalogueError{conductor::CatalogueError::Kind::UnknownFlow,
                                          "no flow " + std::string(name)});
  }
  std::vector<conductor::CatalogueEntry> entries() const override { return {}; }
};

ConductorNode::ConductorNode(World& world, const Who& who, const conductor::Bounds& bounds,
                             std::size_t queued_messages_max)
    : Node(world, who, queued_messages_max),
      bounds_(bounds),
      queued_messages_max_(queued_messages_max),
      catalogue_(std::make_unique<Catalogue>()),
      board_(std::make_unique<memory::MemoryJobBoard>(
          session_, memory::MemoryJobBoard::Settings{World::kBoard, who.name})),
      store_(std::make_unique<memory::MemoryFlowStore>(process_, world.database_clock, world.database,
                                                       wire(Server::Store))),
      conductor_(std::make_unique<conductor::Conductor>(
          conductor::Conductor::Ports{*board_, *store_, *bus_, directory_, process_, process_,
                                      process_.entropy(), *catalogue_},
          member(who.name, incarnation_), bounds)),
      routes_(std::make_shared<api::Routes>(api::Backend{*store_, *board_, *conductor_, conductor_->feed(),
                                                         *catalogue_, process_, process_.entropy(), metrics_},
                                            api::Limits())) {
  conductor_->start([this](const std::string& refused) {
    world_.say(process_.name() + (refused.empty() ? " serves" : " cannot serve: " + refused));
  });
}

/// It listens to them: they end first.
ConductorNode::~ConductorNode() {
  routes_.reset();
  bus_.reset();
  store_.reset();
  board_.reset();
  directory_.close();
  conductor_.reset();
}

void ConductorNode::cut_noticed(Server server) {
  if (server != Server::Store) return;
  const auto most = static_cast<std::uint64_t>(kStoreNoticesMost.count());
  process_.after(Millis{static_cast<std::int64_t>(process_.entropy().below(most))}, [this] {
    if (is_cut(Server::Store)) store_->set_away(true);
  });
}

void ConductorNode::mend_noticed(Server server) {
  if (server != Server::Store) return;
  const auto most = static_cast<std::uint64_t>(kReconnectMost.count());
  process_.after(Millis{static_cast<std::int64_t>(process_.entropy().below(most))}, [this] {
    if (!is_cut(Server::Store)) connect_store();
  });
}

void ConductorNode::connect_store() {
  const auto connected = [this] {
    wire(Server::Store)->connect();
    store_->lose_connection();  // those whose answers were lost in a cut that was not noticed
    store_->set_away(false);
  };
  if (!wire(Server::Store)->severed()) return connected();
  store_->become_another("a standby was promoted");  // heard before anything is asked of it
  process_.post(connected);
}

void ConductorNode::break_store() {
  wire(Server::Store)->break_off();
  store_->lose_connection();
}

void ConductorNode::lose_next_reply(bool done) {
  store_->lose_next_reply(done ? memory::MemoryFlowStore::LostReply::Applied
                               : memory::MemoryFlowStore::LostReply::NotApplied);
}

void ConductorNode::ask(const api::Request& request, api::Reply reply) {
  process_.post([this, request, reply = std::move(reply)] { routes_->handle(request, reply); });
}

void ConductorNode::drain(std::function<void()> gone) {
  process_.post([this, gone = std::move(gone)] { conductor_->drain([gone](bool) { gone(); }); });
}

bool ConductorNode::idle() const {
  const auto gauges = conductor_->gauges();
  return gauges.flows == 0 && gauges.running == 0 && gauges.waiting == 0 && gauges.atoms == 0;
}

/// Of the flow that is furthest on: what it is at, and whether things run or are being reverted.
std::string ConductorNode::doing() const {
  std::string found = "idle";
  for (const auto& flow : conductor_->flows()) {
    if (flow.phase != "working") {
      found = flow.phase.substr(0, flow.phase.find(':'));
      continue;
    }
    const auto live = conductor_->flow(flow.job);
    if (!live) continue;
    for (const auto& atom : live->running) {
      if (atom.intention == Intention::Revert) return "reverting";
      found = "executing";
    }
    if (found != "executing") found = live->waiting_count > 0 ? "waiting for room" : "between";
  }
  return found;
}

std::string ConductorNode::shows() const {
  std::string text = doing() + ", paused: '" + conductor_->gauges().claiming_paused + "'";
  for (const auto& job : conductor_->left_alone())
    text += "; left alone " + job.job.value + ": " + job.reason;
  for (const auto& job : conductor_->parked()) text += "; parked " + job.job.value + ": " + job.reason;
  for (const auto& flow : conductor_->flows()) {
    text += "; " + flow.job.value + " " + flow.phase;
    const auto live = conductor_->flow(flow.job);
    for (const auto& atom : live->running) text += ", " + atom.name + " at " + atom.worker_name;
    for (const auto& atom : live->waiting) text += ", " + atom.name + ": " + atom.reason;
  }
  return text;
}

void ConductorNode::sample(std::map<std::string, Level>& levels) const {
  const auto gauges = conductor_->gauges();
  raise(levels, "flows held by a conductor", gauges.flows, bounds_.flows_max);
  raise(levels, "messages queued at a conductor", bus_->queued(), queued_messages_max_);
}

}  // namespace baton::simulation
