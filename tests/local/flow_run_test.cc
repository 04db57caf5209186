#include <catch2/catch.hpp>
#include <functional>

#include "tests/local/flow_story.h"

using namespace baton;
using namespace baton::local;
using namespace baton::local::story;

TEST_CASE("a chain runs one after the other to its end", "[local]") {
  Story story(flow("linear", {"a", "b"}));
  story.begin();
  CHECK(story.tasks.started == Names{"a"});
  story.succeed("a");
  CHECK(story.tasks.started == Names{"a", "b"});
  story.succeed("b");
  CHECK(story.ended == FlowState::Success);
  CHECK(story.keeper.memory.state() == FlowState::Success);
  CHECK(story.keeper.memory.atoms()[1].record.result.json() == "\"b\"");
  CHECK(story.keeper.memory.atoms()[1].ended_at.has_value());
}

TEST_CASE("nothing begins before it is on record, and no more than there are slots", "[local]") {
  Story story(flow("unordered", {"a", "b", "c"}), 2);
  story.keeper.hold = true;
  story.begin();
  CHECK(story.tasks.started.empty());
  CHECK(story.keeper.memory.atoms()[0].record.state == AtomState::Running);
  story.keeper.let_go();
  story.settle();
  CHECK(story.tasks.started == Names{"a", "b"});
  story.tasks.end("a", Value());
  story.settle();
  CHECK(story.tasks.started == Names{"a", "b"});  // c is not on record yet
  story.keeper.let_go();
  story.settle();
  CHECK(story.tasks.started == Names{"a", "b", "c"});
}

TEST_CASE("a failure reverts what was done, last first", "[local]") {
  Story story(flow("linear", {"a", "b", "c"}));
  story.begin();
  story.succeed("a"), story.succeed("b"), story.fail("c");
  story.succeed("c"), story.succeed("b"), story.succeed("a");
  CHECK(story.tasks.started == Names{"a", "b", "c", "-c", "-b", "-a"});
  CHECK(story.ended == FlowState::Reverted);
}

TEST_CASE("quick tasks behind slow commits: more is recorded at once, and begun in order", "[local]") {
  Names names;
  for (int i = 0; i < 60; ++i) names.push_back("t" + std::to_string(i));
  Story story(flow("unordered", names));
  story.keeper.hold = true;
  story.begin();
  std::size_t commits = 0, most = 0;
  while (!story.ended) {
    story.loop.advance(Millis(2));  // a commit's time
    story.keeper.let_go();
    ++commits;
    story.settle();
    std::size_t here = 0;
    for (; !story.tasks.running.empty(); ++here) {
      CHECK(story.tasks.running.size() == 1);  // one slot
      story.succeed(story.tasks.running.begin()->second.request.delivery.atom);
    }
    most = std::max(most, here);
  }
  CHECK(story.tasks.started == names);
  CHECK(most >= 16);
  CHECK(commits < 20);
  CHECK(story.ended == FlowState::Success);
}

TEST_CASE("when one fails, what was recorded and has not begun is not executed", "[local]") {
  Names names;
  for (int i = 0; i < 60; ++i) names.push_back("t" + std::to_string(i));
  Story story(flow("unordered", names));
  story.keeper.hold = true;
  story.begin();
  const auto commit = [&] {
    story.loop.advance(Millis(2));
    story.keeper.let_go();
    story.settle();
  };
  while (story.tasks.started.size() < 31) {
    if (story.tasks.running.empty())
      commit();
    else
      story.succeed(story.tasks.running.begin()->second.request.delivery.atom);
  }
  const std::string failing = story.tasks.running.begin()->second.request.delivery.atom;
  const auto waits = [&] {
    std::size_t recorded = 0;
    for (const auto& view : story.keeper.memory.atoms()) recorded += view.record.state == AtomState::Running;
    return recorded;
  };
  REQUIRE(waits() > 1);
  const std::size_t executed = story.tasks.started.size();
  story.fail(failing);
  story.keeper.hold = false;
  if (story.keeper.held) story.keeper.let_go();
  story.settle();
  while (!story.tasks.running.empty())
    story.succeed(story.tasks.running.begin()->second.request.delivery.atom);
  for (std::size_t i = executed; i < story.tasks.started.size(); ++i)
    CHECK(story.tasks.started[i].starts_with("-"));
  CHECK(story.ended == FlowState::Reverted);
}

TEST_CASE("after a death it goes on from its records: what was done is not done again", "[local]") {
  Story story(flow("linear", {"a", "b", "c"}));
  story.begin();
  story.succeed("a");
  const Attempt attempt = story.atom("b").attempt;
  const Dispatch dispatch = story.atom("b").dispatch;
  story.die();
  story.begin();
  CHECK(story.tasks.started == Names{"b"});
  CHECK(story.atom("b").attempt == attempt);
  CHECK(story.atom("b").dispatch > dispatch);
  story.succeed("b"), story.succeed("c");
  CHECK(story.ended == FlowState::Success);
}

TEST_CASE("a task that ends its process again and again has failed at its bound", "[local]") {
  Story story(flow("linear", {"a"}));
  story.begin();
  for (int deaths = 0; deaths < 3; ++deaths) {
    CHECK(story.tasks.started == Names{"a"});
    story.die();
    story.begin();
  }
  CHECK(story.tasks.started == Names{"-a"});
  story.succeed("a");
  CHECK(story.ended == FlowState::Reverted);
  CHECK(story.atom("a").failure->type == "WorkerLost");
}

namespace {

/// Tasks that take no time behind commits that do, until this is so.
void run_quickly(Story& story, const std::function<bool()>& until) {
  while (!until()) {
    if (!story.tasks.running.empty()) {
      story.succeed(story.tasks.running.begin()->second.request.delivery.atom);
      continue;
    }
    story.loop.advance(Millis(2));
    story.keeper.let_go();
    story.settle();
  }
}

Names numbered(int count, const std::string& more = "") {
  Names names;
  for (int i = 0; i < count; ++i)
    names.push_back(more.empty() ? "t" + std::to_string(i) : task("t" + std::to_string(i), more));
  return names;
}

std::size_t on_record(const Story& story, AtomState state) {
  std::size_t atoms = 0;
  for (const auto& view : story.keeper.memory.atoms()) atoms += view.record.state == state;
  return atoms;
}

}  // namespace

TEST_CASE("what was recorded ahead of the slots and never ran is not charged for its process's deaths",
          "[local]") {
  Story story(flow("unordered", numbered(200)));
  for (int deaths = 0; deaths < 4; ++deaths) {
    story.keeper.hold = true;
    story.begin();
    run_quickly(story, [&] { return story.tasks.started.size() >= 20; });
    REQUIRE(on_record(story, AtomState::Running) > 1);
    story.die();
  }
  story.begin();
  while (!story.tasks.running.empty())
    story.succeed(story.tasks.running.begin()->second.request.delivery.atom);
  CHECK(story.ended == FlowState::Success);
}

TEST_CASE("one that ends its process behind a window has failed at its bound all the same", "[local]") {
  Story story(flow("unordered", numbered(60)));
  int deaths = -1;
  do {
    if (++deaths > 0) story.die();
    REQUIRE(deaths < 10);
    story.keeper.hold = true;
    story.begin();
    run_quickly(story, [&] { return story.tasks.runs("t20") || story.atom("t20").failure; });
  } while (!story.atom("t20").failure);
  CHECK(story.atom("t20").failure->type == "WorkerLost");
  CHECK(deaths >= 3);
}

TEST_CASE("what a loss or waiting would harm is never recorded ahead of the slots", "[local]") {
  for (const char* more :
       {R"(, "on_worker_loss": "fail")", R"(, "timeouts": {"schedule_to_start_ms": 60000})"}) {
    CAPTURE(more);
    Story story(flow("unordered", numbered(60, more)));
    story.keeper.hold = true;
    story.begin();
    std::size_t most = 0;
    run_quickly(story, [&] {
      most = std::max(most, on_record(story, AtomState::Running));
      return story.ended.has_value();
    });
    CHECK(most == 1);
    CHECK(story.ended == FlowState::Success);
  }
}

TEST_CASE("told to suspend, it lets end what runs, and another goes on", "[local]") {
  Story story(flow("linear", {"a", "b"}));
  story.begin();
  story.run->suspend("me", "lunch");
  story.settle();
  CHECK_FALSE(story.ended);
  story.succeed("a");
  CHECK(story.ended == FlowState::Suspended);
  story.die();
  story.begin();
  CHECK(story.tasks.started == Names{"b"});
  story.succeed("b");
  CHECK(story.ended == FlowState::Success);
}

TEST_CASE("told to cancel, it ends what runs and reverts what was done", "[local]") {
  Story story(flow("linear", {"a", "b", "c"}));
  story.begin();
  story.succeed("a");
  story.run->cancel("me", "mistake");
  story.settle();
  CHECK(story.tasks.cancelled == Names{"b"});
  story.tasks.end("b", Failure::make("Cancelled", "asked to"));
  story.settle();
  story.succeed("b"), story.succeed("a");
  CHECK(story.tasks.started == Names{"a", "b", "-b", "-a"});
  CHECK(story.ended == FlowState::Cancelled);
}

TEST_CASE("a task over its start_to_close is ended, and has failed of it", "[local]") {
  Story story(flow("linear", {task("a", R"(, "timeouts": {"start_to_close_ms": 5000})")}));
  story.begin();
  story.loop.advance(Millis(5'100));
  CHECK(story.tasks.cancelled == Names{"a"});
  story.tasks.end("a", Failure::make("Cancelled", "asked to"));
  story.settle();
  CHECK(story.atom("a").failure->type == "TimedOut");
}

TEST_CASE("a record that cannot be kept ends the run: nothing further begins", "[local]") {
  struct FullKeeper final : Keeper {
    void keep(ports::StepWrite, Done done) override {
      done(Fail(ports::StoreError{ports::StoreErrorCode::OutcomeUnknown, "the disk is full"}));
    }
  } full;
  Story story(flow("linear", {"a"}));
  FlowRun run(story.beginning, {full, story.tasks, story.loop, story.loop, nullptr},
              {1, Incarnation(Uuid{{7}}), "test"}, story);
  run.begin();
  story.settle();
  CHECK(story.lost == "the disk is full");
  CHECK(story.tasks.started.empty());
}
