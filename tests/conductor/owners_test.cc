#include <algorithm>
#include <chrono>

#include "common/wire/messages.h"
#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using Names = std::vector<std::string>;

namespace {

/// Jobs whose owner changes while they run, and the cancels that conductors send meanwhile.
struct Owners : Cluster {
  Owners() {
    broker.set_fates([this](const ports::InboxAddress&, std::string_view bytes) {
      const auto message = wire::decode(bytes);
      if (message.ok() && std::holds_alternative<wire::Cancel>(message->body))
        cancels.push_back({message->from, loop.steady()});
      return memory::MemoryBroker::Fate{message.ok() && message->to == deaf ? 0u : 1u, Millis{0}};
    });
  }
  /// One task that goes on until it is released, and has so much time.
  ScriptedWorker& run_slow(Millis start_to_close) {
    script.held.insert("slow");
    post("job", R"({"flow": {"name": "f", "pattern": "linear", "nodes": [{"task": "step", "name": "slow",
      "timeouts": {"abandon_after_ms": 500, "start_to_close_ms": )" +
                    std::to_string(start_to_close.count()) + "}}]}}");
    auto& w = worker("w1");
    until("it runs", [&] { return w.holds("slow"); });
    loop.run_for(Millis{500});  // that it has started is known
    return w;
  }
  std::ptrdiff_t told(const std::string& line) {
    const auto lines = history("job");
    return std::count(lines.begin(), lines.end(), line);
  }
  std::size_t cancels_of(const Incarnation& conductor) const {
    std::size_t count = 0;
    for (const auto& cancel : cancels) count += cancel.from == conductor ? 1 : 0;
    return count;
  }

  struct Cancel {
    Incarnation from;
    Micros at;
  };
  std::vector<Cancel> cancels;
  Incarnation deaf;  // a worker that hears nothing
};

/// One task has failed, the other still runs and is to be reverted; their owner is dead.
struct Orphaned : Owners {
  void until_orphaned(const std::function<bool()>& slow_is_there) {
    conductor("a");
    script.failures["bad"] = Failure::make("Boom", "broken");
    script.held.insert("slow");
    post("job", R"({"flow": {"name": "f", "pattern": "unordered", "nodes": [
      {"task": "step", "name": "slow"}, {"task": "server.wait", "name": "bad"}]}})");
    until("it has failed while the other runs", [&] { return slow_is_there() && told("bad FAILURE") == 1; });
    kill("a", true);
  }
  void until_undone() {
    until_ended("job");
    CHECK(state("job") == FlowState::Reverted);
    CHECK(script.count("revert slow") == 1);
    CHECK(script.count("revert bad") == 1);
  }
  ScriptedWorker& w1 = worker("w1", {"step"});
  ScriptedWorker& w2 = worker("w2", {"server.wait"});
};

}  // namespace

TEST_CASE_METHOD(Orphaned, "H24: what still runs and is to be reverted is awaited by the next owner") {
  until_orphaned([&] { return w1.holds("slow"); });
  conductor("b");
  until("b has it", [&] { return conductor("b").conductor->flow(JobId("job")).has_value(); });
  loop.run_for(Millis{5'000});
  CHECK(script.count("revert slow") == 0);
  CHECK(show("job").atoms.at(0).record.state == AtomState::Running);
  w1.release("slow");
  until_undone();
  CHECK(script.count("slow") == 1);
  CHECK(told("slow SUCCESS") == 1);
}

TEST_CASE_METHOD(Orphaned, "H24: what has ended and is to be reverted is told to the next owner") {
  until_orphaned([&] { return w1.holds("slow"); });
  w1.release("slow");
  loop.run_for(Millis{100});
  conductor("b");
  until_undone();
  CHECK(script.count("slow") == 1);
  CHECK(told("slow SUCCESS") == 1);
}

TEST_CASE_METHOD(Orphaned, "H24: what was never seen and is to be reverted will never start") {
  deaf = w1.incarnation();
  until_orphaned([&] { return state("job") == FlowState::Running; });
  deaf = {};
  conductor("b");
  until_undone();
  CHECK(script.count("slow") == 0);
}

TEST_CASE_METHOD(Orphaned, "H24: what was to be reverted at a worker that is gone is reverted elsewhere") {
  until_orphaned([&] { return w1.holds("slow"); });
  w1.vanish(true);
  worker("w3", {"step"});
  conductor("b");
  until_undone();
  CHECK(script.count("slow") == 1);
}

TEST_CASE_METHOD(Owners, "H26: failovers faster than a timeout do not put it off, nor do wrong clocks") {
  conductor();
  auto& w = run_slow(Millis{5'000});
  const Micros began = loop.steady() - Millis{500};
  int owners = 1;
  for (; cancels.empty() && owners < 20; ++owners) {
    clock.wall_off = std::chrono::hours(owners % 2 == 0 ? 1 : -1);
    restart("c1", true);
    loop.run_until([&] { return !cancels.empty(); }, Millis{1'200});
  }
  REQUIRE_FALSE(cancels.empty());
  CHECK(owners > 3);
  CHECK(cancels.front().at - began >= Millis{5'000});
  CHECK(cancels.front().at - began < Millis{6'000});
  loop.run_for(Millis{1'000});
  w.release("slow");
  until_ended("job");
  CHECK(state("job") == FlowState::Reverted);
  CHECK(show("job").atoms.at(0).record.failure->type == "TimedOut");
}

TEST_CASE_METHOD(Owners, "H28: who has lost its claim cancels nothing, whatever its timers say") {
  auto& a = conductor("a");
  auto& w = run_slow(Millis{10'000});
  auto& b = conductor("b");
  a.session->disconnect();  // a hears no more of ZooKeeper; its lock ends, b claims
  until("b has it", [&] { return b.conductor->flow(JobId("job")).has_value(); });
  CHECK(a.conductor->flow(JobId("job")).has_value());  // it does not know
  loop.run_for(Millis{12'000});
  CHECK(cancels_of(b.conductor->self().incarnation) > 0);
  CHECK(cancels_of(a.conductor->self().incarnation) == 0);
  w.release("slow");
  until_ended("job");
}

TEST_CASE_METHOD(Owners, "H32: a job that has ended is not run again when its node is found a month later") {
  auto& a = conductor("a");
  auto& w = worker("w1");
  script.held.insert("step-1");
  post("job", R"({"factory": {"name": "chain", "kwargs": {"length": 1}}})");
  until("it runs", [&] { return w.holds("step-1"); });
  a.session->disconnect();  // what runs goes on, but its removal waits for the link
  w.release("step-1");
  until_ended("job");
  loop.run_for(Millis{1'000});
  kill("a", true);
  REQUIRE(on_board().size() == 1);
  loop.run_for(std::chrono::hours(24 * 30));
  auto& b = conductor("b");
  until("it has left the board", [&] { return on_board().empty(); });
  CHECK(b.conductor->counters().jobs_claimed == 1);
  CHECK(script.calls == Names{"step-1"});
  CHECK(state("job") == FlowState::Success);
}
