#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using Names = std::vector<std::string>;

namespace {

constexpr const char* kChainOfOne = R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})";

}  // namespace

TEST_CASE_METHOD(Cluster,
                 "without a fitting worker an atom waits with its reason, and starts when one comes") {
  auto& node = conductor();
  post("job", kChainOfOne);
  until("it waits", [&] {
    const auto flow = node.conductor->flow(JobId("job"));
    return flow && flow->waiting.size() == 1;
  });
  CHECK(node.conductor->flow(JobId("job"))->waiting[0].reason == "no worker advertises 'step'");
  CHECK(node.conductor->flow(JobId("job"))->waiting[0].name == "step-1");
  until("its first step is recorded", [&] { return state("job") == FlowState::Running; });
  CHECK(history("job") == Names{"RUNNING"});
  worker("w1");
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
}

TEST_CASE_METHOD(Cluster, "labels choose the worker, and a missing one is the reason shown") {
  auto& node = conductor();
  auto& here = worker("here", kAllTypes, 4, {{"zone", "a"}});
  script.held.insert("x");
  post("job", R"({"flow": {"name": "f", "pattern": "linear", "nodes":
    [{"task": "step", "name": "x", "labels": {"zone": "b"}}]}})");
  until("it waits", [&] {
    const auto flow = node.conductor->flow(JobId("job"));
    return flow && flow->waiting.size() == 1;
  });
  CHECK(node.conductor->flow(JobId("job"))->waiting[0].reason ==
        "workers advertise 'step', but none 'step' with zone=b");
  auto& there = worker("there", kAllTypes, 4, {{"zone", "b"}});
  until("it runs", [&] { return there.holds("x"); });
  CHECK(here.running() == 0);
}

TEST_CASE_METHOD(Cluster,
                 "no more than its slots and a little are placed at a worker, the rest waits and follows") {
  bounds.prefetch = 2;
  auto& node = conductor();
  auto& w = worker("w1", kAllTypes, 3);
  std::string nodes;
  for (int i = 0; i < 40; ++i) {
    const std::string name = "t" + std::to_string(i);
    nodes += (i ? ", " : "") + std::string(R"({"task": "step", "name": ")") + name + "\"}";
    script.held.insert(name);
  }
  post("job", R"({"flow": {"name": "f", "pattern": "unordered", "nodes": [)" + nodes + "]}}");
  until("three run", [&] { return w.running() == 3; });
  loop.run_for(Millis{100});
  auto flow = *node.conductor->flow(JobId("job"));
  CHECK(flow.running.size() == 5);
  CHECK(flow.waiting.size() == 35);
  CHECK(flow.waiting[0].reason ==
        "all workers that advertise 'step' are full (1 workers, 5 requests at 3 slots)");
  CHECK(node.conductor->workers().at(0).outstanding == 5);
  const auto free_them = script.held;
  script.held.clear();
  for (const auto& name : free_them) w.release(name);
  until_ended("job");
  CHECK(script.calls.size() == 40);
  CHECK(node.conductor->workers().at(0).outstanding == 0);
  CHECK(node.conductor->gauges().waiting == 0);
}

TEST_CASE_METHOD(Cluster, "one job's thousand atoms do not starve another job") {
  bounds.prefetch = 0;
  conductor();
  worker("w1", kAllTypes, 2);
  std::string nodes;
  for (int i = 0; i < 1000; ++i)
    nodes += (i ? ", " : "") + std::string(R"({"task": "step", "name": "t)") + std::to_string(i) + "\"}";
  post("big", R"({"flow": {"name": "f", "pattern": "unordered", "nodes": [)" + nodes + "]}}");
  until("it runs", [&] { return script.calls.size() > 10; });
  post("small", kChainOfOne);
  until_ended("small", Millis{1000});
  CHECK(script.calls.size() < 100);
  until_ended("big");
  CHECK(script.calls.size() == 1001);
}

TEST_CASE_METHOD(Cluster, "a drain hands over what runs to another conductor") {
  auto& a = conductor("a");
  auto& w = worker("w1");
  script.held.insert("step-1");
  post("job", kChainOfOne);
  until("it runs", [&] { return w.holds("step-1"); });
  conductor("b");
  std::optional<bool> clean;
  a.conductor->drain([&](bool all) { clean = all; });
  until("a has drained", [&] { return clean.has_value(); });
  CHECK(*clean);
  until(
      "b has it", [&] { return conductor("b").conductor->flow(JobId("job")).has_value(); }, Millis{1000});
  loop.run_for(Millis{100});
  w.release("step-1");
  until_ended("job");
  CHECK(script.calls == Names{"step-1"});
}

TEST_CASE_METHOD(Cluster,
                 "H16: cut off from the store for longer than the grace it frees its claims, then goes on") {
  auto& a = conductor("a");
  auto& w = worker("w1");
  script.held.insert("step-1");
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 2}}})");
  until("it runs", [&] { return w.holds("step-1"); });
  a.store->set_away(true);
  w.release("step-1");
  script.held.clear();
  loop.run_for(Millis{3000});
  CHECK(a.conductor->flows().size() == 1);  // within the grace
  until(
      "it is freed", [&] { return a.conductor->flows().empty(); }, Millis{5000});
  CHECK(a.conductor->gauges().claiming_paused == "the store is away: the store does not answer");
  conductor("b");
  until_ended("job");
  CHECK(script.calls == Names{"step-1", "step-2"});
  a.store->set_away(false);
  until("a claims again", [&] { return a.conductor->gauges().claiming_paused.empty(); });
}

TEST_CASE_METHOD(Cluster,
                 "H16: a store that reads and commits nothing is away: claims are freed after the grace") {
  auto& a = conductor("a");
  auto& w = worker("w1");
  script.held.insert("step-1");
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 2}}})");
  until("it runs", [&] { return w.holds("step-1"); });
  a.store->refuse_commits(true);
  w.release("step-1");
  script.held.clear();
  loop.run_for(Millis{3000});
  CHECK_FALSE(a.conductor->gauges().store);
  CHECK(a.conductor->counters().reloads < 20);  // again and again, but with pauses
  until(
      "it is freed", [&] { return a.conductor->flows().empty(); }, Millis{5000});
  CHECK(a.conductor->gauges().claiming_paused == "the store is away: the store refused a transaction");
  conductor("b");
  until_ended("job");
  CHECK(script.calls == Names{"step-1", "step-2"});
  a.store->refuse_commits(false);
  until("a claims again", [&] { return a.conductor->gauges().claiming_paused.empty(); });
}

TEST_CASE_METHOD(Cluster, "a session lost: every claim is begun anew, nothing is executed twice") {
  auto& a = conductor("a");
  auto& w = worker("w1");
  script.held.insert("step-1");
  post("job", kChainOfOne);
  until("it runs", [&] { return w.holds("step-1"); });
  a.session->expire();
  until("it is held again", [&] {
    return a.conductor->counters().jobs_claimed == 2 && a.conductor->flow(JobId("job")).has_value();
  });
  loop.run_for(Millis{100});
  w.release("step-1");
  until_ended("job");
  CHECK(script.calls == Names{"step-1"});
}

TEST_CASE_METHOD(Cluster, "H1: a conductor that wakes late is fenced and lets go") {
  auto& a = conductor("a");
  auto& w = worker("w1");
  script.held.insert("step-1");
  post("job", kChainOfOne);
  until("it runs", [&] { return w.holds("step-1"); });
  conductor("b");
  a.session->disconnect();  // a hears no more of ZooKeeper; its lock ends, b claims
  until("b has it", [&] { return conductor("b").conductor->flow(JobId("job")).has_value(); });
  loop.run_for(Millis{100});
  w.release("step-1");
  until_ended("job");
  CHECK(script.calls == Names{"step-1"});
  CHECK(history("job") == Names{"RUNNING", "step-1 RUNNING", "step-1 SUCCESS", "SUCCESS"});
}

TEST_CASE_METHOD(Cluster, "what a worker answered is forgotten there once it is recorded") {
  conductor();
  worker("w1");
  std::size_t recorded = 0;
  broker.set_fates([&](const ports::InboxAddress&, std::string_view bytes) {
    const auto message = wire::decode(bytes);
    if (const auto* told = message.ok() ? std::get_if<wire::Recorded>(&message->body) : nullptr)
      recorded += told->deliveries.size();
    return memory::MemoryBroker::Fate{};
  });
  post_create_cluster("job");
  until_ended("job");
  until(
      "all seven are told", [&] { return recorded == 7; }, Millis{200});
}

TEST_CASE_METHOD(Cluster,
                 "another database: every flow stops at once, its claim is freed within the jitter") {
  auto& node = conductor();
  auto& w = worker("w1", kAllTypes, 30);
  script.held.insert("step-1");
  for (int i = 0; i < 20; ++i)
    post("job-" + std::to_string(i), R"({"factory": {"name": "chain", "kwargs": {"length": 2}}})");
  until("all run", [&] { return w.running() == 20; });
  loop.run_for(Millis{100});
  const auto before = node.conductor->counters();
  node.store->become_another("restored from a backup");
  loop.run_until_idle();
  script.held.clear();
  for (int i = 0; i < 20; ++i) w.release("step-1");
  loop.run_for(bounds.claim_retry_pause - Millis{50});  // nothing can have been claimed again
  CHECK(node.conductor->counters().steps == before.steps);
  CHECK(node.conductor->counters().requests_sent == before.requests_sent);
  CHECK(node.conductor->gauges().running == 0);
  CHECK(w.unrecorded() == 20);
  const auto held = node.conductor->flows().size();
  CHECK(held > 0);
  CHECK(held < 20);
  for (int i = 0; i < 20; ++i) until_ended("job-" + std::to_string(i));
  CHECK(script.count("step-1") == 20);
}

TEST_CASE_METHOD(Cluster, "what the old database knew as ended is no word to workers of the new one") {
  auto& node = conductor();
  auto& w = worker("w1");
  bool lost = true;  // what the conductor says of recorded outcomes
  broker.set_fates([&](const ports::InboxAddress&, std::string_view bytes) {
    const auto message = wire::decode(bytes);
    const bool recorded = message.ok() && std::holds_alternative<wire::Recorded>(message->body);
    return memory::MemoryBroker::Fate{lost && recorded ? 0u : 1u, Millis{0}};
  });
  script.held.insert("step-1");
  post("job", kChainOfOne);
  until("it runs", [&] { return w.holds("step-1"); });
  const memory::FlowDatabase without_last_commits = *database;
  w.release("step-1");
  until_ended("job");
  until("the job is gone from the board", [&] { return on_board().empty(); });
  *database = without_last_commits;
  node.store->become_another("failed over without the last commits");
  loop.run_for(Millis{100});
  lost = false;
  loop.run_for(Millis{60'000});
  CHECK(w.unrecorded() == 1);
}

namespace {

/// A job of one task has ended here; what is said of its recorded outcome is counted, and lost at first.
struct Ended : Cluster {
  Ended() {
    broker.set_fates([this](const ports::InboxAddress&, std::string_view bytes) {
      const auto message = wire::decode(bytes);
      const bool said = message.ok() && std::holds_alternative<wire::Recorded>(message->body);
      if (said) ++words;
      return memory::MemoryBroker::Fate{said && lost ? 0u : 1u, Millis{0}};
    });
    conductor();
    worker("w1");
    post("job", kChainOfOne);
    until_ended("job");
  }
  int words = 0;
  bool lost = true;
};

}  // namespace

TEST_CASE_METHOD(Ended, "what was to be said of the old database's commits is not said any more") {
  CHECK(words == 0);  // it waits for company
  conductor().store->become_another("failed over without the last commits");
  loop.run_for(bounds.recorded_pause + Millis{100});
  CHECK(words == 0);
}

TEST_CASE_METHOD(Ended, "what the old database has answered is no word to workers of the new one") {
  auto& node = conductor();
  until("the job is gone from the board", [&] { return on_board().empty(); });
  until("the word is lost", [&] { return words == 1; });
  loop.run_for(Millis{50});
  REQUIRE(node.store->under_way() == 0);
  until("the answer is repeated, the store is asked", [&] { return node.store->under_way() == 1; });
  node.store->become_another("restored from a backup");
  loop.run_for(bounds.recorded_pause + Millis{100});
  CHECK(words == 1);
  lost = false;
  until("the new one was asked, too", [&] { return words == 2; });
}
