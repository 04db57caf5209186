#include <catch2/catch.hpp>

#include "common/memory/event_loop.h"
#include "common/memory/flow_store.h"
#include "common/memory/seeded_entropy.h"
#include "conductor/hook_desk.h"
#include "conductor/stall_watch.h"

using namespace baton;
using namespace baton::conductor;
using ports::HookCallState;
using ports::HookEvent;

namespace {

using Names = std::vector<std::string>;

/// Who is called, as the test says: at once, or when it says so.
struct ToldRunner final : HookRunner {
  explicit ToldRunner(memory::EventLoop& event_loop) : loop(event_loop) {}
  void run(const Hook& hook, const HookDocument& document, Done done) override {
    called.push_back(document);
    most_at_once = std::max(most_at_once, ++under_way);
    if (hangs.contains(hook.name)) return hanging.push_back(std::move(done));
    loop.post([this, done = std::move(done), error = errors[hook.name]] {
      --under_way;
      done(error);
    });
  }
  void let_go(const std::string& error) {
    for (auto& done : std::exchange(hanging, {})) {
      --under_way;
      done(error);
    }
  }

  memory::EventLoop& loop;
  std::map<std::string, std::string> errors;  // by hook; else it is taken
  std::set<std::string> hangs;
  std::vector<HookDocument> called;
  std::vector<Done> hanging;
  int under_way = 0, most_at_once = 0;
};

/// The answers to so many ends are lost, which are recorded all the same.
struct ForgetfulStore final : memory::MemoryFlowStore {
  using MemoryFlowStore::MemoryFlowStore;
  void end_hook_call(const ports::HookEnding& ending, Done<void> done) override {
    MemoryFlowStore::end_hook_call(
        ending, [this, done = std::move(done)](Result<void, ports::StoreError> said) {
          if (lost_ends == 0) return done(std::move(said));
          --lost_ends;
          done(Fail(ports::StoreError{ports::StoreErrorCode::Unavailable, "away"}));
        });
  }
  int lost_ends = 0;
};

/// A conductor's desk on a store in memory, in virtual time.
struct Desk {
  Desk(const std::string& name, memory::EventLoop& loop, std::shared_ptr<memory::FlowDatabase> database,
       HookBook hooks, const Bounds& limits = {})
      : runner(loop),
        store(loop, loop, std::move(database)),
        book(std::move(hooks)),
        bounds(limits),
        entropy(name.back()) {
    self.name = name;
    self.incarnation = Incarnation(entropy.uuid());
    self.api = name + ":27080";
  }

  ToldRunner runner;
  ForgetfulStore store;
  HookBook book;
  Bounds bounds;
  memory::SeededEntropy entropy;
  Counters counters;
  ports::Member self;
  HookDesk desk{{store, book, runner, clock(), entropy, bounds, counters, self}};

 private:
  ports::Clock& clock() { return runner.loop; }
};

struct World {
  static Hook hook(const std::string& name, std::uint32_t attempts = 3) {
    Hook made;
    made.name = name;
    made.on = {HookEvent::Failed};
    made.how = HookCommand{{"/bin/true"}};
    made.attempts = attempts;
    return made;
  }
  Desk& desk(const std::string& name, std::vector<Hook> hooks, const Bounds& limits = {}) {
    desks.push_back(std::make_unique<Desk>(name, loop, database, HookBook(std::move(hooks)), limits));
    desks.back()->desk.start();
    return *desks.back();
  }
  /// Recorded as for a job that nobody has claimed: any event will do.
  void record(const std::string& job, const std::string& hook) {
    const ports::NewStall stall{
        JobId(job),
        1,
        std::nullopt,
        0,
        {hook, HookEvent::Failed, Value::from_stored(R"({"name": "n", "flow": "f", "state": "FAILURE"})")}};
    REQUIRE(database->record_stalls({stall}, loop.wall()).ok());
  }
  std::vector<ports::HookCall> calls(std::optional<HookCallState> state = {}) {
    return database->hook_calls({.job = {}, .state = state, .limit = 1'000}).value().calls;
  }

  memory::EventLoop loop;
  std::shared_ptr<memory::FlowDatabase> database = std::make_shared<memory::FlowDatabase>();
  std::vector<std::unique_ptr<Desk>> desks;
};

}  // namespace

TEST_CASE("a call that is recorded is made once, with its document", "[hooks]") {
  World world;
  auto& c1 = world.desk("c1", {World::hook("page")});
  world.record("job \"1\"", "page");
  world.loop.run_for(Millis{5'000});
  REQUIRE(c1.runner.called.size() == 1);
  const auto& document = c1.runner.called[0];
  CHECK(document.event == "failed");
  CHECK(document.flow_name == "f");
  CHECK(document.state == "FAILURE");
  CHECK(document.attempt == 1);
  const auto json = Value::parse(document.json);
  REQUIRE(json.ok());
  CHECK(json->tree().at("id").as_string() == document.id.c_str());
  CHECK(json->tree().at("job") == "job \"1\"");
  CHECK(json->tree().at("link") == "http://c1:27080/v1/jobs/job%20%221%22");
  CHECK(json->tree().at("name") == "n");
  CHECK(world.calls(HookCallState::Done).size() == 1);
  CHECK(c1.counters.hook_calls_done == 1);
  world.loop.run_for(Millis{600'000});
  CHECK(c1.runner.called.size() == 1);
}

TEST_CASE("a call that fails is made again after pauses that grow, under one id, and then given up",
          "[hooks]") {
  World world;
  auto& c1 = world.desk("c1", {World::hook("page", 5)});
  c1.runner.errors["page"] = "exit code 1; it said nothing";
  world.record("job", "page");
  std::vector<Millis> at;
  for (int second = 0; second < 300; ++second) {
    world.loop.run_for(Millis{1'000});
    while (at.size() < c1.runner.called.size()) at.push_back(Millis{second * 1'000});
  }
  REQUIRE(c1.runner.called.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(c1.runner.called[i].attempt == i + 1);
  CHECK(c1.runner.called[4].id == c1.runner.called[0].id);
  for (std::size_t i = 2; i < 5; ++i) CHECK(at[i] - at[i - 1] > at[i - 1] - at[i - 2]);
  const auto given_up = world.calls(HookCallState::GivenUp);
  REQUIRE(given_up.size() == 1);
  CHECK(given_up[0].attempts == 5);
  CHECK(given_up[0].last_error == "exit code 1; it said nothing");
  CHECK(c1.counters.hook_calls_failed == 5);
  CHECK(c1.counters.hook_calls_given_up == 1);
}

TEST_CASE("a call that is ordered again is tried as a new one, under its id", "[hooks]") {
  World world;
  auto& c1 = world.desk("c1", {World::hook("page", 3)});
  c1.runner.errors["page"] = "exit code 1";
  world.record("job", "page");
  world.loop.run_for(Millis{60'000});
  REQUIRE(world.calls(HookCallState::GivenUp).size() == 1);
  for (std::size_t times = 2; times <= 3; ++times) {
    REQUIRE(world.database->retry_hook_call({world.calls()[0], "ann", ""}, world.loop.wall()).ok());
    world.loop.run_for(Millis{20'000});  // its pauses are those of a new one
    CHECK(c1.runner.called.size() == 3 * times);
    CHECK(c1.counters.hook_calls_given_up == times);
  }
  CHECK(c1.runner.called[8].id == c1.runner.called[0].id);
  CHECK(c1.runner.called[8].attempt == 9);
  c1.runner.errors.clear();
  REQUIRE(world.database->retry_hook_call({world.calls()[0], "ann", ""}, world.loop.wall()).ok());
  world.loop.run_for(Millis{20'000});
  CHECK(world.calls(HookCallState::Done).size() == 1);
}

TEST_CASE(
    "a call that nobody has ordered again is given up at its next failure if its hook has fewer attempts",
    "[hooks]") {
  World world;
  auto& c1 = world.desk("c1", {World::hook("page", 20)});
  c1.runner.errors["page"] = "exit code 1";
  world.record("job", "page");
  for (int second = 0; second < 600 && c1.runner.called.size() < 4; ++second)
    world.loop.run_for(Millis{1'000});
  REQUIRE(c1.runner.called.size() == 4);
  c1.desk.drain([] {});
  auto& c2 = world.desk("c2", {World::hook("page", 4)});
  c2.runner.errors["page"] = "exit code 1";
  world.loop.run_for(Millis{600'000});
  CHECK(c2.runner.called.size() == 1);
  REQUIRE(world.calls(HookCallState::GivenUp).size() == 1);
  c2.desk.drain([] {});
  // Ordered again it has as many as the hook has now.
  REQUIRE(world.database->retry_hook_call({world.calls()[0], "ann", ""}, world.loop.wall()).ok());
  auto& c3 = world.desk("c3", {World::hook("page", 3)});
  c3.runner.errors["page"] = "exit code 1";
  world.loop.run_for(Millis{600'000});
  CHECK(c3.runner.called.size() == 3);
  CHECK(world.calls(HookCallState::GivenUp).at(0).attempts == 8);
}

TEST_CASE("a call that is taken anew before its end's answer is heard is made when that is heard",
          "[hooks]") {
  World world;
  Bounds bounds;
  bounds.probe_pause = Millis{10'000};  // until the end is recorded again
  auto& c1 = world.desk("c1", {World::hook("page")}, bounds);
  c1.runner.errors["page"] = "exit code 1";
  c1.store.lost_ends = 1;
  world.record("job", "page");
  world.loop.run_for(Millis{9'000});
  CHECK(c1.runner.called.size() == 1);
  CHECK(world.calls().at(0).holder == c1.self.incarnation);  // taken anew
  world.loop.run_for(Millis{5'000});
  REQUIRE(c1.runner.called.size() == 2);
  CHECK(c1.runner.called[1].attempt == 2);
}

TEST_CASE("an event that a later version has recorded has a name, too", "[hooks]") {
  CHECK(to_string(static_cast<HookEvent>(ports::kHookEvents - 1)) == "rejected");
  CHECK(to_string(static_cast<HookEvent>(ports::kHookEvents)) == "unknown");
  CHECK(to_string(static_cast<HookEvent>(255)) == "unknown");
}

TEST_CASE("a call is made by a conductor that has its hook, whoever recorded it", "[hooks]") {
  World world;
  auto& c1 = world.desk("c1", {World::hook("page")});
  auto& c2 = world.desk("c2", {World::hook("chat")});
  world.record("job", "chat");
  world.record("job", "mail");
  world.loop.run_for(Millis{60'000});
  CHECK(c1.runner.called.empty());
  CHECK(c2.runner.called.size() == 1);
  const auto waiting = world.calls(HookCallState::Pending);
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].hook == "mail");
}

TEST_CASE("two conductors share the calls", "[hooks]") {
  World world;
  auto& c1 = world.desk("c1", {World::hook("page")});
  auto& c2 = world.desk("c2", {World::hook("page")});
  for (int job = 0; job < 40; ++job) world.record("job-" + std::to_string(job), "page");
  world.loop.run_for(Millis{60'000});
  CHECK(c1.runner.called.size() + c2.runner.called.size() == 40);
  CHECK(world.calls(HookCallState::Done).size() == 40);
}

TEST_CASE("what a conductor held when it died another one makes when its time is over", "[hooks]") {
  World world;
  auto& c1 = world.desk("c1", {World::hook("page")});
  c1.runner.hangs.insert("page");
  world.record("job", "page");
  world.loop.run_for(Millis{5'000});
  const std::string id = c1.runner.called.at(0).id;
  world.desks.clear();  // as by kill -9
  auto& c2 = world.desk("c2", {World::hook("page")});
  world.loop.run_for(kHookTimeout);
  CHECK(c2.runner.called.empty());
  world.loop.run_for(Millis{60'000});
  REQUIRE(c2.runner.called.size() == 1);
  CHECK(c2.runner.called[0].id == id);
  CHECK(c2.runner.called[0].attempt == 1);
  CHECK(world.calls(HookCallState::Done).size() == 1);
}

TEST_CASE("a call that is still being made here when its time is over is not made twice at once", "[hooks]") {
  World world;
  auto& c1 = world.desk("c1", {World::hook("page")});
  c1.runner.hangs.insert("page");
  world.record("job", "page");
  world.loop.run_for(kHookTimeout + Millis{60'000});
  CHECK(c1.runner.called.size() == 1);
  c1.runner.hangs.clear();
  c1.runner.let_go("exit code 1");
  world.loop.run_for(Millis{120'000});
  REQUIRE(c1.runner.called.size() == 2);
  CHECK(c1.runner.called[1].attempt == 2);
  CHECK(world.calls(HookCallState::Done).at(0).attempts == 2);
}

TEST_CASE("a hook that hangs leaves room for the others, and is itself bounded", "[hooks]") {
  World world;
  Bounds bounds;
  bounds.hook_calls_max = 5;
  bounds.hook_calls_each = 3;
  auto& c1 = world.desk("c1", {World::hook("hangs"), World::hook("page")}, bounds);
  c1.runner.hangs.insert("hangs");
  for (int job = 0; job < 20; ++job) {
    world.record("job-" + std::to_string(job), "hangs");
    world.record("job-" + std::to_string(job), "page");
  }
  world.loop.run_for(Millis{20'000});
  CHECK(c1.runner.hanging.size() == 3);
  CHECK(c1.runner.most_at_once <= 5);
  CHECK(world.calls(HookCallState::Done).size() == 20);
  CHECK(c1.desk.running() == 3);
}

TEST_CASE("a call whose end could not be recorded is recorded when the store is back", "[hooks]") {
  World world;
  auto& c1 = world.desk("c1", {World::hook("page")});
  c1.runner.hangs.insert("page");
  world.record("job", "page");
  world.loop.run_for(Millis{5'000});
  c1.store.set_away(true);
  c1.runner.let_go("");
  world.loop.run_for(Millis{5'000});
  CHECK(world.calls(HookCallState::Pending).size() == 1);
  c1.store.set_away(false);
  world.loop.run_for(Millis{5'000});
  CHECK(world.calls(HookCallState::Done).size() == 1);
  CHECK(c1.runner.called.size() == 1);
}

TEST_CASE("a drain takes no more and waits a little for what is under way", "[hooks]") {
  World world;
  auto& c1 = world.desk("c1", {World::hook("page"), World::hook("hangs")});
  c1.runner.hangs.insert("hangs");
  bool idle = false;
  world.desk("c3", {World::hook("page")}).desk.drain([&] { idle = true; });
  world.loop.run_until_idle();
  CHECK(idle);
  world.record("job", "hangs");
  world.loop.run_for(Millis{3'000});
  REQUIRE(c1.runner.hanging.size() == 1);
  bool drained = false;
  c1.desk.drain([&] { drained = true; });
  world.record("job", "page");
  world.loop.run_for(Millis{1'000});
  CHECK_FALSE(drained);
  c1.runner.let_go("");
  world.loop.run_for(Millis{100});
  CHECK(drained);
  CHECK(c1.runner.called.size() == 1);
  CHECK(world.calls(HookCallState::Done).size() == 1);
}

TEST_CASE("a test of a hook is one call, and leaves no record", "[hooks]") {
  World world;
  auto& c1 = world.desk("c1", {World::hook("page")});
  c1.runner.errors["page"] = "exit code 1";
  std::string error;
  CHECK(c1.desk.test("page", [&](const std::string& said) { error = said; }));
  world.loop.run_for(Millis{60'000});
  CHECK(error == "exit code 1");
  CHECK(c1.runner.called.size() == 1);
  CHECK(Value::parse(c1.runner.called[0].json)->tree().at("test") == true);
  CHECK(world.calls().empty());
  CHECK_FALSE(c1.desk.test("mail", [](const std::string&) {}));
}

TEST_CASE("a job that stands on the board for too long is told of once", "[hooks]") {
  World world;
  auto stalls = World::hook("page");
  stalls.on = {HookEvent::Stalled};
  stalls.stalled_after = Millis{60'000};
  auto& c1 = world.desk("c1", {stalls});
  const auto details = Value::from_stored(R"({"factory": {"name": "backup"}})");
  std::vector<ports::BoardJob> board(2);
  board[0].posting = Posting::make(JobId("waits"), "n", Priority::Normal, details, std::nullopt, 1).value();
  board[1].posting = Posting::make(JobId("claimed"), "n", Priority::Normal, details, std::nullopt, 1).value();
  board[0].posted_at = board[1].posted_at = world.loop.wall();
  board[1].claimed = true;
  StallWatch watch(c1.store, world.loop, c1.bounds, c1.desk, [&](const auto& see) {
    for (const auto& job : board) see(job);
  });
  watch.start();
  world.loop.run_for(Millis{59'000});
  CHECK(c1.runner.called.empty());
  world.loop.run_for(Millis{600'000});
  REQUIRE(c1.runner.called.size() == 1);
  CHECK(c1.runner.called[0].job == "waits");
  CHECK(c1.runner.called[0].event == "stalled");
  CHECK(c1.runner.called[0].flow_name == "backup");
}
