#include "tests/engine/engine_story.h"

namespace baton::tests {

TEST_CASE_METHOD(EngineStory,
                 "H3: a lost worker's task goes elsewhere: same attempt, new dispatch, one more delivery") {
  given_flow("a > b");
  CHECK(record("a").delivery->worker_name == "w1");
  lose("a");
  CHECK(record("a").delivery->worker_name == "w2");
  CHECK(record("a").delivery->deliveries == 2);
  CHECK(record("a").attempt == 1);
  CHECK(record("a").dispatch == 2);
  CHECK(sent() == Names{"a"});
  CHECK(notes() == Names{"a: redelivered: worker lost"});
}

TEST_CASE_METHOD(EngineStory, "H5: an outcome counts only for the delivery that is on record") {
  given_flow("a > b");
  const auto old = answer("a");
  lose("a");
  say(old);
  CHECK(state("a") == AtomState::Running);
  CHECK(last_facts().empty());

  auto other_attempt = answer("a");
  ++other_attempt.attempt;
  say(other_attempt);
  auto other_intention = answer("a");
  other_intention.intention = Intention::Revert;
  say(other_intention);
  CHECK(state("a") == AtomState::Running);

  const auto now = answer("a");
  say(now);
  CHECK(state("a") == AtomState::Success);
  say(now);  // repeated: no news
  CHECK(last_facts().empty());
}

TEST_CASE_METHOD(EngineStory, "a lost worker may still answer until its task is elsewhere") {
  given_flow("a > b");
  no_room();
  lose("a");
  CHECK(waiting() == Names{"a"});
  CHECK(state("a") == AtomState::Running);
  succeed("a");
  CHECK(state("a") == AtomState::Success);
}

TEST_CASE_METHOD(EngineStory, "what is handed back goes elsewhere and is not charged") {
  given_flow("a");
  for (int i = 0; i < 10; ++i) hand_back("a");
  CHECK(record("a").delivery->deliveries == 1);
  CHECK(record("a").dispatch == 11);
  CHECK(notes() == Names{"a: redelivered: handed back"});
}

TEST_CASE_METHOD(EngineStory,
                 "H22: what had no part in its worker's death goes elsewhere and is not charged") {
  given_flow("a");
  for (int i = 0; i < 9; ++i) lose_uncharged("a");
  CHECK(record("a").delivery->deliveries == 1);
  CHECK(record("a").dispatch == 10);
  CHECK(record("a").attempt == 1);
  CHECK(notes() == Names{"a: redelivered: worker lost by another's fault, not counted"});
}

TEST_CASE_METHOD(EngineStory,
                 "H22: of ten losses by another's fault one counts, so there is an end of them") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a", "max_deliveries": 2}]})");
  for (int i = 0; i < 10; ++i) lose_uncharged("a");
  CHECK(record("a").delivery->deliveries == 2);
  CHECK(notes() == Names{"a: redelivered: worker lost"});
  for (int i = 0; i < 9; ++i) lose_uncharged("a");
  CHECK(state("a") == AtomState::Running);
  lose_uncharged("a");
  REQUIRE(record("a").failure);
  CHECK(record("a").failure->type == "WorkerLost");
  CHECK(record("a").failure->message ==
        "worker 'w20' was lost (worker died), the last of 2 deliveries (10 lost by another's fault count as "
        "one)");
}

TEST_CASE_METHOD(EngineStory, "losses of one call are not counted against the next") {
  given_flow("a, b");
  for (int i = 0; i < 9; ++i) lose_uncharged("a");
  fail("b");
  fail("a");
  CHECK(reverting() == Names{"a", "b"});
  lose_uncharged("a");
  CHECK(record("a").delivery->deliveries == 1);
}

TEST_CASE_METHOD(EngineStory, "a task that may run once only fails with its worker, whoever was to blame") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a", "on_worker_loss": "fail"}]})");
  lose_uncharged("a");  // it may have run: its answer may be lost
  CHECK(record("a").failure->type == "WorkerLost");
}

TEST_CASE_METHOD(EngineStory, "after max_deliveries the atom fails") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a", "max_deliveries": 2}]})");
  lose("a");
  lose("a", "killed by signal 9");
  CHECK(record("a").failure->type == "WorkerLost");
  CHECK(record("a").failure->message ==
        "worker 'w2' was lost (killed by signal 9), the last of 2 deliveries");
  CHECK(reverting() == Names{"a"});
  CHECK(record("a").delivery->deliveries == 1);  // a revert's deliveries are counted anew
}

TEST_CASE_METHOD(EngineStory, "a revert that no worker survives has failed") {
  given_flow("a");
  fail("a");
  lose("a");
  lose("a");
  CHECK(reverting() == Names{"a"});
  lose("a");
  CHECK(record("a").revert_failure->type == "WorkerLost");
  CHECK(flow_state() == FlowState::Failure);
}

TEST_CASE_METHOD(EngineStory, "a task that may run once only fails with its worker") {
  given_flow(R"({"name": "f", "pattern": "linear", "nodes": [
      {"task": "step", "name": "a", "on_worker_loss": "fail"}]})");
  lose("a", "gone");
  CHECK(record("a").failure->message == "worker 'w1' was lost (gone); the task may not be delivered again");
  lose("a");
  CHECK(reverting() == Names{"a"});  // reverts may be repeated
}

TEST_CASE_METHOD(EngineStory, "a lost execution that is to be reverted is reverted, not repeated") {
  given_flow("a, b");
  fail("b");
  lose("a");
  CHECK(reverting() == Names{"a", "b"});
  CHECK(request("a").result.is_null());
  CHECK(record("a").dispatch == 2);
}

TEST_CASE_METHOD(EngineStory, "dispatch numbers begin with the generation and never fall") {
  given_flow("a > b");
  restore(3);
  lose("a");
  CHECK(record("a").dispatch == first_dispatch_of(3) + 1);
  succeed("a");
  restore(4);
  fail("b");
  CHECK(record("b").dispatch == first_dispatch_of(4) + 1);
}

TEST_CASE_METHOD(EngineStory, "news of a delivery that is over is ignored") {
  given_flow("a > b");
  const AtomIndex a = 0;
  succeed("a");
  step({engine::DeliveryLost{a, 1, "late"}, engine::HandedBack{a, 1}, engine::DeliveryClosed{a, 1, false},
        engine::DeliveryStarted{a, 1}, engine::TimerFired{99}});
  CHECK(last_facts().empty());
  CHECK(last_commands().empty());
}

}  // namespace baton::tests
