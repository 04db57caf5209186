#include "tests/api/api_world.h"

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "engine/flow.h"
#include "tests/support/asio_pump.h"

namespace baton::test {
namespace {

constexpr Millis kLimit{10'000};

constexpr const char* kGreeting = R"({"name": "greet", "pattern": "linear", "nodes": [
  {"task": "say", "name": "hello", "requires": ["who"], "provides": "greeting"},
  {"flow": {"name": "inner", "pattern": "linear", "nodes": [{"task": "say", "name": "bye"}]}}]})";

Posting greeting(const std::string& uuid, const std::string& name) {
  const auto details =
      Value::parse(R"({"factory": {"name": "greet", "args": [], "kwargs": {"who": "world"}}})");
  return Posting::make(JobId(uuid), name, Priority::Normal, details.value()).value();
}

Fact flow_fact(std::uint64_t seq, FlowState from, FlowState state) {
  return {seq, FlowFact{from, state, {}, {}, ""}};
}

/// The first attempt starts, on "w1".
Fact started(std::uint64_t seq, AtomIndex atom) {
  AtomFact fact;
  fact.atom = atom;
  fact.after.state = AtomState::Running;
  fact.after.attempt = 1;
  fact.after.dispatch = 1;
  fact.after.delivery = Delivery{Incarnation{}, "w1", 1, {}, {}};
  return {seq, fact};
}

Fact succeeded(std::uint64_t seq, AtomIndex atom, Value result) {
  AtomFact fact;
  fact.atom = atom;
  fact.from = AtomState::Running;
  fact.from_attempt = 1;
  fact.from_dispatch = 1;
  fact.after.state = AtomState::Success;
  fact.after.attempt = 1;
  fact.after.dispatch = 1;
  fact.after.result = std::move(result);
  fact.changed = kResultChanged;
  return {seq, fact};
}

engine::PlanPtr greeting_plan() {
  const auto spec = engine::read_flow(Value::parse(kGreeting).value());
  REQUIRE(spec.ok());
  auto plan = engine::compile(*spec, {{"who", Value::of_string("world")}});
  REQUIRE(plan.ok());
  return std::move(plan).value();
}

}  // namespace

std::optional<conductor::LiveFlow> ToldInspection::flow(const JobId& job) const {
  for (const auto& flow : live)
    if (flow.job == job) return flow;
  return std::nullopt;
}

Result<Value, conductor::CatalogueError> GreetingCatalogue::build(std::string_view name, const Value&,
                                                                  const Value& kwargs) {
  using Kind = conductor::CatalogueError::Kind;
  if (!knows(name))
    return Fail(conductor::CatalogueError{Kind::UnknownFlow,
                                          "no flow '" + std::string(name) + "' here; known: greet"});
  const auto given = kwargs.tree().as_object();
  for (const auto& parameter : given)
    if (parameter.key() != "who")
      return Fail(conductor::CatalogueError{
          Kind::Refused,
          "flow 'greet' has no parameter '" + std::string(parameter.key()) + "'; it takes: who (string)"});
  auto flow = Value::parse(kGreeting).value().tree();
  if (const auto* who = given.if_contains("who"))
    flow.as_object()["nodes"].as_array()[0].as_object()["inject"] = {{"who", *who}};
  return Value::from(flow).value();
}

std::vector<conductor::CatalogueEntry> GreetingCatalogue::entries() const {
  return {{"greet", "Says hello and bye.",
           Value::parse(R"([{"name": "who", "type": "string", "required": true}])").value(), "greetings",
           "1.2"}};
}

ApiWorld::ApiWorld(api::Limits limits) {
  inspection.me.name = "conductor-1";
  inspection.me.api = "127.0.0.1:27080";
  inspection.members = {inspection.me};
  api::ApiSettings settings;
  settings.port = 0;
  settings.limits = limits;
  server.emplace(loop.io_context(), settings,
                 api::Backend{store, board, inspection, feed, catalogue, loop, entropy, metrics,
                              [this] { return process_facts; }});
  REQUIRE(server->open().ok());
}

HttpAnswer ApiWorld::ask(const std::string& method, const std::string& target, const std::string& body,
                         const std::map<std::string, std::string>& headers) {
  auto client = peer();
  client.say(http_request(method, target, body, headers));
  REQUIRE(client.wait_closed());
  return client.answer();
}

HttpPeer ApiWorld::stream(const std::string& target, const std::map<std::string, std::string>& headers) {
  auto client = peer();
  client.say(http_request("GET", target, "", headers));
  REQUIRE(client.wait_for("\r\n\r\n"));
  return client;
}

template <class T, class E>
T ApiWorld::wait(std::function<void(std::function<void(Result<T, E>)>)> begin) {
  std::optional<Result<T, E>> outcome;
  begin([&outcome](Result<T, E> result) { outcome.emplace(std::move(result)); });
  REQUIRE(pump_loop(
      loop, [&] { return outcome.has_value(); }, kLimit));
  INFO((outcome->ok() ? "" : outcome->error().message));
  REQUIRE(outcome->ok());
  if constexpr (!std::is_void_v<T>) return std::move(*outcome).value();
}

std::string ApiWorld::post_greeting(const std::string& uuid, const std::string& name) {
  const auto job = greeting(uuid, name);
  return wait<std::string, ports::BoardError>([&](auto done) { board.post(job, done); });
}

std::vector<ports::BoardJob> ApiWorld::board_jobs() {
  return wait<std::vector<ports::BoardJob>, ports::BoardError>([&](auto done) { board.list(done); });
}

void ApiWorld::claim(const std::string& uuid) {
  for (const auto& job : board_jobs()) {
    if (job.posting.uuid.value != uuid) continue;
    ports::ClaimRequest request;
    request.new_flow = FlowId(entropy.uuid());
    request.posting = job.posting;
    request.board_path = job.path;
    request.board_id = "board-1";
    request.lock_czxid = job.czxid + 1;
    request.conductor = Incarnation(entropy.uuid());
    request.conductor_name = "conductor-1";
    auto& claimed = claimed_[uuid];
    claimed.outcome =
        wait<ports::ClaimOutcome, ports::StoreError>([&](auto done) { store.claim(request, done); });
    REQUIRE(claimed.outcome.verdict == ports::ClaimVerdict::Owned);
    claimed.plan = greeting_plan();
    claimed.seq = 1;
    append(uuid, {flow_fact(1, FlowState::Pending, FlowState::Running)}, true);
    claimed.state = FlowState::Running;
    return;
  }
  FAIL("no job " << uuid << " on the board");
}

void ApiWorld::append(const std::string& uuid, std::vector<Fact> facts, bool with_plan,
                      std::vector<ports::TakenOrder> orders) {
  auto& claimed = claimed_.at(uuid);
  ports::StepWrite write;
  write.flow = claimed.outcome.flow;
  write.epoch = claimed.outcome.epoch;
  write.facts = std::move(facts);
  write.orders = std::move(orders);
  if (with_plan) {
    write.plan = engine::encode(*claimed.plan);
    for (AtomIndex atom = 0; atom < claimed.plan->size(); ++atom)
      write.atom_names.push_back(claimed.plan->name(atom));
  }
  wait<void, ports::StoreError>([&](auto done) { store.append(write, done); });
}

void ApiWorld::run_atom(const std::string& uuid, AtomIndex atom, const std::string& result) {
  auto& seq = claimed_.at(uuid).seq;
  append(uuid, {started(++seq, atom)});
  append(uuid, {succeeded(++seq, atom, Value::parse(result).value())});
}

void ApiWorld::finish(const std::string& uuid, FlowState state) {
  auto& claimed = claimed_.at(uuid);
  append(uuid, {flow_fact(++claimed.seq, claimed.state, state)});
  claimed.state = state;
}

void ApiWorld::take_orders(const std::string& uuid, const std::string& no_effect) {
  std::vector<ports::TakenOrder> taken;
  const auto open = database->open_orders({claimed_.at(uuid).outcome.flow});
  for (const auto& order : open.value()) taken.push_back({order.record, no_effect});
  append(uuid, {}, false, std::move(taken));
}

void ApiWorld::tell_step(const std::string& uuid, bool final) {
  const auto& claimed = claimed_.at(uuid);
  const JobId job(uuid);
  std::vector<Fact> facts;
  if (final) facts.push_back({claimed.seq, FlowFact{FlowState::Running, FlowState::Success, {}, {}, {}}});
  feed.publish({job, claimed.outcome.flow, 1, loop.wall(), *claimed.plan, facts});
}

}  // namespace baton::test
