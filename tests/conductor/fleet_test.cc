#include <chrono>
#include <utility>

#include "common/wire/messages.h"
#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using Names = std::vector<std::string>;

namespace {

/// Several conductors and workers at once, and what a bystander sees of them.
struct Fleet : Cluster, ports::Directory::Listener {
  void on_workers(const std::vector<ports::Advert>&, const std::vector<Incarnation>&) override {}
  void on_conductors(const std::vector<ports::Member>& told) override { members = told; }
  void on_session_lost() override {}

  /// The server ends the session while its client does not hear of it, and is heard again so much later.
  void lose_for(memory::MemorySession& session, Millis later) {
    const auto number = session.number();
    session.disconnect();
    loop.run_until_idle();
    ensemble.end_session(number);
    loop.after(later, [&session] { session.reconnect(); });
  }
  std::string unordered(const std::string& prefix, int tasks) const {
    std::string nodes;
    for (int i = 0; i < tasks; ++i)
      nodes += (i > 0 ? ", " : "") + std::string(R"({"task": "step", "name": ")") + prefix + "-" +
               std::to_string(i) + "\"}";
    return R"({"flow": {"name": "f", "pattern": "unordered", "nodes": [)" + nodes + "]}}";
  }

  std::vector<ports::Member> members;
};

}  // namespace

TEST_CASE_METHOD(Fleet,
                 "H19: every session ends at once, and each comes back: nothing that runs is doubled") {
  auto& a = conductor("a");
  auto& b = conductor("b");
  std::vector<ScriptedWorker*> workers{&worker("w1"), &worker("w2"), &worker("w3")};
  script.held.insert("step-1");
  for (int i = 0; i < 9; ++i)
    post("job-" + std::to_string(i), R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  until("all run", [&] { return script.calls.size() == 9; });
  loop.run_for(Millis{500});
  // As after a long pause of the server: some conductor is there again before the workers are.
  lose_for(*a.session, Millis{10});
  lose_for(*b.session, Millis{280});
  for (std::size_t i = 0; i < workers.size(); ++i)
    lose_for(workers[i]->session(), Millis{static_cast<std::int64_t>(50 + 100 * i)});
  until("all jobs are held again",
        [&] { return a.conductor->counters().jobs_claimed + b.conductor->counters().jobs_claimed == 18; });
  loop.run_for(Millis{5'000});
  CHECK(a.conductor->counters().deliveries_lost + b.conductor->counters().deliveries_lost == 0);
  for (auto* worker : workers)
    while (worker->holds("step-1")) worker->release("step-1");
  for (int i = 0; i < 9; ++i) until_ended("job-" + std::to_string(i));
  CHECK(script.calls.size() == 9);
}

TEST_CASE_METHOD(Fleet, "H33: conductors that fill the same slots are told so, and everything runs once") {
  worker("w1", kAllTypes, 2);
  for (const char* name : {"a", "b", "c"}) conductor(name);
  std::size_t busy = 0;
  broker.set_fates([&](const ports::InboxAddress&, std::string_view bytes) {
    const auto message = wire::decode(bytes);
    if (const auto* told = message.ok() ? std::get_if<wire::Answers>(&message->body) : nullptr)
      for (const auto& answer : told->answers)
        if (const auto* word = std::get_if<wire::NotRun>(&answer.what))
          busy += word->kind == wire::NoOutcome::Busy ? 1 : 0;
    return memory::MemoryBroker::Fate{};
  });
  script.takes = Millis{20};
  for (int i = 0; i < 6; ++i) post("job-" + std::to_string(i), unordered("t" + std::to_string(i), 12));
  for (int i = 0; i < 6; ++i) until_ended("job-" + std::to_string(i));
  CHECK(busy > 0);
  CHECK(script.calls.size() == 72);
  for (int i = 0; i < 6; ++i) {
    CHECK(state("job-" + std::to_string(i)) == FlowState::Success);
    for (int task = 0; task < 12; ++task)
      CHECK(script.count("t" + std::to_string(i) + "-" + std::to_string(task)) == 1);
  }
}

TEST_CASE_METHOD(Fleet, "H36: a conductor tells no inbox before Kafka has said where it ends") {
  memory::MemorySession session(ensemble);
  memory::MemoryDirectory directory(session);
  directory.open(*this);
  memory::MemoryMessageBus others(broker, loop, loop);
  for (std::int32_t partition = 0; partition < 8; ++partition)
    for (int i = 0; i < 3; ++i)
      REQUIRE(others.send({ports::InboxKind::Replies, partition, 0}, "of before", 0).ok());
  loop.run_until_idle();
  // Kafka goes when the partition has been leased, and is back later.
  bool away = false;
  ensemble.watch([&](const std::string& path, const memory::MemoryEnsemble::Node&, bool gone) {
    if (gone || path.find("/partitions/") == std::string::npos || std::exchange(away, true)) return;
    broker.set_reachable(false);
    loop.after(Millis{5'000}, [&] {
      CHECK(members.empty());
      broker.set_reachable(true);
    });
  });
  const Micros before = loop.steady();
  conductor();
  CHECK(away);
  CHECK(loop.steady() - before >= Millis{5'000});
  until("it is told of", [&] { return members.size() == 1; });
  REQUIRE(members[0].inbox);
  CHECK(members[0].inbox->offset == 3);
  ensemble.watch({});
}
