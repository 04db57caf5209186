#include <catch2/catch.hpp>

#include "tests/worker/runner_fixture.h"

using namespace baton;
using namespace baton::worker;
using namespace baton::worker::testing;

namespace {

/// At its bound with two answers.
struct SmallMemory : RunnerStory {
  SmallMemory() : RunnerStory({.slots = 2, .prefetch = 2, .answers_max = 2}) {}
};

}  // namespace

TEST_CASE_METHOD(RunnerStory, "an answer is repeated, ever more rarely, until it is recorded") {
  ask(request("a", 1));
  end("a", "7");
  one.told();
  loop.run_for(Millis{1'000});
  CHECK(one.told() == Texts{"a/1 SUCCESS 7"});
  loop.run_for(Millis{1'999});
  CHECK(one.told().empty());
  loop.run_for(Millis{1});
  CHECK(one.told() == Texts{"a/1 SUCCESS 7"});
  tell(one, wire::Recorded{{request("a", 1).delivery}});
  CHECK(runner->figures().unrecorded == 0);
  loop.run_for(Millis{3'600'000});
  CHECK(one.told().empty());
}

TEST_CASE_METHOD(RunnerStory, "an answer whose conductor is not there any more is repeated to one that is") {
  const auto member = [](const Conductor& conductor) {
    ports::Member told;
    told.incarnation = conductor.self;
    told.inbox = ports::InboxAddress{ports::InboxKind::Replies, conductor.partition, 0};
    return told;
  };
  ask(request("a", 1));
  end("a", "7");
  one.told();
  runner->conductors({member(one), member(two)});
  loop.run_for(Millis{1'000});
  CHECK(one.told() == Texts{"a/1 SUCCESS 7"});
  ports::Member older;  // that tells no inbox
  older.incarnation = incarnation(3);
  runner->conductors({older, member(two)});
  loop.run_for(Millis{2'000});
  CHECK(one.told().empty());
  CHECK(two.told() == Texts{"a/1 SUCCESS 7"});
  runner->conductors({});  // not known who is there
  loop.run_for(Millis{4'000});
  CHECK(two.told() == Texts{"a/1 SUCCESS 7"});
  tell(two, wire::Recorded{{request("a", 1).delivery}});
  CHECK(runner->figures().unrecorded == 0);
}

TEST_CASE_METHOD(RunnerStory, "H23: a late copy of a request whose outcome is recorded starts nothing") {
  ask(request("a", 1));
  end("a", "7");
  tell(one, wire::Recorded{{request("a", 1).delivery}});
  one.told();
  ask(request("a", 1));
  CHECK(one.told() == Texts{"a/1 refused"});
  CHECK(started() == Dispatches{1});
}

/// A conductor that does not hold the flow says so of a delivery that was replaced: its answer is obsolete.
TEST_CASE_METHOD(RunnerStory, "the word that an earlier number is recorded leaves the later one's answer") {
  Intention intention = Intention::Execute;
  SECTION("which is the same answer") {
    ask(request("a", 1));
    end("a", "7");
  }
  SECTION("which came of another try of a failed revert") {
    intention = Intention::Revert;
    ask(request("a", 1, 1, intention));
    end("a", TaskOutcome(Failure{"Unreachable", "", {}}));
  }
  ask(request("a", 2, 1, intention));
  if (intention == Intention::Revert) end("a", "7");
  one.told();
  tell(one, wire::Recorded{{request("a", 1, 1, intention).delivery}});
  CHECK(runner->figures().unrecorded == 1);
  ask(request("a", 2, 1, intention));  // by the flow's next owner
  CHECK(one.told() == Texts{"a/2 SUCCESS 7"});
  tell(one, wire::Recorded{{request("a", 2, 1, intention).delivery}});
  CHECK(runner->figures().unrecorded == 0);
}

TEST_CASE_METHOD(SmallMemory, "H23: full of unrecorded answers, it takes nothing new instead of forgetting") {
  for (const char* atom : {"a", "b"}) {
    ask(request(atom, 1));
    end(atom, "1");
  }
  one.told();
  ask(request("c", 1));
  CHECK(one.told() == Texts{"c/1 busy"});
  ask(request("a", 2));  // what it remembers it still answers
  CHECK(one.told() == Texts{"a/2 SUCCESS 1"});
  tell(one, wire::Recorded{{request("a", 2).delivery}});
  ask(request("c", 2));
  CHECK(tasks.started.back() == request("c", 2).delivery);
}

TEST_CASE_METHOD(SmallMemory,
                 "H23: an answer that nobody recorded for an hour gives way to new work, and is told of") {
  for (const char* atom : {"a", "b"}) {
    ask(request(atom, 1));
    end(atom, "1");
  }
  loop.run_for(Millis{3'599'000});
  ask(request("c", 1));
  CHECK(one.told().back() == "c/1 busy");
  CHECK(runner->figures().forgotten_answers == 0);
  loop.run_for(Millis{1'000});
  ask(request("c", 2));
  CHECK(tasks.started.back() == request("c", 2).delivery);
  CHECK(runner->figures().unrecorded == 1);
  CHECK(runner->figures().forgotten_answers == 1);
}

TEST_CASE_METHOD(RunnerStory,
                 "H28: what will never start here is known of many deliveries, the oldest are told of") {
  const auto atom = [](std::size_t number) { return "a" + std::to_string(number); };
  for (std::size_t i = 0; i < DeliveryMemory::kIdleAtomsMax; ++i)
    runner->receive(
        {incarnation(9), one.self, one.partition, wire::Cancel{request(atom(i), 1).delivery, "asked"}});
  loop.run_until_idle();
  CHECK(runner->figures().forgotten_atoms == 0);
  one.told();
  ask(request(atom(0), 1));
  CHECK(one.told() == Texts{"a0/1 not started"});
  tell(one, wire::Cancel{request("one more", 1).delivery, "asked"});
  CHECK(runner->figures().forgotten_atoms == 1);
  ask(request(atom(1), 1));
  CHECK(one.told() == Texts{"one more/1 not started", "a1/1 not started"});
}

TEST_CASE_METHOD(RunnerStory, "what ends in one turn of the loop shares a message") {
  ask(request("a", 1));
  ask(request("b", 1));
  tasks.end("a", TaskOutcome(Value()));
  tasks.end("b", TaskOutcome(Value()));
  loop.run_until_idle();
  CHECK(one.told().size() == 2);
  CHECK(one.answer_messages == 1);
}

TEST_CASE_METHOD(RunnerStory,
                 "a report tells each conductor all that it holds here, while it holds something") {
  for (const char* atom : {"a", "b", "c"}) ask(one, request(atom, 1));
  ask(two, request("d", 1));
  loop.run_for(kReportInterval);
  REQUIRE(one.reports.size() == 1);
  REQUIRE(two.reports.size() == 1);
  const auto& report = one.reports[0];
  REQUIRE(report.holdings.size() == 3);
  CHECK(report.holdings[0].started);
  CHECK(report.holdings[0].running_for == kReportInterval);
  CHECK(report.holdings[0].progress == 0.5);
  CHECK(report.holdings[0].progress_note == "half way");
  CHECK_FALSE(report.holdings[2].started);
  CHECK(report.holdings[2].delivery.atom == "c");
  CHECK(report.free_slots == 0);
  for (const char* atom : {"a", "b", "c", "d"}) end(atom, "1");
  loop.run_for(4 * kReportInterval);
  CHECK(one.reports.size() == 1);
}

TEST_CASE_METHOD(RunnerStory, "the sequence of reports grows") {
  ask(request("a", 1));
  loop.run_for(3 * kReportInterval);
  REQUIRE(one.reports.size() == 3);
  CHECK(one.reports[0].sequence < one.reports[1].sequence);
  CHECK(one.reports[1].sequence < one.reports[2].sequence);
}

TEST_CASE_METHOD(RunnerStory, "nothing starts while the session is silent, what runs goes on") {
  for (const char* atom : {"a", "b", "c"}) ask(request(atom, 1));
  directory.silent = kSessionTimeout * 2 / 3;
  ask(request("d", 1));
  CHECK(one.told().empty());  // just not silent for too long
  directory.silent += Millis{1};
  ask(request("e", 1));
  end("a", "1");  // a slot is free, but the two that wait are handed back
  CHECK(one.told() == Texts{"e/1 busy", "a/1 SUCCESS 1", "c/1 busy", "d/1 busy"});
  CHECK(tasks.started.size() == 2);
  directory.silent = Millis{0};
  ask(request("c", 2));
  CHECK(tasks.started.size() == 3);
}

TEST_CASE_METHOD(RunnerStory, "without a session nothing starts") {
  directory.granted = Millis{0};
  ask(request("a", 1));
  CHECK(one.told() == Texts{"a/1 busy"});
}

TEST_CASE_METHOD(RunnerStory, "a lost session hands back what waits, and keeps what runs") {
  for (const char* atom : {"a", "b", "c"}) ask(request(atom, 1));
  ask(request("a", 2, 2));  // waits behind the running attempt 1
  runner->session_lost();
  loop.run_until_idle();
  CHECK(one.told() == Texts{"c/1 busy", "a/2 busy"});
  end("b", "1");
  CHECK(one.told() == Texts{"b/1 SUCCESS 1"});
}

TEST_CASE_METHOD(RunnerStory, "a drain hands back what waits, and ends when the last answer is recorded") {
  for (const char* atom : {"a", "b", "c"}) ask(request(atom, 1));
  std::string drained;
  runner->drain(Millis{10'000}, [&](bool clean) { drained = clean ? "clean" : "late"; });
  loop.run_until_idle();
  CHECK(one.told() == Texts{"c/1 busy"});
  ask(request("d", 1));
  CHECK(one.told() == Texts{"d/1 busy"});
  loop.run_for(kReportInterval);
  CHECK(one.reports.back().draining);
  end("a", "1");
  end("b", "1");
  tell(one, wire::Recorded{{request("a", 1).delivery}});
  CHECK(drained.empty());
  tell(one, wire::Recorded{{request("b", 1).delivery}});
  CHECK(drained == "clean");
}

TEST_CASE_METHOD(RunnerStory,
                 "a drain with nothing to do is over at once, one that cannot end keeps its deadline") {
  std::string drained;
  SECTION("nothing to do") {
    runner->drain(Millis{10'000}, [&](bool clean) { drained = clean ? "clean" : "late"; });
    loop.run_until_idle();
    CHECK(drained == "clean");
  }
  SECTION("a task that goes on") {
    ask(request("a", 1));
    runner->drain(Millis{10'000}, [&](bool clean) { drained = clean ? "clean" : "late"; });
    loop.run_for(Millis{9'999});
    CHECK(drained.empty());
    loop.run_for(Millis{1});
    CHECK(drained == "late");
  }
}

TEST_CASE_METHOD(RunnerStory, "an idle worker sets no timer") {
  ask(request("a", 1));
  end("a", "7");
  tell(one, wire::Recorded{{request("a", 1).delivery}});
  loop.run_for(Millis{2'000});
  const auto sent = broker.sent();
  loop.run_for(Millis{3'600'000});
  CHECK(broker.sent() == sent);
}

TEST_CASE_METHOD(RunnerStory, "what ends after the runner is gone does no harm") {
  ask(request("a", 1));
  runner.reset();
  tasks.end("a", TaskOutcome(Value()));
  loop.run_for(Millis{10'000});
  CHECK(one.told().empty());
}
