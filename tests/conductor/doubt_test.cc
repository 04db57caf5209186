#include "common/wire/messages.h"
#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using Names = std::vector<std::string>;

namespace {

/// A store that serves the others, but not this one job.
struct Doubt : Cluster {
  void post_chain(const std::string& uuid, int length) {
    post(uuid, R"({"factory": {"name": "chain", "kwargs": {"length": )" + std::to_string(length) + "}}}");
  }
  std::vector<LeftAloneJob> left(const std::string& name) { return conductor(name).conductor->left_alone(); }
  /// From here on no step of the chain's first atom is committed in which it leaves RUNNING.
  static bool ends_first_atom(const ports::StepWrite& step) {
    return std::any_of(step.facts.begin(), step.facts.end(), [](const Fact& fact) {
      const auto* atom = std::get_if<AtomFact>(&fact.body);
      return atom && atom->atom == 0 && atom->from == AtomState::Running &&
             atom->after.state != AtomState::Running;
    });
  }
};

}  // namespace

TEST_CASE_METHOD(Doubt,
                 "a conductor that writes but cannot load lets go of a flow, another goes on with it") {
  conductor("first");
  auto& w = worker("w1");
  script.held.insert("step-1");
  post_chain("job", 2);
  until("it runs", [&] { return w.holds("step-1"); });
  auto& a = conductor("a");
  a.store->refuse_loads(true);
  kill("first", true);
  until("a has claimed it", [&] { return a.conductor->flow(JobId("job")).has_value(); });
  conductor("b");
  loop.run_for(bounds.load_grace - Millis{500});
  CHECK(a.conductor->flows().size() == 1);
  until(
      "a has left it alone", [&] { return left("a").size() == 1; }, Millis{3'000});
  CHECK(left("a").front().reason ==
        "it cannot be loaded, though this conductor can write to the store: the store does not answer");
  script.held.clear();
  w.release("step-1");
  until_ended("job");
  CHECK(script.calls == Names{"step-1", "step-2"});
}

TEST_CASE_METHOD(Doubt, "a flow whose commits never end clearly is left alone and shown, and loses nothing") {
  auto& node = conductor();
  auto& w = worker("w1");
  script.held.insert("step-1");
  post_chain("bad", 2);
  until("it runs", [&] { return w.holds("step-1"); });
  node.store->doubt_steps([](const ports::StepWrite& step) { return ends_first_atom(step); });
  w.release("step-1");
  until(
      "it is left alone", [&] { return left("c1").size() == 1; }, Millis{20'000});
  CHECK(left("c1").front().reason ==
        "its commits end without a clear outcome, though the store takes others: the store refused a "
        "transaction");
  CHECK(node.conductor->gauges().flows == 0);
  loop.run_for(Millis{120'000});  // tried again, with pauses that grow
  CHECK(node.conductor->counters().jobs_claimed >= 3);
  CHECK(node.conductor->counters().jobs_claimed <= 12);
  node.store->doubt_steps(nullptr);
  until_ended("bad", Millis{120'000});
  CHECK(script.calls == Names{"step-1", "step-2"});
}

TEST_CASE_METHOD(Doubt, "a step without facts between unclear commits is no sign that the store takes them") {
  bounds.prefetch = 0;
  auto& node = conductor();
  auto& w = worker("w1", kAllTypes, 1);
  std::string nodes;
  for (int i = 0; i < 12; ++i) {
    const std::string name = "t" + std::to_string(i);
    nodes += (i ? ", " : "") + std::string(R"({"task": "step", "name": ")") + name + "\"}";
    script.held.insert(name);
  }
  post("other", R"({"flow": {"name": "f", "pattern": "unordered", "nodes": [)" + nodes + "]}}");
  until("it runs", [&] { return w.running() == 1; });
  post_chain("bad", 1);  // waits for the worker, in turns with the other
  until("it waits", [&] {
    const auto flow = node.conductor->flow(JobId("bad"));
    return flow && flow->waiting_count == 1 && state("bad") == FlowState::Running;
  });
  const FlowId bad = node.conductor->flow(JobId("bad"))->flow;
  node.store->doubt_steps([bad](const ports::StepWrite& step) { return step.flow == bad; });
  int rounds = 0;
  for (; left("c1").empty() && rounds < 12; ++rounds) {
    for (int i = 0; i < 12; ++i) w.release("t" + std::to_string(i));  // the one that runs
    loop.run_for(Millis{3'000});
  }
  CHECK(left("c1").size() == 1);
  CHECK(rounds >= 2);
}

TEST_CASE_METHOD(Doubt, "a store that commits nothing is no flow's fault: none is left alone for it") {
  auto& node = conductor();
  auto& w = worker("w1");
  script.held.insert("step-1");
  post_chain("job", 2);
  until("it runs", [&] { return w.holds("step-1"); });
  node.store->refuse_commits(true);
  w.release("step-1");
  loop.run_for(bounds.store_grace - Millis{500});
  CHECK(node.conductor->flows().size() == 1);
  loop.run_for(Millis{10'000});
  CHECK(node.conductor->flows().empty());
  CHECK(left("c1").empty());
  node.store->refuse_commits(false);
  script.held.clear();
  until_ended("job");
  CHECK(script.calls == Names{"step-1", "step-2"});
}

TEST_CASE_METHOD(Doubt, "a job whose claim never ends clearly is tried with pauses that grow, and shown") {
  auto& node = conductor();
  worker("w1");
  node.store->doubt_claims(
      [](const ports::ClaimRequest& claim) { return claim.posting.uuid == JobId("bad"); });
  post_chain("bad", 1);
  post_chain("good", 1);
  until_ended("good");
  loop.run_for(Millis{60'000});
  CHECK(node.conductor->counters().claims_refused >= 5);
  CHECK(node.conductor->counters().claims_refused <= 8);
  REQUIRE(left("c1").size() == 1);
  CHECK(left("c1").front().job == JobId("bad"));
  CHECK(left("c1").front().reason == "its claim was not recorded clearly: the store refused a transaction");
  node.store->doubt_claims(nullptr);
  until_ended("bad", Millis{120'000});
  CHECK(script.calls == Names{"step-1", "step-1"});
}

TEST_CASE_METHOD(Doubt, "answers that are repeated while their flow cannot listen wait there once") {
  bounds.load_grace = Millis{60'000};
  auto& node = conductor();
  auto& w = worker("w1");
  std::size_t told = 0;
  broker.set_fates([&](const ports::InboxAddress&, std::string_view bytes) {
    const auto message = wire::decode(bytes);
    const auto* recorded = message.ok() ? std::get_if<wire::Recorded>(&message->body) : nullptr;
    if (recorded) told += recorded->deliveries.size();
    return memory::MemoryBroker::Fate{};
  });
  script.held.insert("step-1");
  post_chain("job", 1);
  until("it runs", [&] { return w.holds("step-1"); });
  node.store->lose_next_reply(memory::MemoryFlowStore::LostReply::NotApplied);
  node.store->refuse_loads(true);
  w.release("step-1");
  until("the answer came four times", [&] { return node.conductor->counters().answers >= 4; });
  CHECK(told == 0);
  node.store->refuse_loads(false);
  until_ended("job");
  loop.run_for(Millis{100});
  CHECK(told == 1);
  CHECK(node.conductor->counters().atoms_finished == 1);
}

TEST_CASE_METHOD(Doubt, "a worker's death that is found at each reload waits there once") {
  conductor("first");
  auto& w = worker("w1");
  script.held.insert("step-1");
  post_chain("job", 1);
  until("it runs", [&] { return w.holds("step-1"); });
  worker("w2");
  kill("first", true);
  w.vanish(true);
  script.held.clear();
  auto& next = conductor("next");
  int refused = 0;
  next.store->doubt_steps([&](const ports::StepWrite&) { return ++refused <= 3; });
  until_ended("job");
  CHECK(refused >= 4);
  CHECK(next.conductor->counters().deliveries_lost == 1);
}
