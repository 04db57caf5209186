#include "tests/conductor/cluster.h"

namespace baton::conductor::testing {
namespace {

std::string task(const std::string& type, const std::string& name, const std::string& members = "") {
  return R"({"task": ")" + type + R"(", "max_deliveries": 50, "name": ")" + name + "\"" + members + "}";
}

/// N times create > wait in parallel, then configure.
std::string create_cluster(std::int64_t nodes) {
  std::string servers, ids;
  for (std::int64_t i = 1; i <= nodes; ++i) {
    const std::string n = std::to_string(i);
    servers += (i > 1 ? ", " : "") + std::string(R"({"flow": {"name": "node-)") + n +
               R"(", "pattern": "linear", "nodes": [)" +
               task("server.create", "create-" + n, R"(, "provides": "id-)" + n + "\"") + ", " +
               task("server.wait", "wait-" + n, R"(, "requires": ["id-)" + n + "\"]") + "]}}";
    ids += (i > 1 ? ", " : "") + std::string("\"id-") + n + "\"";
  }
  return R"({"name": "create-cluster", "pattern": "linear", "nodes": [
    {"flow": {"name": "servers", "pattern": "unordered", "nodes": [)" +
         servers + "]}}, " + task("cluster.configure", "configure", R"(, "requires": [)" + ids + "]") + "]}";
}

std::string chain(std::int64_t length) {
  std::string nodes;
  for (std::int64_t i = 1; i <= length; ++i)
    nodes += (i > 1 ? ", " : "") + task("step", "step-" + std::to_string(i));
  return R"({"name": "chain", "pattern": "linear", "nodes": [)" + nodes + "]}";
}

}  // namespace

const std::vector<std::string> Cluster::kAllTypes{"server.create", "server.wait", "cluster.configure",
                                                  "step"};

Result<Value, CatalogueError> StoryCatalogue::build(std::string_view name, const Value&,
                                                    const Value& kwargs) {
  if (on_build) on_build();
  const auto tree = kwargs.tree();
  const char* wanted = name == "chain" ? "length" : "nodes";
  const auto* count = tree.as_object().if_contains(wanted);
  if (!count || !count->is_int64())
    return Fail(
        CatalogueError{CatalogueError::Kind::Refused,
                       "flow '" + std::string(name) + "': parameter '" + wanted + "' must be an integer"});
  return Value::from_stored(name == "chain" ? chain(count->get_int64()) : create_cluster(count->get_int64()));
}

Node::Node(memory::EventLoop& loop, ports::Clock& clock, memory::MemoryEnsemble& ensemble,
           memory::MemoryBroker& broker, std::shared_ptr<memory::FlowDatabase> database,
           ports::Entropy& entropy, FlowCatalogue& catalogue, const std::string& name, const Bounds& bounds,
           const HookBook* hook_book, HookRunner* hook_runner)
    : session(std::make_unique<memory::MemorySession>(ensemble)),
      board(std::make_unique<memory::MemoryJobBoard>(
          *session, memory::MemoryJobBoard::Settings{"/taskflow/jobs", name})),
      directory(std::make_unique<memory::MemoryDirectory>(*session)),
      bus(std::make_unique<memory::MemoryMessageBus>(broker, loop, loop)),
      store(std::make_unique<memory::MemoryFlowStore>(loop, loop, std::move(database))) {
  ports::Member self;
  self.name = name;
  self.incarnation = Incarnation(entropy.uuid());
  conductor =
      std::make_unique<Conductor>(Conductor::Ports{*board, *store, *bus, *directory, clock, loop, entropy,
                                                   catalogue, nullptr, hook_book, hook_runner},
                                  self, bounds);
  conductor->start([this](const std::string& why) { refused = why; });
}

Node::~Node() {
  kill(true);
}

void Node::kill(bool guardian) {
  if (!session) return;
  if (!guardian) session->disconnect();
  bus.reset();
  store.reset();
  board.reset();
  directory.reset();
  conductor.reset();
  if (guardian) session.reset();
}

Cluster::Cluster(std::shared_ptr<memory::FlowDatabase> its) : database(std::move(its)) {
  loop.run_until_idle();
}

Cluster::~Cluster() {
  workers_.clear();
  nodes_.clear();
}

Node& Cluster::conductor(const std::string& name) {
  auto& node = nodes_[name];
  if (node) return *node;
  node = std::make_unique<Node>(loop, clock, ensemble, broker, database, entropy, catalogue, name, bounds,
                                &hook_book, hook_runner);
  until("conductor " + name + " has started", [&] { return node->refused.empty(); });
  return *node;
}

void Cluster::kill(const std::string& name, bool guardian) {
  nodes_.at(name)->kill(guardian);
}

void Cluster::restart(const std::string& name, bool guardian) {
  kill(name, guardian);
  dead_.push_back(std::move(nodes_.at(name)));
  nodes_.erase(name);
  conductor(name);
}

ScriptedWorker& Cluster::worker(const std::string& name, std::vector<std::string> types, std::uint32_t slots,
                                std::map<std::string, std::string> labels) {
  auto& worker = workers_[name];
  BATON_ASSERT(!worker);
  worker = std::make_unique<ScriptedWorker>(ScriptedWorker::World{loop, ensemble, broker, entropy, script},
                                            name, std::move(types), slots, std::move(labels));
  loop.run_until_idle();
  return *worker;
}

void Cluster::post(const std::string& uuid, const std::string& details, Priority priority,
                   std::uint32_t run) {
  const auto value = Value::parse(details);
  REQUIRE(value.ok());
  const auto posting = Posting::make(JobId(uuid), "story", priority, *value, std::nullopt, run);
  REQUIRE(posting.ok());
  bool posted = false;
  poster_.post(*posting, [&](const Result<std::string, ports::BoardError>& done) { posted = done.ok(); });
  until("job " + uuid + " is posted", [&] { return posted; });
}

void Cluster::post_create_cluster(const std::string& uuid, int nodes) {
  post(uuid, R"({"factory": {"name": "create-cluster", "args": [], "kwargs": {"nodes": )" +
                 std::to_string(nodes) + "}}, \"store\": {}}");
}

void Cluster::until(const std::string& what, const std::function<bool()>& holds, Millis limit) {
  INFO("waiting until " << what);
  REQUIRE(loop.run_until(holds, limit));
}

ports::JobDetail Cluster::show(const std::string& uuid) {
  std::optional<ports::JobDetail> detail;
  reader_.show(JobId(uuid), {}, [&](const Result<ports::JobDetail, ports::StoreError>& shown) {
    detail = shown.ok() ? *shown : ports::JobDetail{};
  });
  REQUIRE(loop.run_until([&] { return detail.has_value(); }, Millis{1000}));
  return *detail;
}

/// Straight from the database: until() asks it after every task of the loop.
FlowState Cluster::state(const std::string& uuid) {
  const auto known = database->summaries({JobId(uuid)});
  REQUIRE(known.ok());
  return known->empty() ? FlowState::Pending : known->front().state;
}

bool Cluster::ended(const std::string& uuid) {
  return is_final(state(uuid));
}

void Cluster::until_ended(const std::string& uuid, Millis limit) {
  until(
      "job " + uuid + " has ended", [&] { return ended(uuid); }, limit);
}

std::vector<std::string> Cluster::history(const std::string& uuid) {
  const auto page = database->history(JobId(uuid), 0, 10'000);
  REQUIRE(page.ok());
  std::vector<std::string> told;
  for (const auto& row : page->rows)
    if (!row.state.empty()) told.push_back(row.atom.empty() ? row.state : row.atom + " " + row.state);
  return told;
}

std::vector<std::string> Cluster::on_board() {
  return ensemble.children("/taskflow/jobs");
}

}  // namespace baton::conductor::testing
