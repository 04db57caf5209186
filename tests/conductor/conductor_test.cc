#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using Names = std::vector<std::string>;

TEST_CASE_METHOD(Cluster, "create-cluster of three runs to SUCCESS, configure once") {
  conductor();
  worker("w1");
  worker("w2");
  post_create_cluster("job");
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls.size() == 7);
  CHECK(script.count("configure") == 1);
  CHECK(script.calls.back() == "configure");
  until("the job is gone from the board", [&] { return on_board().empty(); });
  until("nothing is held", [&] { return conductor().conductor->flows().empty(); });
}

TEST_CASE_METHOD(Cluster, "an idle job costs a claim, a commit with its first sends, and one an outcome") {
  auto& node = conductor();
  worker("w1");
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 3}}})");
  until_ended("job");
  CHECK(node.conductor->counters().steps == 4);
  CHECK(node.conductor->counters().requests_sent == 3);
  CHECK(node.conductor->counters().requests_resent == 0);
}

TEST_CASE_METHOD(Cluster, "a failure reverts everything, last first") {
  conductor();
  worker("w1");
  script.failures["step-3"] = Failure::make("Refused", "card refused");
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 4}}})");
  until_ended("job");
  CHECK(state("job") == FlowState::Reverted);
  CHECK(script.calls ==
        Names{"step-1", "step-2", "step-3", "revert step-3", "revert step-2", "revert step-1"});
}

TEST_CASE_METHOD(Cluster,
                 "H9: a second conductor finishes what the first has begun, with no second execution") {
  conductor("a");
  auto& w1 = worker("w1");
  script.held = {"wait-1", "wait-2", "wait-3"};
  post_create_cluster("job");
  until("all three wait", [&] { return w1.holds("wait-1") && w1.holds("wait-2") && w1.holds("wait-3"); });
  auto& w2 = worker("w2", kAllTypes, 100);
  conductor("b");
  const bool guardian = GENERATE(true, false);
  kill("a", guardian);
  until("b has it", [&] { return conductor("b").conductor->flow(JobId("job")).has_value(); });
  loop.run_for(Millis{500});
  CHECK(w2.running() == 0);  // it asks those who have it
  for (const char* wait : {"wait-1", "wait-2", "wait-3"}) w1.release(wait);
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls.size() == 7);
}

TEST_CASE_METHOD(Cluster, "H23: an answer that nobody heard is answered again from memory") {
  conductor("a");
  auto& w = worker("w1");
  script.held.insert("step-1");
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 2}}})");
  until("step-1 runs", [&] { return w.holds("step-1"); });
  kill("a", true);
  w.release("step-1");
  loop.run_for(Millis{200});
  conductor("b");
  until_ended("job");
  CHECK(script.calls == Names{"step-1", "step-2"});
}

TEST_CASE_METHOD(Cluster, "H8: a lost request is sent again, under the same number") {
  conductor();
  worker("w1");
  int lost = 0;
  std::vector<Dispatch> numbers;
  broker.set_fates([&](const ports::InboxAddress& to, std::string_view bytes) {
    const bool lose = to.kind == ports::InboxKind::Requests && lost < 2;
    if (lose) ++lost;
    const auto message = wire::decode(bytes);
    if (const auto* sent = message.ok() ? std::get_if<wire::Requests>(&message->body) : nullptr)
      for (const auto& request : sent->requests) numbers.push_back(request.delivery.dispatch);
    return memory::MemoryBroker::Fate{lose ? 0u : 1u, Millis{0}};
  });
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  until_ended("job", Millis{2 * 1'000 + 500});  // unacknowledged for a second each time
  CHECK(script.calls == Names{"step-1"});
  REQUIRE(numbers.size() == 3);
  CHECK(numbers == std::vector<Dispatch>(3, numbers.front()));
  CHECK(conductor().conductor->counters().requests_resent == 2);
}

TEST_CASE_METHOD(Cluster, "H8: lost replies are said again, and nothing is executed twice") {
  conductor();
  worker("w1");
  int lost = 0;
  broker.set_fates([&](const ports::InboxAddress& to, std::string_view) {
    const bool lose = to.kind == ports::InboxKind::Replies && lost < 4;
    if (lose) ++lost;
    return memory::MemoryBroker::Fate{lose ? 0u : 1u, Millis{0}};
  });
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 2}}})");
  until_ended("job");
  CHECK(lost == 4);
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls == Names{"step-1", "step-2"});
  CHECK(conductor().conductor->counters().deliveries_lost == 0);
}

TEST_CASE_METHOD(Cluster, "H9: deliveries are counted across conductors: who kills both each time fails") {
  script.held.insert("a");
  post("job", R"({"flow": {"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a", "max_deliveries": 3}]}})");
  for (const std::string life : {"1", "2", "3"}) {
    conductor("c" + life);
    auto& w = worker("w" + life);
    until("it runs in life " + life, [&] { return w.holds("a"); });
    w.vanish(GENERATE(true, false));
    kill("c" + life, true);
  }
  conductor("last");
  worker("spared");
  until_ended("job");
  CHECK(script.count("a") == 3);
  REQUIRE(show("job").atoms.at(0).record.failure);
  CHECK(show("job").atoms.at(0).record.failure->type == "WorkerLost");
  CHECK(state("job") == FlowState::Reverted);
}

TEST_CASE_METHOD(Cluster, "every message twice, and late, changes nothing") {
  conductor();
  worker("w1");
  worker("w2");
  broker.set_fates([&](const ports::InboxAddress&, std::string_view) {
    return memory::MemoryBroker::Fate{2, Millis{static_cast<std::int64_t>(entropy.below(50))}};
  });
  post_create_cluster("job", 5);
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls.size() == 11);
}

TEST_CASE_METHOD(Cluster, "a lost worker's request goes to another, and its late answer is ignored") {
  auto& node = conductor();
  auto& w1 = worker("w1");
  script.held.insert("step-1");
  script.results["step-1"] = Value::of_string("from the first");
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  until("step-1 runs at w1", [&] { return w1.holds("step-1"); });
  auto& w2 = worker("w2");
  w1.session().disconnect();  // alive, but cut off from ZooKeeper: its session ends after its timeout
  until("step-1 runs at w2", [&] { return w2.holds("step-1"); });
  CHECK(node.conductor->counters().deliveries_lost == 1);
  const auto second = show("job").atoms.at(0).record;
  CHECK(second.attempt == 1);
  CHECK(second.delivery->deliveries == 2);
  CHECK(second.delivery->worker == w2.incarnation());

  w1.release("step-1");  // an outcome of the first delivery
  loop.run_for(Millis{500});
  CHECK(!ended("job"));
  w2.release("step-1");
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
}

TEST_CASE_METHOD(Cluster, "H19: a death that was noted needs no grace, one that was not gets it") {
  conductor();
  auto& w1 = worker("w1");
  script.held.insert("step-1");
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  until("step-1 runs at w1", [&] { return w1.holds("step-1"); });
  auto& w2 = worker("w2");
  const bool noted = GENERATE(true, false);
  const Micros before = loop.steady();
  w1.vanish(noted);
  until("step-1 runs at w2", [&] { return w2.holds("step-1"); });
  const auto took = std::chrono::duration_cast<Millis>(loop.steady() - before);
  if (noted)
    CHECK(took < Millis{50});
  else
    CHECK(took >= bounds.reattach_grace);
}

TEST_CASE_METHOD(Cluster, "H18: a worker that died before the flow was loaded is noticed") {
  conductor("a");
  auto& w1 = worker("w1");
  script.held.insert("step-1");
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  until("step-1 runs at w1", [&] { return w1.holds("step-1"); });
  kill("a", true);
  w1.vanish(false);
  loop.run_for(Millis{1000});
  auto& w2 = worker("w2");
  conductor("b");
  until(
      "step-1 runs at w2", [&] { return w2.holds("step-1"); }, Millis{5'000});  // silence would take longer
  w2.release("step-1");
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
}

TEST_CASE_METHOD(Cluster, "H18: a worker restarted under its name between two looks is another one") {
  auto& node = conductor();
  auto& w1 = worker("w1");
  script.held.insert("step-1");
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  until("step-1 runs", [&] { return w1.holds("step-1"); });
  w1.vanish(GENERATE(true, false));
  ScriptedWorker again({loop, ensemble, broker, entropy, script}, "w1", kAllTypes, 4, {});
  until(
      "step-1 runs at the new one", [&] { return again.holds("step-1"); }, Millis{5'000});
  CHECK(node.conductor->counters().deliveries_lost == 1);
  CHECK(show("job").atoms.at(0).record.delivery->worker == again.incarnation());
  CHECK(show("job").atoms.at(0).record.delivery->deliveries == 2);
  again.release("step-1");
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
}

TEST_CASE_METHOD(Cluster, "H18: a worker that dies while its delivery is being committed is noticed") {
  auto& node = conductor();
  std::map<Incarnation, ScriptedWorker*> workers;
  for (const char* name : {"w1", "w2"}) {
    auto& each = worker(name);
    workers[each.incarnation()] = &each;
  }
  const bool noted = GENERATE(true, false);
  bool dead = false;
  node.store->cut_steps([&](const ports::StepWrite& step) -> std::optional<std::vector<Fact>> {
    for (const Fact& fact : step.facts) {
      const auto* atom = std::get_if<AtomFact>(&fact.body);
      if (!atom || !atom->after.delivery || std::exchange(dead, true)) continue;
      workers.at(atom->after.delivery->worker)->vanish(noted);
    }
    return std::nullopt;
  });
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  until_ended("job", Millis{5'000});  // silence would take longer
  CHECK(dead);
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls == Names{"step-1"});
}

TEST_CASE_METHOD(Cluster,
                 "what a worker held whose death is noted goes elsewhere in the new owner's first commit") {
  conductor("a");
  auto& w1 = worker("w1");
  script.held.insert("step-1");
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  until("step-1 runs at w1", [&] { return w1.holds("step-1"); });
  kill("a", true);
  w1.vanish(true);
  auto& w2 = worker("w2");
  auto& b = conductor("b");
  until("step-1 runs at w2", [&] { return w2.holds("step-1"); });
  const auto counters = b.conductor->counters();
  CHECK(counters.steps == 1);
  CHECK(counters.requests_sent == 1);  // none to the dead
  CHECK(counters.deliveries_lost == 1);
  CHECK(show("job").atoms.front().record.delivery->deliveries == 2);
  w2.release("step-1");
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
}

TEST_CASE_METHOD(Cluster, "H2: a commit whose reply is lost is looked up, and the flow goes on") {
  auto& node = conductor();
  auto& w = worker("w1");
  script.held.insert("step-2");
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 3}}})");
  until("step-2 runs", [&] { return w.holds("step-2"); });
  using Lost = memory::MemoryFlowStore::LostReply;
  node.store->lose_next_reply(GENERATE(Lost::Applied, Lost::NotApplied));
  w.release("step-2");
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls == Names{"step-1", "step-2", "step-3"});
  CHECK(node.conductor->counters().reloads == 1);
  CHECK(history("job") == Names{"RUNNING", "step-1 RUNNING", "step-1 SUCCESS", "step-2 RUNNING",
                                "step-2 SUCCESS", "step-3 RUNNING", "step-3 SUCCESS", "SUCCESS"});
}

TEST_CASE_METHOD(Cluster, "H2: a first commit whose reply is lost does not lose the flow") {
  auto& node = conductor();
  worker("w1");
  using Lost = memory::MemoryFlowStore::LostReply;
  const Lost lost = GENERATE(Lost::Applied, Lost::NotApplied);
  catalogue.on_build = [&] { node.store->lose_next_reply(lost); };
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls == Names{"step-1"});
  CHECK(node.conductor->counters().reloads == 1);
}

TEST_CASE_METHOD(
    Cluster, "H10: an outcome that cannot be stored fails its atom with the reason, and harms no other job") {
  conductor();
  worker("w1");
  const std::vector<std::pair<std::string, std::string>> cases{
      {"\"\\u0000\"", "a string holds the character U+0000, which Postgres cannot store (at byte 7)"},
      {"1e999", "a number is too large for a double (at byte 5)"},
      {std::string(1000, '[') + std::string(1000, ']'), "it is nested deeper than 256 levels (at byte 256)"}};
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string name = "odd-" + std::to_string(i);
    script.raw_result[name] = cases[i].first;
    post(name, R"({"flow": {"name": "f", "pattern": "linear", "nodes": [{"task": "step", "name": ")" + name +
                   R"("}]}})");
  }
  post_create_cluster("good");
  until_ended("good");
  CHECK(state("good") == FlowState::Success);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string name = "odd-" + std::to_string(i);
    until_ended(name);
    CHECK(state(name) == FlowState::Reverted);
    const auto failure = show(name).atoms.at(0).record.failure;
    REQUIRE(failure);
    CHECK(failure->type == "BadResult");
    CHECK(
        failure->message ==
        "the result cannot be kept: " + cases[i].second +
            "\n  hint: a result is JSON of at most 1048576 bytes, without U+0000 and infinite numbers; keep "
            "larger values elsewhere and return where they are");
  }
}

TEST_CASE_METHOD(Cluster, "H11: what Kafka takes no more becomes a failure of its atom, others go on") {
  auto& node = conductor();
  auto& w = worker("w1");
  script.acts = [](const wire::Request& request) -> std::optional<worker::TaskOutcome> {
    if (request.delivery.atom != "large" || request.delivery.intention == Intention::Revert)
      return std::nullopt;
    return Value::of_string(std::string(900'000, 'x'));
  };
  const std::string large = R"({"task": "step", "name": "large", "provides": "x"})";
  SECTION("the answer") {
    broker.set_message_bytes_max(500'000);
    post("job", R"({"flow": {"name": "f", "pattern": "linear", "nodes": [)" + large + "]}}");
    until_ended("job");
    CHECK(show("job").atoms.at(0).record.failure->type == "BadResult");
    CHECK(script.calls == Names{"large", "revert large"});
    CHECK(state("job") == FlowState::Reverted);
  }
  SECTION("the request") {
    script.held.insert("gate");
    post("job", R"({"flow": {"name": "f", "pattern": "linear", "nodes": [)" + large + R"(,
        {"task": "step", "name": "gate"}, {"flow": {"name": "g", "pattern": "unordered", "nodes": [
          {"task": "step", "name": "asks", "requires": ["x"], "rebind": {"y": "x"}}, {"task": "step", "name": "beside"}]}}]}})");
    until("it waits", [&] { return w.holds("gate"); });
    broker.set_message_bytes_max(1'500'000);
    w.release("gate");
    until_ended("job");
    CHECK(script.count("asks") == 0);
    CHECK(script.count("beside") == 1);
    const auto atoms = show("job").atoms;
    const auto asks =
        std::find_if(atoms.begin(), atoms.end(), [](const auto& atom) { return atom.name == "asks"; });
    CHECK(asks->record.failure->type == "Task.ArgumentsTooLarge");  // it had been dispatched
    CHECK(state("job") == FlowState::Failure);                      // its revert is given the same arguments
  }
  broker.set_message_bytes_max(kMessageBytesMax);
  post_create_cluster("good");
  until_ended("good");
  CHECK(state("good") == FlowState::Success);
  until("nothing is held", [&] { return node.conductor->flows().empty(); });
}
