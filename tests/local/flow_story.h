#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/memory/event_loop.h"
#include "local/flow_run.h"
#include "local/notifier.h"

/// A flow whose tasks and commits end when the test says so.
namespace baton::local::story {

using worker::CallId;
using worker::TaskOutcome;

using Names = std::vector<std::string>;

inline engine::PlanPtr plan_of(const std::string& json) {
  const auto spec = engine::read_flow(Value::parse(json).value());
  INFO((spec.ok() ? "" : spec.error().message));
  REQUIRE(spec.ok());
  auto plan = engine::compile(*spec, {});
  INFO((plan.ok() ? "" : plan.error().message));
  REQUIRE(plan.ok());
  return std::move(plan).value();
}

inline std::string task(const std::string& name, const std::string& more = "") {
  return R"({"task": "t", "name": ")" + name + "\"" + more + "}";
}
inline std::string flow(const std::string& pattern, const Names& tasks) {
  std::string nodes;
  for (const auto& one : tasks) nodes += (nodes.empty() ? "" : ", ") + (one[0] == '{' ? one : task(one));
  return R"({"name": "f", "pattern": ")" + pattern + R"(", "nodes": [)" + nodes + "]}";
}

/// Tasks that end when the test says so.
struct ScriptedTasks final : worker::TaskExecutor {
  struct Running {
    wire::Request request;
    Done done;
  };
  bool knows(std::string_view) const override { return true; }
  void start(CallId call, const wire::Request& request, Done done) override {
    const bool reverts = request.delivery.intention == Intention::Revert;
    started.push_back((reverts ? "-" : "") + request.delivery.atom);
    running[call] = {request, std::move(done)};
  }
  void cancel(CallId call) override { cancelled.push_back(running.at(call).request.delivery.atom); }
  worker::TaskProgress progress(CallId call) const override {
    const auto found = says.find(running.at(call).request.delivery.atom);
    return found == says.end() ? worker::TaskProgress{} : found->second;
  }

  bool runs(const std::string& atom) const { return find(atom) != running.end(); }
  std::map<CallId, Running>::const_iterator find(const std::string& atom) const {
    return std::find_if(running.begin(), running.end(),
                        [&](const auto& call) { return call.second.request.delivery.atom == atom; });
  }
  void end(const std::string& atom, TaskOutcome outcome) {
    const auto found = find(atom);
    REQUIRE(found != running.end());
    const Done done = found->second.done;
    running.erase(found);
    done(std::move(outcome));
  }

  Names started, cancelled;
  std::map<CallId, Running> running;
  std::map<std::string, worker::TaskProgress> says;  // by atom
};

/// Keeps what it is told, but says so only when it may.
struct HeldKeeper final : Keeper {
  explicit HeldKeeper(const ports::Clock& clock) : memory(clock) {}
  void keep(ports::StepWrite write, Done done) override {
    memory.keep(std::move(write), [](const auto&) {});
    if (!hold) return done({});
    held = std::move(done);
  }
  void let_go() { std::exchange(held, nullptr)({}); }

  MemoryKeeper memory;
  bool hold = false;
  Done held;
};

struct Story final : FlowRun::Listener {
  explicit Story(const std::string& json, std::uint32_t slots_given = 1) : slots(slots_given) {
    beginning.plan = plan_of(json);
    beginning.epoch = {1, 1};
  }
  void begin() {
    run.emplace(beginning, FlowRun::Ports{keeper, tasks, loop, loop, nullptr},
                FlowRun::Settings{slots, Incarnation(Uuid{{++processes}}), "test"}, *this);
    run->begin();
    notifier.begin(*run->engine());
    settle();
  }
  void settle() { loop.run_until_idle(); }
  void succeed(const std::string& atom) { tasks.end(atom, Value::of_string(atom)), settle(); }
  void fail(const std::string& atom) { tasks.end(atom, Failure::make("Boom", "no")), settle(); }
  AtomRecord atom(const std::string& name) { return run->engine()->atom(beginning.plan->find(name)); }
  /// This process is killed; another goes on with what was kept.
  void die() {
    run.reset();
    tasks.running.clear();
    beginning.plan_kept = true;
    beginning.state = keeper.memory.state();
    beginning.atoms.clear();
    for (const auto& view : keeper.memory.atoms()) {
      beginning.atoms.push_back(view.record);
      beginning.last_seq = std::max(beginning.last_seq, view.record.seq);
    }
    beginning.last_seq += 100;  // the flow's own facts have numbers, too
    keeper.hold = false;
    tasks.started.clear();
    ended.reset();
  }
  void on_facts(const engine::Engine& engine, std::span<const Fact> facts) override {
    notifier.tell(engine, facts);
  }
  bool wants_facts() const override { return notifier.anybody(); }
  void on_end(FlowState state) override { ended = state; }
  void on_lost(const std::string& why) override { lost = why; }

  memory::EventLoop loop;
  ScriptedTasks tasks;
  HeldKeeper keeper{loop};
  Notifier notifier{loop};
  Beginning beginning;
  std::uint32_t slots;
  std::uint8_t processes = 0;
  std::optional<FlowRun> run;
  std::optional<FlowState> ended;
  std::string lost;
};

}  // namespace baton::local::story
