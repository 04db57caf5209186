#include "local/notifier.h"

#include <catch2/catch.hpp>
#include <functional>
#include <stdexcept>

#include "tests/local/flow_story.h"

using namespace baton;
using namespace baton::local;
using namespace baton::local::story;

namespace {

/// Writes down what it hears: "a PENDING>RUNNING#1", "flow PENDING>RUNNING".
struct Heard : Listener {
  void on_atom(const AtomChange& change) override {
    std::string line = change.engine.plan().name(change.atom) + " " + std::string(to_string(change.from)) +
                       ">" + std::string(to_string(change.state));
    if (change.attempt > 0) line += "#" + std::to_string(change.attempt);
    lines.push_back(line);
    if (each) each(change);
  }
  void on_flow(const FlowChange& change) override {
    lines.push_back("flow " + std::string(to_string(change.fact.from)) + ">" +
                    std::string(to_string(change.fact.state)));
  }
  void on_step(const engine::Engine&) override { ++steps; }
  void on_progress(const engine::Engine& engine, AtomIndex atom,
                   const worker::TaskProgress& progress) override {
    lines.push_back(engine.plan().name(atom) + " says " + progress.note);
  }
  bool wants_progress() const override { return true; }

  Names lines;
  int steps = 0;
  std::function<void(const AtomChange&)> each;
};

}  // namespace

TEST_CASE("a listener hears every change once, in the order of the records", "[local][listener]") {
  Story story(flow("linear", {"a", "b"}));
  Heard heard;
  story.notifier.add(heard);
  story.begin();
  story.succeed("a"), story.succeed("b");
  CHECK(heard.lines == Names{"flow PENDING>RUNNING", "a PENDING>RUNNING#1", "a RUNNING>SUCCESS#1",
                             "b PENDING>RUNNING#1", "b RUNNING>SUCCESS#1", "flow RUNNING>SUCCESS"});
  CHECK(heard.steps > 0);
}

TEST_CASE("nothing is told before it was kept", "[local][listener]") {
  Story story(flow("linear", {"a"}));
  Heard heard;
  story.notifier.add(heard);
  story.keeper.hold = true;
  story.begin();
  CHECK(heard.lines.empty());
  story.keeper.let_go();
  CHECK(heard.lines == Names{"flow PENDING>RUNNING", "a PENDING>RUNNING#1"});
}

TEST_CASE("a listener hears results, failures, times and reverts", "[local][listener]") {
  Story story(flow("linear", {"a", "b"}));
  Heard heard;
  std::vector<std::string> details;
  heard.each = [&](const AtomChange& change) {
    REQUIRE(change.fact);
    if (change.fact->changed & kResultChanged) details.emplace_back(change.fact->after.result.json());
    if (change.fact->changed & kFailureChanged && change.fact->after.failure)
      details.push_back(change.fact->after.failure->type);
    if (change.took) details.push_back(std::to_string(change.took->count() / 1000) + " ms");
  };
  story.notifier.add(heard);
  story.begin();
  story.loop.advance(Millis(30));
  story.succeed("a");
  story.loop.advance(Millis(20));
  story.fail("b");
  story.succeed("b"), story.succeed("a");
  CHECK(details == Names{"\"a\"", "30 ms", "Boom", "20 ms", "0 ms", "0 ms"});
  CHECK(heard.lines.back() == "flow RUNNING>REVERTED");
  CHECK(std::count(heard.lines.begin(), heard.lines.end(), "a REVERTING>REVERTED#1") == 1);
}

TEST_CASE("a listener hears a retry's attempts, and the resets before them", "[local][listener]") {
  Story story(
      R"({"name": "f", "pattern": "linear", "retry": {"policy": "times", "attempts": 2}, "nodes": [)" +
      task("a") + ", " + task("b") + "]}");
  Heard heard;
  story.notifier.add(heard);
  story.begin();
  story.succeed("a"), story.fail("b");
  story.succeed("b"), story.succeed("a");  // reverted
  story.succeed("a"), story.succeed("b");
  CHECK(story.ended == FlowState::Success);
  const auto told = [&](const std::string& line) {
    return std::count(heard.lines.begin(), heard.lines.end(), line);
  };
  CHECK(told("f_retry PENDING>RUNNING#1") == 1);
  CHECK(told("f_retry SUCCESS>RETRYING#1") == 1);
  CHECK(told("f_retry RETRYING>RUNNING#2") == 1);
  CHECK(told("a REVERTED>PENDING#1") == 1);
  CHECK(told("a PENDING>RUNNING#2") == 1);
  CHECK(told("b RUNNING>SUCCESS#2") == 1);
}

TEST_CASE("each change begins where the last one of its atom ended", "[local][listener]") {
  Story story(
      R"({"name": "f", "pattern": "linear", "retry": {"policy": "times", "attempts": 2}, "nodes": [)" +
      task("a") + ", " + task("b") + "]}");
  Heard heard;
  std::map<AtomIndex, AtomState> now;
  heard.each = [&](const AtomChange& change) {
    CHECK(change.from == now[change.atom]);
    CHECK(change.from != change.state);
    now[change.atom] = change.state;
  };
  story.notifier.add(heard);
  story.begin();
  story.succeed("a"), story.fail("b");
  story.succeed("b"), story.succeed("a");
  story.succeed("a"), story.fail("b");
  story.succeed("b"), story.succeed("a");
  CHECK(story.ended == FlowState::Reverted);
  for (const auto& [atom, state] : now) CHECK(state == AtomState::Reverted);
}

TEST_CASE("a listener that throws harms nobody, and is told", "[local][listener]") {
  Story story(flow("linear", {"a", "b"}));
  Heard bad, good;
  bad.each = [](const AtomChange& change) {
    if (change.state == AtomState::Success) throw std::runtime_error("no");
    if (change.attempt == 1 && change.atom == 1) throw 7;
  };
  story.notifier.add(bad);
  story.notifier.add(good);
  story.begin();
  story.succeed("a"), story.succeed("b");
  CHECK(story.ended == FlowState::Success);
  CHECK(good.lines.size() == 6);
  CHECK(bad.lines == good.lines);  // it goes on hearing
  CHECK(story.notifier.troubles() ==
        Names{"a listener threw at 'a', SUCCESS: no",
              "a listener threw at 'b', RUNNING: something that is no std::exception",
              "a listener threw at 'b', SUCCESS: no"});
}

TEST_CASE("of very many troubles some are told, and the others are counted", "[local][listener]") {
  Names names;
  for (int i = 0; i < 20; ++i) names.push_back("t" + std::to_string(i));
  Story story(flow("linear", names));
  Heard bad;
  bad.each = [](const AtomChange&) { throw std::runtime_error("no"); };
  story.notifier.add(bad);
  story.begin();
  for (const auto& name : names) story.succeed(name);
  CHECK(story.notifier.troubles().size() == Notifier::kTroublesMax + 1);
  CHECK(story.notifier.troubles().back() == "… and 24 more times");
}

TEST_CASE("a listener may take itself away, and stop the flow, while it is called", "[local][listener]") {
  Story story(flow("linear", {"a", "b", "c"}));
  Heard heard;
  heard.each = [&](const AtomChange& change) {
    if (change.state != AtomState::Success) return;
    story.notifier.remove(heard);
    story.run->suspend("a listener", "enough");
  };
  story.notifier.add(heard);
  story.begin();
  story.succeed("a");
  story.succeed("b");  // it had begun
  CHECK(story.ended == FlowState::Suspended);
  CHECK(heard.lines.back() == "a RUNNING>SUCCESS#1");
}

TEST_CASE("after a death the next process tells what changes from there on", "[local][listener]") {
  Story story(flow("linear", {"a", "b"}));
  story.begin();
  story.succeed("a");
  story.die();
  Heard heard;
  story.notifier.add(heard);
  story.begin();
  story.succeed("b");
  CHECK(heard.lines.back() == "flow RUNNING>SUCCESS");
  CHECK(std::count(heard.lines.begin(), heard.lines.end(), "b RUNNING>SUCCESS#1") == 1);
  for (const auto& line : heard.lines) CHECK(!line.starts_with("a "));
}

TEST_CASE("what a running task says of itself is told when it is something new", "[local][listener]") {
  Story story(flow("linear", {"a"}));
  Heard heard;
  story.notifier.add(heard);
  story.begin();
  heard.lines.clear();
  const auto ask = [&] {
    story.run->progress([&](AtomIndex atom, const worker::TaskProgress& progress) {
      story.notifier.tell_progress(*story.run->engine(), atom, progress);
    });
  };
  ask();
  story.tasks.says["a"] = {0.5, "half"};
  ask(), ask();
  story.tasks.says["a"] = {0.9, "nearly"};
  ask();
  CHECK(heard.lines == Names{"a says half", "a says nearly"});
}

TEST_CASE("who asks tasks hears when somebody is added that wants to know", "[local][listener]") {
  Story story(flow("linear", {"a"}));
  int wanted = 0;
  story.notifier.on_progress_wanted([&] { ++wanted; });
  Listener other;
  story.notifier.add(other);
  CHECK(wanted == 0);
  Heard heard;
  story.notifier.add(heard);
  CHECK(wanted == 1);
}
