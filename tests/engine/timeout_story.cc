#include "tests/engine/engine_story.h"

namespace baton::tests {
namespace {

const char* const kLimits = R"({"name": "f", "pattern": "linear",
    "retry": {"policy": "times", "attempts": 2}, "nodes": [
    {"task": "step", "name": "a",
     "timeouts": {"schedule_to_start_ms": 1000, "start_to_close_ms": 5000, "abandon_after_ms": 2000}}]})";

std::size_t cancels(const std::vector<engine::Command>& commands) {
  std::size_t count = 0;
  for (const auto& command : commands) count += std::holds_alternative<engine::CancelDelivery>(command);
  return count;
}

}  // namespace

TEST_CASE_METHOD(EngineStory, "a task that no worker starts in time fails once its worker has closed it") {
  given_flow(kLimits);
  pass(Millis(999));
  CHECK(last_commands().empty());
  pass(Millis(1));
  CHECK(cancels(last_commands()) == 1);
  CHECK(state("a") == AtomState::Running);  // no revert, no next attempt, before it is closed
  close("a");
  CHECK(record("a").failure->type == "TimedOut");
  CHECK(record("a").failure->message == "'a' timed out: no worker started it within its schedule_to_start");
  CHECK(reverting() == Names{"a"});
}

TEST_CASE_METHOD(EngineStory, "H6: a task that runs too long is closed, a start ends the first limit") {
  given_flow(kLimits);
  CHECK(request("a").start_to_close == Millis(5000));
  pass(Millis(500));
  report_started("a");
  CHECK(notes() == Names{"a: started"});
  CHECK_FALSE(record("a").delivery->start_deadline.has_value());
  report_started("a");
  CHECK(last_facts().empty());
  pass(Millis(4000));
  CHECK(request("a").start_to_close == Millis(1000));
  CHECK(cancels(last_commands()) == 0);
  pass(Millis(1000));
  CHECK(cancels(last_commands()) == 1);

  SECTION("what it says while it ends is told") {
    fail("a", "Interrupted", "by a signal");
    CHECK(record("a").failure->message ==
          "'a' timed out: it did not end within its start_to_close (it said Interrupted: by a signal)");
  }
  SECTION("a success is a success") {
    succeed("a", "1");
    CHECK(flow_state() == FlowState::Success);
  }
  SECTION("its worker is gone") {
    lose("a", "its host is down");
    CHECK(record("a").failure->type == "TimedOut");
    CHECK(reverting() == Names{"a"});
  }
  SECTION("a worker that says nothing is abandoned, and that is on record") {
    pass(Millis(2000));
    CHECK(record("a").failure->message ==
          "'a' timed out: it did not end within its start_to_close (abandoned: "
          "its worker did not say that it has ended)");
    CHECK(reverting() == Names{"a"});
  }
  SECTION("its worker has closed it before a new owner asks again") {
    restore();
    close("a");
    REQUIRE(record("a").failure);
    CHECK(record("a").failure->message == "'a' timed out: it did not end within its start_to_close");
    CHECK(reverting() == Names{"a"});
  }
}

TEST_CASE_METHOD(EngineStory,
                 "H26: what was asked to end stays so for its next owner, though the clock goes back") {
  given_flow(kLimits);
  const bool started = GENERATE(true, false);
  if (started) report_started("a");
  pass(Millis(5000));
  CHECK(cancels(last_commands()) == 1);
  pass(Millis(-600000));  // by a person, or another database server
  restore();
  CHECK(cancels(last_commands()) == 1);
  CHECK(sent().empty());
  const std::string why = started ? "it did not end within its start_to_close"
                                  : "no worker started it within its schedule_to_start";
  SECTION("closed") {
    close("a");
    CHECK(record("a").failure->message == "'a' timed out: " + why);
  }
  SECTION("its start is told late: no new time begins for it") {
    report_started("a");
    CHECK(last_facts().empty());
    close("a");
  }
  SECTION("handed back") {
    hand_back("a");
  }
  SECTION("its worker is gone") {
    lose("a");
  }
  SECTION("abandoned") {
    pass(Millis(2000));
  }
  REQUIRE(record("a").failure);
  CHECK(record("a").failure->type == "TimedOut");
  CHECK(reverting() == Names{"a"});
}

TEST_CASE_METHOD(EngineStory, "limits begin anew with each delivery, and end with the task") {
  given_flow(kLimits);
  report_started("a");
  pass(Millis(4000));
  lose("a");
  CHECK_FALSE(record("a").delivery->close_deadline.has_value());
  pass(Millis(999));
  report_started("a");
  pass(Millis(4999));
  succeed("a");
  pass(Millis(100000));
  CHECK(last_commands().empty());
}

TEST_CASE_METHOD(EngineStory, "a revert that runs too long has failed") {
  given_flow(kLimits);
  fail("a");
  report_started("a");
  pass(Millis(5000));
  close("a");
  CHECK(record("a").revert_failure->type == "TimedOut");
  CHECK(flow_state() == FlowState::Failure);
}

}  // namespace baton::tests
