#include <catch2/catch.hpp>

#include "tests/worker/runner_fixture.h"

using namespace baton;
using namespace baton::worker;
using namespace baton::worker::testing;

TEST_CASE_METHOD(RunnerStory, "a request runs once and its answer goes to the one who asked") {
  ask(request("a", 1));
  CHECK(started() == Dispatches{1});
  loop.run_for(Millis{40});
  end("a", "7");
  CHECK(one.told() == Texts{"a/1 SUCCESS 7"});
  CHECK(one.reports.empty());  // over before the first report: no message but the answer
}

TEST_CASE_METHOD(RunnerStory, "copies of a request that runs or has ended start nothing") {
  ask(request("a", 1));
  ask(request("a", 1));
  CHECK(started() == Dispatches{1});
  end("a", "7");
  ask(request("a", 1));
  CHECK(one.told() == Texts{"a/1 SUCCESS 7", "a/1 SUCCESS 7"});
  CHECK(started() == Dispatches{1});
}

TEST_CASE_METHOD(RunnerStory, "a lower dispatch than one that was seen is refused") {
  ask(request("a", 5));
  ask(request("a", 4));
  CHECK(one.told() == Texts{"a/4 refused"});
  end("a", "7");
  ask(request("a", 4));
  CHECK(one.told() == Texts{"a/5 SUCCESS 7", "a/4 refused"});
  CHECK(started() == Dispatches{5});
}

TEST_CASE_METHOD(RunnerStory, "the same attempt under a new dispatch is adopted, with the new conductor") {
  ask(one, request("a", 1));
  ask(two, request("a", 2));
  CHECK(started() == Dispatches{1});
  loop.run_for(kReportInterval);
  CHECK(one.reports.empty());
  REQUIRE(two.reports.size() == 1);
  CHECK(two.reports[0].holdings[0].delivery.dispatch == 2);
  end("a", "7");
  CHECK(one.told().empty());
  CHECK(two.told() == Texts{"a/2 SUCCESS 7"});
  ask(one, request("a", 3));  // answered from memory, under the new number
  CHECK(one.told() == Texts{"a/3 SUCCESS 7"});
  CHECK(started() == Dispatches{1});
}

TEST_CASE_METHOD(RunnerStory,
                 "H17: memory does not answer for another generation: the task is called again") {
  const Dispatch later = first_dispatch_of(2) + 1;
  ask(one, request("a", 1));
  end("a", "7");
  CHECK(one.told() == Texts{"a/1 SUCCESS 7"});
  ask(two, request("a", later));
  CHECK(two.told().empty());
  CHECK(started() == Dispatches{1, later});
  end("a", "8");
  CHECK(two.told() == Texts{"a/" + std::to_string(later) + " SUCCESS 8"});
  CHECK(one.told().empty());
}

TEST_CASE_METHOD(RunnerStory, "H7: memory answers only for the same arguments") {
  ask(request("a", 1));
  end("a", "7");
  one.told();
  ask(request("a", 2, 1, Intention::Execute, R"({"host": "b"})"));
  CHECK(started() == Dispatches{1, 2});
  end("a", "8");
  CHECK(one.told() == Texts{"a/2 SUCCESS 8"});
}

TEST_CASE_METHOD(RunnerStory,
                 "a revert that failed is tried again under a new number, and answered again under its own") {
  ask(request("a", 1, 1, Intention::Revert));
  end("a", TaskOutcome(Failure{"Full", "", {}}));
  CHECK(one.told() == Texts{"a/1 FAILURE Full"});
  ask(request("a", 1, 1, Intention::Revert));
  CHECK(one.told() == Texts{"a/1 FAILURE Full"});
  CHECK(started() == Dispatches{1});
  ask(request("a", 2, 1, Intention::Revert));
  CHECK(started() == Dispatches{1, 2});
  end("a", "null");
  CHECK(one.told() == Texts{"a/2 SUCCESS null"});
}

TEST_CASE_METHOD(RunnerStory,
                 "two requests of one atom never run at once: the newer waits for the older's end") {
  ask(request("a", 1));
  ask(request("a", 2, 1, Intention::Revert));
  CHECK(started() == Dispatches{1});
  CHECK(tasks.was_cancelled("a"));
  ask(request("a", 2, 1, Intention::Revert));  // a copy of the one that waits
  end("a", "7");
  CHECK(one.told().empty());  // nobody waits for the word of the older one
  CHECK(started() == Dispatches{1, 2});
  end("a", "null");
  CHECK(one.told() == Texts{"a/2 SUCCESS null"});
  CHECK(tasks.most_at_once == 1);
}

TEST_CASE_METHOD(RunnerStory, "H6: what waits behind a task that does not end when asked to is handed back") {
  ask(request("a", 1));
  ask(request("a", 2, 1, Intention::Revert));
  loop.run_for(limits_.behind_max - Millis{1});
  ask(two, request("a", 3, 1, Intention::Revert));  // the flow's next owner's: it has waited as long
  CHECK(two.told().empty());
  loop.run_for(Millis{1});
  CHECK(two.told() == Texts{"a/3 busy"});
  CHECK(runner->figures().queued == 0);
  CHECK(runner->figures().running == 1);
  ask(two, request("a", 3, 1, Intention::Revert));  // a copy
  ask(one, request("a", 2, 1, Intention::Revert));
  CHECK(two.told() == Texts{"a/3 busy"});
  CHECK(one.told() == Texts{"a/2 refused"});
  ask(two, request("a", 4, 1, Intention::Revert));
  loop.run_for(limits_.behind_max * 2 - Millis{1});
  CHECK(two.told().empty());  // twice as long: its conductor is not to ask all the time
  loop.run_for(Millis{1});
  CHECK(two.told() == Texts{"a/4 busy"});
  for (Dispatch dispatch = 5; dispatch < 10; ++dispatch) {
    ask(two, request("a", dispatch, 1, Intention::Revert));
    loop.run_for(limits_.behind_max_last);
    CHECK(two.told() == Texts{"a/" + std::to_string(dispatch) + " busy"});
  }
  end("a", "7");
  CHECK(one.told().empty());
  CHECK(two.told().empty());
  CHECK(started() == Dispatches{1});
}

TEST_CASE_METHOD(RunnerStory, "H6: a task that ends in time when asked to lets start what waits behind it") {
  ask(request("a", 1));
  ask(request("a", 2, 2));
  loop.run_for(limits_.behind_max - Millis{2});
  ask(request("a", 3, 1, Intention::Revert));  // another one: its time is its own
  loop.run_for(limits_.behind_max - Millis{1});
  CHECK(one.told().empty());
  end_cancelled("a");
  CHECK(started() == Dispatches{1, 3});
  loop.run_for(limits_.behind_max);  // it runs: nothing is handed back any more
  end("a", "null");
  CHECK(one.told() == Texts{"a/3 SUCCESS null"});
}

TEST_CASE_METHOD(RunnerStory,
                 "H33: at most as many tasks run as there are slots, some wait, the rest is handed back") {
  for (const char* atom : {"a", "b", "c", "d", "e"}) ask(request(atom, 1));
  CHECK(tasks.started.size() == 2);
  CHECK(one.told() == Texts{"e/1 busy"});
  ask(request("e", 1));  // a copy of what was handed back never starts, also when there is room
  end("a", "1");
  ask(request("e", 1));
  CHECK(one.told() == Texts{"e/1 busy", "a/1 SUCCESS 1", "e/1 busy"});
  CHECK(tasks.started.back().atom == "c");
  ask(request("e", 2));  // under a new number it is taken
  end("b", "1");
  end("c", "1");
  CHECK(tasks.started.back().atom == "e");
}

TEST_CASE_METHOD(RunnerStory, "a refused later delivery takes the earlier one out of the queue for good") {
  for (const char* atom : {"a", "b", "c"}) ask(request(atom, 1));
  directory.silent = kSessionTimeout;
  ask(request("c", 2, 2));
  CHECK(one.told() == Texts{"c/2 busy"});
  CHECK(runner->figures().queued == 0);
  loop.run_for(kReportInterval);
  runner->session_lost();  // nothing is left to hand back
  directory.silent = Millis{0};
  end("a", "1");
  CHECK(one.told() == Texts{"a/1 SUCCESS 1"});
  CHECK(tasks.started.size() == 2);
}

TEST_CASE_METHOD(RunnerStory, "a refused later delivery ends what runs and what waits behind it") {
  ask(request("a", 1));
  ask(request("a", 2, 2));  // waits for the end of attempt 1
  directory.silent = kSessionTimeout;
  ask(request("a", 3, 3));
  CHECK(one.told() == Texts{"a/3 busy"});
  CHECK(runner->figures().queued == 0);
  directory.silent = Millis{0};
  end_cancelled("a");
  CHECK(one.told().empty());
  CHECK(started() == Dispatches{1});
  ask(request("b", 1));
  directory.silent = kSessionTimeout;
  ask(request("b", 2, 2));
  CHECK(tasks.was_cancelled("b"));
}

TEST_CASE_METHOD(RunnerStory, "an unknown task type is said to be unsupported") {
  auto unknown = request("a", 1);
  unknown.task_type = "server.paint";
  ask(unknown);
  CHECK(one.told() == Texts{"a/1 unsupported"});
}

TEST_CASE_METHOD(RunnerStory, "H8: a message of another version is answered, garbage is not") {
  runner->receive_unreadable({"version 2", true, incarnation(9), one.self, one.partition});
  runner->receive_unreadable({"garbage", false, {}, {}, 0});
  loop.run_until_idle();
  CHECK(one.told() == Texts{"*/0 unsupported"});
}

TEST_CASE_METHOD(RunnerStory, "a task that runs is cancelled, and its end is told as closed") {
  ask(request("a", 1));
  tell(one, wire::Cancel{request("a", 1).delivery, "start_to_close"});
  tell(one, wire::Cancel{request("a", 1).delivery, "start_to_close"});
  CHECK(tasks.was_cancelled("a"));
  CHECK(one.told().empty());  // not before its end
  end_cancelled("a");
  CHECK(one.told() == Texts{"a/1 closed"});
  tell(one, wire::Cancel{request("a", 1).delivery, "start_to_close"});
  ask(request("a", 1));
  CHECK(one.told() == Texts{"a/1 closed", "a/1 closed"});
  CHECK(started() == Dispatches{1});
}

TEST_CASE_METHOD(RunnerStory, "a task that reaches an outcome though it was cancelled tells the outcome") {
  ask(request("a", 1));
  tell(one, wire::Cancel{request("a", 1).delivery, "asked by a person"});
  end("a", "7");
  CHECK(one.told() == Texts{"a/1 SUCCESS 7"});
}

TEST_CASE_METHOD(RunnerStory, "what was cancelled is started again under a new number only after its end") {
  ask(request("a", 1));
  tell(one, wire::Cancel{request("a", 1).delivery, "start_to_close"});
  ask(request("a", 2));
  CHECK(started() == Dispatches{1});
  end_cancelled("a");
  CHECK(started() == Dispatches{1, 2});
  CHECK(tasks.most_at_once == 1);
}

TEST_CASE_METHOD(RunnerStory, "H28: a copy of a request that comes behind its cancel starts nothing") {
  ask(one, request("a", 1));
  tell(one, wire::Cancel{request("a", 1).delivery, "start_to_close"});
  ask(two, request("a", 1));  // of the flow's next owner, which hears the end
  end_cancelled("a");
  CHECK(started() == Dispatches{1});
  CHECK(one.told().empty());
  CHECK(two.told() == Texts{"a/1 closed"});
}

TEST_CASE_METHOD(RunnerStory, "H28: a stale conductor's cancel does not touch what was adopted since") {
  ask(one, request("a", 1));
  ask(two, request("a", 2));
  tell(one, wire::Cancel{request("a", 1).delivery, "start_to_close"});
  CHECK_FALSE(tasks.was_cancelled("a"));
  CHECK(one.told() == Texts{"a/1 refused"});
}

TEST_CASE_METHOD(RunnerStory, "H28: a cancel or probe of something never seen leaves a tombstone") {
  tell(one, wire::Cancel{request("a", 3).delivery, "asked by a person"});
  tell(one, wire::Probe{request("b", 3).delivery});
  CHECK(one.told() == Texts{"a/3 not started", "b/3 not started"});
  ask(request("a", 3));
  ask(request("b", 3));
  ask(request("b", 2));
  CHECK(one.told() == Texts{"a/3 not started", "b/3 not started", "b/2 refused"});
  CHECK(tasks.started.empty());
  ask(request("a", 4));
  CHECK(started() == Dispatches{4});
}

TEST_CASE_METHOD(RunnerStory, "what waits for a slot is dropped by a cancel or a probe") {
  for (const char* atom : {"a", "b", "c", "d"}) ask(request(atom, 1));
  tell(one, wire::Cancel{request("c", 1).delivery, "asked by a person"});
  tell(one, wire::Probe{request("d", 1).delivery});
  CHECK(one.told() == Texts{"c/1 not started", "d/1 not started"});
  end("a", "1");
  end("b", "1");
  CHECK(tasks.started.size() == 2);
}

TEST_CASE_METHOD(RunnerStory, "H24: a probe is told what runs at once, and what was answered") {
  ask(one, request("a", 1));
  tell(two, wire::Probe{request("a", 1).delivery});
  REQUIRE(two.reports.size() == 1);
  CHECK(two.reports[0].holdings[0].delivery == request("a", 1).delivery);
  CHECK(two.reports[0].holdings[0].started);
  end("a", "7");
  CHECK(two.told() == Texts{"a/1 SUCCESS 7"});  // the probe moved the reply address
  tell(one, wire::Probe{request("a", 1).delivery});
  CHECK(one.told() == Texts{"a/1 SUCCESS 7"});
}

TEST_CASE_METHOD(RunnerStory, "start_to_close ends a task, and the failure says so") {
  auto limited = request("a", 1);
  limited.start_to_close = Millis{500};
  ask(limited);
  loop.run_for(Millis{499});
  CHECK_FALSE(tasks.was_cancelled("a"));
  loop.run_for(Millis{1});
  CHECK(tasks.was_cancelled("a"));
  end_cancelled("a");
  CHECK(one.told() == Texts{"a/1 FAILURE TimedOut"});
}

TEST_CASE_METHOD(RunnerStory,
                 "a token that the target calls stale fails the atom only if it was the current one") {
  const TaskOutcome stale = Failure{"StaleToken", "409", {}};
  ask(request("a", 1));
  end("a", stale);
  CHECK(one.told() == Texts{"a/1 FAILURE StaleToken"});
  ask(request("b", 1));
  ask(request("b", 3));
  end("b", stale);
  CHECK(one.told() == Texts{"b/3 busy"});
}
