#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using Names = std::vector<std::string>;

namespace {

constexpr const char* kChainOfOne = R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})";

/// One of the two directions is cut for one worker: it is in the directory, but nothing comes through.
struct Deaf : Cluster {
  Deaf() {
    broker.set_fates([this](const ports::InboxAddress&, std::string_view bytes) {
      const bool cut = deaf != Incarnation{} && wire::addressee(bytes) == deaf;
      return memory::MemoryBroker::Fate{cut ? 0u : 1u, Millis{0}};
    });
  }
  Incarnation deaf;
};

}  // namespace

TEST_CASE_METHOD(Deaf,
                 "H8: a worker that never acknowledges loses the delivery after its heartbeat, not before") {
  auto& node = conductor();
  auto& w1 = worker("w1");
  deaf = w1.incarnation();
  post("job", kChainOfOne);
  loop.run_for(Millis{1000});
  auto& w2 = worker("w2");
  script.held.insert("step-1");
  const Micros before = loop.steady();
  until("it runs at w2", [&] { return w2.holds("step-1"); });
  CHECK(loop.steady() - before > bounds.heartbeat - Millis{2000});
  CHECK(loop.steady() - before < bounds.heartbeat + Millis{3000});
  CHECK(node.conductor->counters().deliveries_lost == 1);
  w2.release("step-1");
  until_ended("job");
  CHECK(script.calls == Names{"step-1"});
}

TEST_CASE_METHOD(Deaf, "an atom may have a heartbeat of its own") {
  auto& node = conductor();
  auto& w1 = worker("w1", {"step"});
  deaf = w1.incarnation();
  post("job", R"({"flow": {"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a", "timeouts": {"heartbeat_ms": 5000}}]}})");
  loop.run_for(Millis{1000});
  auto& w2 = worker("w2", {"step"});
  script.held.insert("a");
  const Micros before = loop.steady();
  until("it runs at w2", [&] { return w2.holds("a"); });
  CHECK(loop.steady() - before > Millis{3000});
  CHECK(loop.steady() - before < Millis{8000});
  CHECK(node.conductor->counters().deliveries_lost == 1);
  w2.release("a");
  until_ended("job");
}

TEST_CASE_METHOD(Deaf, "while Kafka is away nobody is called silent") {
  auto& node = conductor();
  bounds.store_grace = Millis{600'000};
  auto& patient = conductor("patient");
  kill("c1", true);
  auto& w1 = worker("w1");
  script.held.insert("step-1");
  post("job", kChainOfOne);
  until("it runs", [&] { return w1.holds("step-1"); });
  worker("w2");
  broker.set_reachable(false);
  loop.run_for(Millis{120'000});
  CHECK(patient.conductor->counters().deliveries_lost == 0);
  broker.set_reachable(true);
  w1.release("step-1");
  until_ended("job");
  CHECK(script.calls == Names{"step-1"});
  static_cast<void>(node);
}

TEST_CASE_METHOD(Cluster, "H16: Kafka away for longer than the grace frees the claims") {
  auto& a = conductor("a");
  auto& w = worker("w1");
  script.held.insert("step-1");
  post("job", kChainOfOne);
  until("it runs", [&] { return w.holds("step-1"); });
  broker.set_reachable(false);
  loop.run_for(Millis{4000});
  CHECK(a.conductor->flows().size() == 1);
  until(
      "it is freed", [&] { return a.conductor->flows().empty(); }, Millis{4000});
  CHECK(a.conductor->gauges().claiming_paused == "Kafka is away");
  broker.set_reachable(true);
  until("it is held again", [&] { return a.conductor->flow(JobId("job")).has_value(); });
  loop.run_for(Millis{100});
  w.release("step-1");
  until_ended("job");
  CHECK(script.calls == Names{"step-1"});
}

/// Its inbox's partition has no leader, as it were: requests go out, nothing comes in.
TEST_CASE_METHOD(Deaf, "H16: a conductor whom no reply reaches frees its claims, and another goes on") {
  auto& a = conductor("a");
  auto& w = worker("w1");
  script.held.insert("step-1");
  post("job", kChainOfOne);
  until("it runs", [&] { return w.holds("step-1"); });
  auto& b = conductor("b");
  deaf = a.conductor->self().incarnation;
  const Millis noticed = bounds.inbox_quiet + bounds.echo_patience + Millis{1'000};
  until(
      "it is noticed", [&] { return !a.conductor->gauges().bus; }, noticed);
  CHECK(a.conductor->flows().size() == 1);  // it may pass
  until(
      "it is freed", [&] { return a.conductor->flows().empty(); },
      bounds.store_grace + bounds.free_jitter + Millis{1'000});
  CHECK(a.conductor->gauges().claiming_paused == "Kafka brings nothing to our inbox");
  until("it is held again", [&] { return b.conductor->flow(JobId("job")).has_value(); });
  loop.run_for(Millis{1'000});
  w.release("step-1");
  until_ended("job");
  CHECK(script.calls == Names{"step-1"});
  deaf = Incarnation{};
  until("it claims again", [&] { return a.conductor->gauges().claiming_paused.empty(); });
  CHECK(a.conductor->gauges().bus);
  CHECK(a.conductor->counters().unreadable == runtime::UnreadableCounts{});
}

/// The inbox is judged later than so short a heartbeat ends.
TEST_CASE_METHOD(Deaf,
                 "while nothing comes into the inbox no worker is silent, however short the heartbeat is") {
  auto& a = conductor("a");
  auto& w1 = worker("w1");
  auto& w2 = worker("w2");
  script.held.insert("impatient");
  deaf = a.conductor->self().incarnation;
  post("job", R"({"flow": {"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "impatient", "timeouts": {"heartbeat_ms": 2000}}]}})");
  until("it runs", [&] { return w1.holds("impatient") || w2.holds("impatient"); });
  until(
      "it is noticed", [&] { return !a.conductor->gauges().bus; },
      bounds.inbox_quiet + bounds.echo_patience + Millis{1'000});
  CHECK(a.conductor->counters().requests_resent > 2);
  CHECK(a.conductor->counters().deliveries_lost == 0);
  auto& b = conductor("b");
  until("it is held again", [&] { return b.conductor->flow(JobId("job")).has_value(); });
  loop.run_for(Millis{5'000});
  for (auto* worker : {&w1, &w2}) worker->release("impatient");
  until_ended("job");
  CHECK(b.conductor->counters().deliveries_lost == 0);
  CHECK(script.calls == Names{"impatient"});
}

TEST_CASE_METHOD(Deaf, "a silent worker alone does not make a conductor believe that its inbox is cut off") {
  auto& node = conductor();
  auto& w = worker("w1");
  deaf = w.incarnation();
  post("job", kChainOfOne);
  for (int i = 0; i < 200; ++i) {
    loop.run_for(Millis{100});
    REQUIRE(node.conductor->gauges().bus);
  }
  CHECK(node.conductor->gauges().running == 1);
}

TEST_CASE_METHOD(Cluster,
                 "H26: a conductor that was stopped reads its inbox before it calls anybody silent") {
  auto& node = conductor();
  auto& w = worker("w1");
  worker("w2");
  script.held.insert("step-1");
  post("job", kChainOfOne);
  until("it runs", [&] { return script.calls.size() == 1; });
  for (int i = 0; i < 100; ++i) loop.advance(Millis{2'000});  // every timer comes late
  CHECK(node.conductor->counters().deliveries_lost == 0);
  CHECK(script.calls.size() == 1);
  static_cast<void>(w);
}

TEST_CASE_METHOD(Cluster, "progress and acknowledgement are shown while it runs") {
  auto& node = conductor();
  auto& w = worker("w1");
  script.held.insert("step-1");
  post("job", kChainOfOne);
  until("it is acknowledged", [&] {
    const auto flow = node.conductor->flow(JobId("job"));
    return flow && flow->running.size() == 1 && flow->running[0].acknowledged;
  });
  const auto running = node.conductor->flow(JobId("job"))->running[0];
  CHECK(running.name == "step-1");
  CHECK(running.worker == w.incarnation());
  CHECK(running.worker_name == "w1");
  CHECK(running.attempt == 1);
  CHECK(running.started);
  CHECK(node.conductor->gauges().running == 1);
  loop.run_for(Millis{60'000});
  CHECK(node.conductor->counters().requests_resent == 0);
}

/// A newer worker, for which a newer conductor has recorded a delivery that was never sent.
TEST_CASE_METHOD(Deaf,
                 "H8: what waits for a worker whose advert nobody can read moves on as from a silent one") {
  conductor("newer");
  auto& w1 = worker("w1");
  deaf = w1.incarnation();
  post("job", kChainOfOne);
  loop.run_for(Millis{1000});
  w1.become_unreadable();
  kill("newer", true);
  auto& older = conductor("older");
  loop.run_for(Millis{2'000});
  auto& w2 = worker("w2");
  script.held.insert("step-1");
  until("it runs at w2", [&] { return w2.holds("step-1"); });
  CHECK(older.conductor->counters().deliveries_lost == 1);
  w2.release("step-1");
  until_ended("job");
  CHECK(script.calls == Names{"step-1"});
}

TEST_CASE_METHOD(Deaf,
                 "H8: a worker that says that it cannot read us is given no more, and its silence is no loss "
                 "of the atom's") {
  auto& node = conductor();
  auto& w1 = worker("w1", {"step"});
  deaf = w1.incarnation();
  const std::string flow = R"({"flow": {"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a", "max_deliveries": 1}]}})";
  post("job", flow);
  loop.run_for(Millis{1000});
  auto& w2 = worker("w2", {"step"});
  memory::MemoryMessageBus bus{broker, loop, loop};
  wire::DeliveryId none;
  none.atom = "*";
  const wire::NotRun unsupported{wire::NoOutcome::Unsupported, "version 9"};
  const wire::Message word{node.conductor->self().incarnation, deaf, 0,
                           wire::Answers{{{none, unsupported, Micros{0}}}}};
  REQUIRE(bus.send(*node.conductor->self().inbox, wire::encode(word), 0).ok());
  loop.run_for(Millis{200});
  script.held.insert("a");
  for (int i = 0; i < 8; ++i) post("other-" + std::to_string(i), flow);
  loop.run_for(Millis{5'000});
  for (const auto& seen : node.conductor->workers())
    CHECK(seen.outstanding == (seen.advert.incarnation == deaf ? 1 : 8));
  script.held.clear();
  for (int i = 0; i < 4; ++i) w2.release("a");
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
  CHECK(node.conductor->counters().deliveries_lost == 1);
}
