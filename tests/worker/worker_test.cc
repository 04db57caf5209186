#include "worker/worker.h"

#include <catch2/catch.hpp>

#include "common/memory/directory.h"
#include "common/memory/ensemble.h"
#include "common/memory/seeded_entropy.h"
#include "tests/worker/runner_fixture.h"

using namespace baton;
using namespace baton::worker;
using namespace baton::worker::testing;

namespace {

/// A worker process on memory's ports, seen by a conductor's directory.
struct WorkerStory : ports::Directory::Listener {
  WorkerStory() {
    conductor_sees.open(*this);
    ports::Advert about;
    about.name = "worker-a";
    about.incarnation = incarnation(9);
    about.labels = {{"zone", "eu"}};
    worker = std::make_unique<Worker>(TaskRunner::Ports{bus, loop, loop, directory, tasks},
                                      RunnerLimits{.slots = 2, .prefetch = 2}, about,
                                      std::vector<std::string>{"server.create"},
                                      Worker::Events{.ready = [this] { ready = true; },
                                                     .ended =
                                                         [this](Worker::End how, const std::string& why) {
                                                           ended = how;
                                                           ended_why = why;
                                                         }});
  }
  void on_workers(const std::vector<ports::Advert>& adverts, const std::vector<Incarnation>&) override {
    workers = adverts;
  }
  void on_conductors(const std::vector<ports::Member>&) override {}
  void on_session_lost() override {}

  void start() {
    worker->start();
    loop.run_for(Millis{1'000});
  }
  /// Through the bus, as a conductor does it.
  void send(wire::Body body, Incarnation to = incarnation(9)) {
    const wire::Message message{to, one.self, one.partition, std::move(body)};
    REQUIRE(one.bus.send(*workers.at(0).inbox, wire::encode(message), 0).ok());
    loop.run_until_idle();
  }
  std::optional<ports::AdvertState> state() const {
    if (workers.empty()) return std::nullopt;
    return workers[0].state;
  }

  memory::EventLoop loop;
  memory::SeededEntropy entropy{1};
  memory::MemoryEnsemble ensemble{loop, loop, entropy};
  memory::MemorySession session{ensemble}, conductor_session{ensemble};
  memory::MemoryDirectory directory{session}, conductor_sees{conductor_session};
  memory::MemoryBroker broker{4};
  memory::MemoryMessageBus bus{broker, loop, loop};
  Conductor one{broker, loop, 1, 0};
  HandTasks tasks{loop};
  std::vector<ports::Advert> workers;
  bool ready = false;
  std::optional<Worker::End> ended;
  std::string ended_why;
  std::unique_ptr<Worker> worker;
};

using ports::AdvertState;

}  // namespace

TEST_CASE_METHOD(WorkerStory, "H36: a worker advertises itself when its inbox is open, and serves") {
  start();
  CHECK(ready);
  REQUIRE(workers.size() == 1);
  CHECK(workers[0].name == "worker-a");
  CHECK(workers[0].incarnation == incarnation(9));
  CHECK(workers[0].task_types == std::vector<std::string>{"server.create"});
  CHECK(workers[0].slots == 2);
  CHECK(workers[0].labels.at("zone") == "eu");
  CHECK(workers[0].state == AdvertState::Ready);
  send(wire::Requests{{RunnerStory::request("a", 1)}});
  send(wire::Requests{{RunnerStory::request("b", 1)}}, incarnation(8));  // of another process in the inbox
  REQUIRE(tasks.started.size() == 1);
  tasks.end("a", TaskOutcome(Value::from_stored("7")));
  loop.run_until_idle();
  CHECK(one.told() == std::vector<std::string>{"a/1 SUCCESS 7"});
}

TEST_CASE_METHOD(WorkerStory,
                 "H8: what cannot be read is counted by kind and skipped, another version is answered") {
  using runtime::UnreadableKind;
  start();
  const auto say = [this](std::string bytes) {
    REQUIRE(one.bus.send(*workers.at(0).inbox, std::move(bytes), 0).ok());
    loop.run_until_idle();
  };
  const auto newer = [this](Incarnation to) {
    auto bytes = wire::encode({to, one.self, one.partition, wire::Requests{}});
    REQUIRE(bytes.substr(0, 2) == "\x08\x01");  // the version
    bytes[1] = '\x02';
    return bytes;
  };
  say("garbage");
  say(newer(incarnation(9)));
  say(newer(incarnation(8)));  // of another process in the inbox
  send(wire::Report{});
  CHECK(worker->unreadable().of(UnreadableKind::Message) == 1);
  CHECK(worker->unreadable().of(UnreadableKind::Version) == 1);
  CHECK(worker->unreadable().of(UnreadableKind::Misplaced) == 1);
  CHECK(one.told() == std::vector<std::string>{"*/0 unsupported"});
}

TEST_CASE_METHOD(WorkerStory, "H36: a worker is not advertised before Kafka has said where its inbox ends") {
  for (std::int32_t partition = 0; partition < 4; ++partition)
    for (int i = 0; i < 3; ++i)
      REQUIRE(one.bus.send({ports::InboxKind::Requests, partition, 0}, "of before", 0).ok());
  loop.run_until_idle();
  bool leased = false;  // and then Kafka is gone
  ensemble.watch([&](const std::string& path, const memory::MemoryEnsemble::Node&, bool) {
    if (path.find("/partitions/") == std::string::npos || std::exchange(leased, true)) return;
    broker.set_reachable(false);
  });
  start();
  REQUIRE(leased);
  loop.run_for(Millis{5'000});
  CHECK(workers.empty());
  CHECK_FALSE(ready);
  broker.set_reachable(true);
  loop.run_for(Worker::kRetryPause + Millis{100});
  CHECK(state() == AdvertState::Ready);
  CHECK(workers.at(0).inbox->offset == 3);
  ensemble.watch({});
}

TEST_CASE_METHOD(WorkerStory, "nothing is advertised while ZooKeeper is cut off, and then it is") {
  session.disconnect();
  start();
  CHECK(workers.empty());
  session.reconnect();
  loop.run_for(Worker::kRetryPause + Millis{100});
  CHECK(state() == AdvertState::Ready);
}

TEST_CASE_METHOD(WorkerStory,
                 "H16: while Kafka is away for long, the advert says so, and nothing is withdrawn") {
  start();
  broker.set_reachable(false);
  loop.run_for(Worker::kUnreachableAfter - Millis{1});
  CHECK(state() == AdvertState::Ready);
  loop.run_for(Millis{1});
  CHECK(state() == AdvertState::Unreachable);
  broker.set_reachable(true);
  loop.run_for(Millis{100});
  CHECK(state() == AdvertState::Ready);
  broker.set_reachable(false);  // a short absence is nobody's business
  loop.run_for(Millis{1'000});
  broker.set_reachable(true);
  loop.run_for(Worker::kUnreachableAfter);
  CHECK(state() == AdvertState::Ready);
}

TEST_CASE_METHOD(WorkerStory,
                 "a state that could not be written is not shown later, when it is no longer true") {
  start();
  session.disconnect();
  broker.set_reachable(false);
  loop.run_for(Worker::kUnreachableAfter + Millis{10});
  broker.set_reachable(true);
  loop.run_for(Millis{100});
  session.reconnect();  // to a new session, in which the directory writes again what it was told
  loop.run_for(Millis{1'000});
  CHECK(state() == AdvertState::Ready);
}

TEST_CASE_METHOD(WorkerStory, "H19: a lost session hands back what waits, the same incarnation comes back") {
  start();
  for (const char* atom : {"a", "b", "c"}) send(wire::Requests{{RunnerStory::request(atom, 1)}});
  session.expire();
  loop.run_for(Millis{100});
  CHECK(one.told() == std::vector<std::string>{"c/1 busy"});
  REQUIRE(workers.size() == 1);
  CHECK(workers[0].incarnation == incarnation(9));
  tasks.end("a", TaskOutcome(Value::from_stored("7")));
  loop.run_until_idle();
  CHECK(one.told() == std::vector<std::string>{"a/1 SUCCESS 7"});
}

TEST_CASE_METHOD(WorkerStory, "a drain is shown, ends what runs, and leaves nothing behind") {
  start();
  send(wire::Requests{{RunnerStory::request("a", 1)}});
  worker->drain(Millis{10'000});
  loop.run_until_idle();
  CHECK(state() == AdvertState::Draining);
  CHECK_FALSE(ended);
  tasks.end("a", TaskOutcome(Value()));
  loop.run_until_idle();
  CHECK(one.told() == std::vector<std::string>{"a/1 SUCCESS null"});
  send(wire::Recorded{{RunnerStory::request("a", 1).delivery}});
  CHECK(ended == Worker::End::Drained);
  CHECK(workers.empty());
}

TEST_CASE_METHOD(WorkerStory, "a drain that takes too long says what still runs") {
  start();
  send(wire::Requests{{RunnerStory::request("a", 1)}});
  worker->drain(Millis{10'000});
  loop.run_for(Millis{10'000});
  CHECK(ended == Worker::End::DrainedLate);
  CHECK(ended_why == "1 tasks still ran at the end of worker.drain_ms");
  CHECK(workers.empty());
}

TEST_CASE_METHOD(WorkerStory, "a worker that is told to end before it has begun does so") {
  session.disconnect();
  worker->start();
  worker->drain(Millis{10'000});
  loop.run_for(Millis{1'000});
  CHECK(ended == Worker::End::Drained);
  CHECK_FALSE(ready);
}
