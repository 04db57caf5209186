#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/support/coordination_world.h"

using namespace std::chrono_literals;
using namespace baton;
using namespace baton::ports;
using namespace baton::test;

namespace {

using Written = Result<void, DirectoryError>;
using Leased = Result<std::int32_t, DirectoryError>;

Advert advert(Incarnation incarnation, const std::string& name) {
  Advert it;
  it.name = name;
  it.incarnation = incarnation;
  it.task_types = {"server.create", "server.wait"};
  it.slots = 4;
  it.labels = {{"zone", "a"}, {"disk", "\"fast\" \u00e9"}};
  it.inbox = {InboxKind::Requests, 7, 123456789012};
  it.version = "0.1.0";
  it.host = "host-1";
  it.pid = 4711;
  return it;
}

Member member(Incarnation incarnation, const std::string& name) {
  return {name, incarnation, "host-1", 4712, "0.1.0", "127.0.0.1:27080"};
}

void advertise(World& world, Process& process, const Advert& what) {
  REQUIRE(world.await<Written>([&](auto done) { process.directory().advertise(what, done); }).ok());
}

void join(World& world, Process& process, const Member& what) {
  REQUIRE(world.await<Written>([&](auto done) { process.directory().join(what, done); }).ok());
}

std::int32_t lease(World& world, Process& process, InboxKind kind, std::int32_t partitions,
                   Incarnation incarnation) {
  const auto number = world.await<Leased>(
      [&](auto done) { process.directory().lease_partition(kind, partitions, incarnation, done); });
  REQUIRE(number.ok());
  return *number;
}

void open(World& world, Process& process) {
  process.directory().open(process.directory_log);
  REQUIRE(world.pump([&] { return process.directory_log.pictures > 0; }));
}

bool sees(const Process& process, const Advert& what) {
  const auto& all = process.directory_log.workers;
  return std::find(all.begin(), all.end(), what) != all.end();
}

}  // namespace

TEMPLATE_TEST_CASE("a first picture comes also where nobody is", "[contract]", MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& watcher = world.process("watcher");
  open(world, watcher);
  CHECK(watcher.directory_log.workers.empty());
  CHECK(watcher.directory_log.dead.empty());
}

TEMPLATE_TEST_CASE("adverts appear whole, change, and vanish", "[contract]", MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& watcher = world.process("watcher");
  auto& worker = world.process("worker");
  open(world, watcher);
  auto what = advert(world.incarnation(), "w1");
  advertise(world, worker, what);
  REQUIRE(world.pump([&] { return sees(watcher, what); }));
  what.state = AdvertState::Draining;
  what.slots = 8;
  advertise(world, worker, what);
  REQUIRE(world.pump([&] { return sees(watcher, what); }));
  CHECK(watcher.directory_log.workers.size() == 1);
  REQUIRE(world.template await<Written>([&](auto done) { worker.directory().withdraw(done); }).ok());
  REQUIRE(world.pump([&] { return watcher.directory_log.workers.empty(); }));
}

TEMPLATE_TEST_CASE("of many changes at once the last one stays", "[contract]", MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& watcher = world.process("watcher");
  auto& worker = world.process("worker");
  open(world, watcher);
  auto what = advert(world.incarnation(), "w1");
  int written = 0;
  for (what.slots = 1; what.slots < 50; ++what.slots)
    worker.directory().advertise(what, [&](Written result) { written += result.ok(); });
  advertise(world, worker, what);
  REQUIRE(world.pump([&] { return written == 49 && sees(watcher, what); }));
  CHECK(watcher.directory_log.workers.size() == 1);
}

TEMPLATE_TEST_CASE("a process that closes or dies is gone from the picture", "[contract]", MemoryWorld,
                   ZooKeeperWorld) {
  TestType world;
  auto& watcher = world.process("watcher");
  auto& worker = world.process("worker");
  open(world, watcher);
  advertise(world, worker, advert(world.incarnation(), "w1"));
  REQUIRE(world.pump([&] { return watcher.directory_log.workers.size() == 1; }));
  worker.directory().close();
  REQUIRE(world.pump([&] { return watcher.directory_log.workers.empty(); }));
}

TEMPLATE_TEST_CASE("H18: a restarted worker of the same name is another incarnation", "[contract]",
                   MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& watcher = world.process("watcher");
  auto& first = world.process("first");
  auto& second = world.process("second");
  open(world, watcher);
  const auto before = advert(world.incarnation(), "same name");
  const auto after = advert(world.incarnation(), "same name");
  advertise(world, first, before);
  advertise(world, second, after);
  REQUIRE(world.pump([&] { return sees(watcher, before) && sees(watcher, after); }));
  first.directory().close();
  REQUIRE(world.pump([&] { return !sees(watcher, before); }));
  CHECK(sees(watcher, after));
}

TEMPLATE_TEST_CASE("H19: after the end of its session a process is there again under its incarnation",
                   "[contract]", MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& watcher = world.process("watcher");
  auto& worker = world.process("worker");
  open(world, watcher);
  open(world, worker);
  const auto incarnation = world.incarnation();
  const auto partition = lease(world, worker, InboxKind::Requests, 4, incarnation);
  const auto what = advert(incarnation, "w1");
  const auto member_of = member(incarnation, "c1");
  advertise(world, worker, what);
  join(world, worker, member_of);
  REQUIRE(world.pump([&] { return sees(watcher, what) && watcher.directory_log.conductors.size() == 1; }));
  worker.expire();
  REQUIRE(world.pump([&] { return worker.directory_log.sessions_lost == 1; }));
  // A new session of its own is read whole before anybody is judged.
  REQUIRE(world.pump([&] { return worker.directory_log.pictures > 0 && sees(worker, what); }));
  REQUIRE(world.pump([&] { return sees(watcher, what) && watcher.directory_log.conductors.size() == 1; }));
  const auto lease_folder = world.root() + "/partitions/requests/" + std::to_string(partition);
  REQUIRE(world.pump([&] { return !world.children(lease_folder).empty(); }));
  CHECK(world.children(lease_folder) == std::vector<std::string>{incarnation.value.to_string()});
  CHECK(watcher.directory_log.sessions_lost == 0);
}

TEMPLATE_TEST_CASE("a noted death is told, also of one who is still listed", "[contract]", MemoryWorld,
                   ZooKeeperWorld) {
  TestType world;
  auto& watcher = world.process("watcher");
  auto& worker = world.process("worker");
  open(world, watcher);
  const auto what = advert(world.incarnation(), "w1");
  advertise(world, worker, what);
  REQUIRE(world.pump([&] { return sees(watcher, what); }));
  world.create(world.root() + "/deaths/" + what.incarnation.value.to_string(), "{}");
  REQUIRE(world.pump([&] { return !watcher.directory_log.dead.empty(); }));
  CHECK(watcher.directory_log.dead == std::vector<Incarnation>{what.incarnation});
  CHECK(sees(watcher, what));
}

TEMPLATE_TEST_CASE("a noted death names the job that it happened at, if there was one", "[contract]",
                   MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& watcher = world.process("watcher");
  open(world, watcher);
  std::vector<Incarnation> dead;
  const auto note_of = [](const char* job) { return ports::to_json({job, {}}); };
  for (const auto& note : {note_of("job \"1\""), note_of(""), note_of("job \"1\""), std::string("[]")}) {
    dead.push_back(world.incarnation());
    world.create(world.root() + "/deaths/" + dead.back().value.to_string(), note);
  }
  REQUIRE(world.pump([&] { return watcher.directory_log.dead.size() == 4; }));
  std::vector<Incarnation> blamed{dead[0], dead[2]};
  std::sort(blamed.begin(), blamed.end(),
            [](const auto& a, const auto& b) { return a.value.to_string() < b.value.to_string(); });
  CHECK(watcher.directory_log.culprits == Culprits{{"job \"1\"", blamed}});
}

TEMPLATE_TEST_CASE("H22: a noted death says what the worker was at work on, before it is shown", "[contract]",
                   MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& watcher = world.process("watcher");
  open(world, watcher);
  const ports::LastTasks crashed{{"f/a \"1\""}, "SIGSEGV"}, killed{{"f/a", "f/b"}, ""}, idle{};
  std::map<Incarnation, ports::LastTasks> wanted;
  for (const auto& tasks : {crashed, killed, idle}) {
    const auto dead = world.incarnation();
    wanted.emplace(dead, tasks);
    world.create(world.root() + "/deaths/" + dead.value.to_string(), ports::to_json({"", tasks}));
    REQUIRE(world.pump([&] { return watcher.directory_log.dead.size() == wanted.size(); }));
    CHECK(watcher.directory_log.last_tasks == wanted);
  }
  world.create(world.root() + "/deaths/" + world.incarnation().value.to_string(), "{}");
  REQUIRE(world.pump([&] { return watcher.directory_log.dead.size() == 4; }));
  CHECK(watcher.directory_log.last_tasks == wanted);
}

TEMPLATE_TEST_CASE("the emptiest partition is leased, the lowest of them", "[contract]", MemoryWorld,
                   ZooKeeperWorld) {
  TestType world;
  std::vector<Process*> processes;
  for (int i = 0; i < 4; ++i) processes.push_back(&world.process("p"));
  CHECK(lease(world, *processes[0], InboxKind::Requests, 3, world.incarnation()) == 0);
  CHECK(lease(world, *processes[1], InboxKind::Requests, 3, world.incarnation()) == 1);
  CHECK(lease(world, *processes[2], InboxKind::Requests, 3, world.incarnation()) == 2);
  CHECK(lease(world, *processes[3], InboxKind::Requests, 3, world.incarnation()) == 0);
  // The other topic is another matter.
  CHECK(lease(world, *processes[3], InboxKind::Replies, 3, world.incarnation()) == 0);
  processes[1]->directory().close();
  REQUIRE(world.pump([&] { return world.children(world.root() + "/partitions/requests/1").empty(); }));
  CHECK(lease(world, world.process("next"), InboxKind::Requests, 3, world.incarnation()) == 1);
}

TEMPLATE_TEST_CASE("processes that start at once spread over the partitions", "[contract]", MemoryWorld,
                   ZooKeeperWorld) {
  TestType world;
  constexpr int kProcesses = 12;
  constexpr int kPartitions = 4;
  std::vector<int> holders(kPartitions);
  int answered = 0;
  for (int i = 0; i < kProcesses; ++i)
    world.process("p").directory().lease_partition(InboxKind::Requests, kPartitions, world.incarnation(),
                                                   [&](Leased number) {
                                                     ++answered;
                                                     if (number.ok())
                                                       ++holders.at(static_cast<std::size_t>(*number));
                                                   });
  REQUIRE(world.pump([&] { return answered == kProcesses; }));
  CHECK(holders == std::vector<int>(kPartitions, kProcesses / kPartitions));
}

TEMPLATE_TEST_CASE("conductors see each other come and go", "[contract]", MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& a = world.process("a");
  auto& b = world.process("b");
  open(world, a);
  const auto of_a = member(world.incarnation(), "a");
  auto of_b = member(world.incarnation(), "b");
  of_b.inbox = InboxAddress{InboxKind::Replies, 3, 77};
  join(world, a, of_a);
  join(world, b, of_b);
  REQUIRE(world.pump([&] { return a.directory_log.conductors.size() == 2; }));
  CHECK(std::count(a.directory_log.conductors.begin(), a.directory_log.conductors.end(), of_b) == 1);
  b.directory().close();
  REQUIRE(world.pump([&] { return a.directory_log.conductors == std::vector<Member>{of_a}; }));
}

TEMPLATE_TEST_CASE("a node that is no advert hides nobody", "[contract]", MemoryWorld, ZooKeeperWorld) {
  TestType world;
  auto& watcher = world.process("watcher");
  auto& worker = world.process("worker");
  world.create(world.root() + "/workers/stranger", "no json");
  world.create(world.root() + "/workers/half", R"({"name": "half an advert"})");
  open(world, watcher);
  const auto what = advert(world.incarnation(), "w1");
  advertise(world, worker, what);
  REQUIRE(world.pump([&] { return sees(watcher, what); }));
  CHECK(watcher.directory_log.workers.size() == 1);
}

TEMPLATE_TEST_CASE("a connected session is not silent and has its timeout", "[contract]", MemoryWorld,
                   ZooKeeperWorld) {
  TestType world;
  auto& worker = world.process("worker");
  REQUIRE(world.pump([&] { return worker.directory().silent_for() < 1s; }));
  CHECK(worker.directory().timeout() == 4s);
  worker.directory().close();
  CHECK(worker.directory().timeout() == 0s);
}
