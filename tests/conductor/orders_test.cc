#include "tests/conductor/cluster.h"

using namespace baton;
using namespace baton::conductor;
using namespace baton::conductor::testing;
using Names = std::vector<std::string>;

namespace {

const std::string kChain = R"({"factory": {"name": "chain", "kwargs": {"length": 2}}})";

/// People ask something of a job, at a conductor that does not own it.
struct Asked : Cluster {
  ports::OrderOutcome ask(OrderKind kind, bool keep = false, std::uint32_t run_on_board = 0) {
    const auto said =
        database->order({JobId("job"), {kind, "ann@ops", "maintenance", keep}, run_on_board}, loop.wall());
    REQUIRE(said.ok());
    REQUIRE(said->verdict == ports::OrderVerdict::Recorded);
    return *said;
  }
  std::vector<ports::OrderRecord> orders() { return database->orders(JobId("job"), 100).value().orders; }
  bool all_taken() {
    const auto all = orders();
    return std::all_of(all.begin(), all.end(), [](const auto& order) { return order.taken_at.has_value(); });
  }
  void until_state(FlowState wanted) {
    until(std::string(to_string(wanted)), [&] { return state("job") == wanted; });
  }
  /// "c1" owns the chain, whose first step runs and is held at "w1".
  ScriptedWorker& chain_at_work() {
    conductor("c1");
    auto& w = worker("w1");
    script.held.insert("step-1");
    post("job", kChain);
    until("it runs", [&] { return w.holds("step-1"); });
    return w;
  }
  /// Who asked, as the history has it.
  Names history_of_orders() {
    Names told;
    const auto page = database->history(JobId("job"), 0, 1000);
    for (const auto& row : page.value().rows)
      if (row.order)
        told.push_back(std::string(to_string(row.order->order.kind)) + " by " + row.order->order.who + ": " +
                       row.order->order.why);
    return told;
  }
};

}  // namespace

TEST_CASE_METHOD(Asked,
                 "a suspended job lets what runs end, is parked by its next owner, and goes on when asked") {
  auto& w = chain_at_work();
  ask(OrderKind::Suspend);
  until_state(FlowState::Suspending);
  w.release("step-1");
  until_state(FlowState::Suspended);
  kill("c1", true);
  conductor("c2");
  until("c2 has it", [&] { return conductor("c2").conductor->flow(JobId("job")).has_value(); });
  loop.run_for(Millis{5'000});
  CHECK(state("job") == FlowState::Suspended);
  CHECK(script.calls == Names{"step-1"});
  ask(OrderKind::Resume);
  until_ended("job");
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls == Names{"step-1", "step-2"});
  CHECK(history_of_orders() == Names{"suspend by ann@ops: maintenance", "resume by ann@ops: maintenance"});
  CHECK(conductor("c2").conductor->counters().orders_taken == 1);
}

TEST_CASE_METHOD(Asked, "H25: an order that its owner did not live to hear is carried out by the next one") {
  auto& w = chain_at_work();
  ask(OrderKind::Cancel);
  kill("c1", true);
  CHECK_FALSE(all_taken());
  conductor("c2");
  until("c2 has taken it", [&] { return all_taken(); });
  w.release("step-1");
  until_ended("job");
  CHECK(state("job") == FlowState::Cancelled);
  CHECK(script.calls == Names{"step-1", "revert step-1"});
  CHECK(history_of_orders() == Names{"cancel by ann@ops: maintenance"});
}

TEST_CASE_METHOD(Asked, "a cancel stays in force when its owner dies, and keeps what it was told to keep") {
  auto& w = chain_at_work();
  script.held.insert("step-2");
  w.release("step-1");
  until("the second step runs", [&] { return w.holds("step-2"); });
  ask(OrderKind::Cancel, true);
  until("it is taken", [&] { return all_taken(); });
  kill("c1", true);
  conductor("c2");
  until("c2 has it", [&] { return conductor("c2").conductor->flow(JobId("job")).has_value(); });
  CHECK(database->summaries({JobId("job")}).value().at(0).cancelling);
  w.release("step-2");
  until_ended("job");
  CHECK(script.calls == Names{"step-1", "step-2"});
  CHECK(state("job") == FlowState::Success);  // its last step ended well before the cancel reached it
  CHECK(history_of_orders().size() == 1);
}

TEST_CASE_METHOD(Asked, "a cancel that was suspended stays so at its next owner, and goes on when resumed") {
  auto& w = chain_at_work();
  ask(OrderKind::Cancel);
  ask(OrderKind::Suspend);
  until("they are taken", [&] { return all_taken(); });
  w.release("step-1");
  until_state(FlowState::Suspended);
  kill("c1", true);
  conductor("c2");
  until("c2 has it", [&] { return conductor("c2").conductor->flow(JobId("job")).has_value(); });
  loop.run_for(Millis{5'000});
  CHECK(state("job") == FlowState::Suspended);
  CHECK(script.calls == Names{"step-1"});
  ask(OrderKind::Resume);
  until_ended("job");
  CHECK(state("job") == FlowState::Cancelled);
  CHECK(script.calls == Names{"step-1", "revert step-1"});
}

TEST_CASE_METHOD(Asked, "a job that waits for workers that are not there can be cancelled") {
  conductor("c1");
  post("job", kChain);
  until_state(FlowState::Running);
  ask(OrderKind::Cancel);
  until_ended("job");
  CHECK(state("job") == FlowState::Cancelled);
  until("it is gone from the board", [&] { return on_board().empty(); });
}

TEST_CASE_METHOD(Asked,
                 "a job that nobody has claimed can be cancelled: its first owner runs nothing of it") {
  worker("w1");
  post("job", kChain);
  ask(OrderKind::Cancel, false, 1);
  conductor("c1");
  until_ended("job");
  CHECK(state("job") == FlowState::Cancelled);
  CHECK(script.calls.empty());
  CHECK(history_of_orders() == Names{"cancel by ann@ops: maintenance"});
}

TEST_CASE_METHOD(Asked,
                 "a cancel that was acknowledged is carried out, also if the flow is about to end well") {
  auto& w = chain_at_work();
  bool asked = false;
  conductor("c1").store->doubt_steps([&](const ports::StepWrite& step) {
    const auto* flow = step.facts.empty() ? nullptr : std::get_if<FlowFact>(&step.facts.back().body);
    if (flow && flow->state == FlowState::Success && !std::exchange(asked, true)) ask(OrderKind::Cancel);
    return false;
  });
  w.release("step-1");
  until_ended("job");
  CHECK(asked);
  CHECK(state("job") == FlowState::Cancelled);
  CHECK(script.calls == Names{"step-1", "step-2", "revert step-2", "revert step-1"});
}

TEST_CASE_METHOD(Asked, "an order that came while the store's connection was lost is asked for") {
  auto& w = chain_at_work();
  auto& store = *conductor("c1").store;
  store.set_away(true);
  ask(OrderKind::Suspend);
  loop.run_for(Millis{500});
  CHECK_FALSE(all_taken());
  store.set_away(false);
  until_state(FlowState::Suspending);
  w.release("step-1");
  until_state(FlowState::Suspended);
}

TEST_CASE_METHOD(Asked, "an order without effect is taken all the same, and says why") {
  auto& w = chain_at_work();
  ask(OrderKind::Resume);
  ask(OrderKind::Cancel);
  ask(OrderKind::Cancel, true);
  until("all are taken", [&] { return all_taken(); });
  const auto all = orders();
  CHECK(all.at(2).no_effect == "the flow is RUNNING");
  CHECK(all.at(1).no_effect.empty());
  CHECK(all.at(0).no_effect == "the flow is being cancelled by ann@ops: maintenance");
  w.release("step-1");
  until_ended("job");
  CHECK(state("job") == FlowState::Cancelled);
}

TEST_CASE_METHOD(Asked, "a step with an order whose commit is unclear is asked again, and is done once") {
  auto& w = chain_at_work();
  auto& store = *conductor("c1").store;
  SECTION("it was kept") {
    store.lose_next_reply(memory::MemoryFlowStore::LostReply::Applied);
  }
  SECTION("it was not") {
    store.lose_next_reply(memory::MemoryFlowStore::LostReply::NotApplied);
  }
  ask(OrderKind::Suspend);
  until_state(FlowState::Suspending);
  w.release("step-1");
  until_state(FlowState::Suspended);
  CHECK(history_of_orders() == Names{"suspend by ann@ops: maintenance"});
}

namespace {

/// A chain whose second step has failed, and whose first one could not be reverted.
struct Stuck : Asked {
  Stuck() {
    conductor("c1");
    script.failures["step-2"] = Failure::make("Refused", "no quota");
    script.revert_failures["step-1"] = Failure::make("Refused", "cannot be deleted");
    post("job", kChain);
    until_ended("job");
    REQUIRE(state("job") == FlowState::Failure);
    until("it is gone from the board", [&] { return on_board().empty(); });
    script.failures.clear();
    script.revert_failures.clear();
    script.calls.clear();
  }
  ScriptedWorker& w1 = worker("w1");

  /// As the API does: recorded, then posted.
  void run_again(OrderKind kind, bool keep = false, const std::string& atom = {}) {
    record(kind, keep, atom);
    post("job", kChain, Priority::Normal, 2);
    until_run_2_has_ended();
  }
  void record(OrderKind kind, bool keep = false, const std::string& atom = {}, const Value& result = {}) {
    const auto said =
        database->order({JobId("job"), {kind, "ann@ops", "cleaned up", keep, atom, result}, 0}, loop.wall());
    REQUIRE(said->verdict == ports::OrderVerdict::Recorded);
    REQUIRE(said->record.run == 2);
  }
  void until_run_2_has_ended(Millis within = Millis{60'000}) {
    until(
        "run 2 has ended",
        [&] {
          const auto job = database->summaries({JobId("job")}).value().at(0);
          return job.run == 2 && is_final(job.state);
        },
        within);
    CHECK(all_taken());
    CHECK(history_of_orders().size() == 1);
  }
};

}  // namespace

TEST_CASE_METHOD(Stuck, "a job that has ended is run again, keeping what succeeded") {
  run_again(OrderKind::Rerun, true);
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls == Names{"step-1", "step-2"});  // the one that could not be reverted is taken as undone
}

TEST_CASE_METHOD(Stuck,
                 "a revert that failed is tried again when somebody asks, and the rollback is completed") {
  run_again(OrderKind::RetryAtom, false, "step-1");
  CHECK(state("job") == FlowState::Reverted);
  CHECK(script.calls == Names{"revert step-1"});
}

TEST_CASE_METHOD(Stuck, "an atom that could not be reverted is passed over when somebody asks") {
  run_again(OrderKind::SkipAtom, false, "step-1");
  CHECK(state("job") == FlowState::Reverted);
  CHECK(script.calls.empty());
}

TEST_CASE_METHOD(Stuck, "an atom that a person has done is not executed, and what follows gets the result") {
  record(OrderKind::MarkDone, false, "step-1", Value::of_string("by hand"));
  post("job", kChain, Priority::Normal, 2);
  until_run_2_has_ended();
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls == Names{"step-2"});
  CHECK(history_of_orders() == Names{"done by ann@ops: cleaned up"});
}

TEST_CASE_METHOD(Stuck, "H31: a run that was asked for and is not on the board is posted by a conductor") {
  record(OrderKind::Rerun, true);
  until_run_2_has_ended(Millis{200'000});
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls == Names{"step-1", "step-2"});
}

TEST_CASE_METHOD(Stuck, "H12: a run that was asked for outlives the loss of the whole board") {
  record(OrderKind::Rerun, false);
  kill("c1", true);
  bounds.missing_round = Millis{100'000'000};  // it is the sweep of the new board that posts it
  post("job", kChain, Priority::Normal, 2);
  ensemble.wipe();
  conductor("c2");
  until_run_2_has_ended(Millis{200'000});
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls == Names{"step-1", "step-2"});
}

TEST_CASE_METHOD(Stuck,
                 "a run that was asked for is begun once, whoever dies between its claim and its end") {
  script.held = {"step-2"};
  record(OrderKind::RetryAtom, false, "step-2");
  post("job", kChain, Priority::Normal, 2);
  until("it runs", [&] { return w1.holds("step-2"); });
  CHECK(all_taken());
  kill("c1", true);
  conductor("c2");
  until("c2 has it", [&] { return conductor("c2").conductor->flow(JobId("job")).has_value(); });
  w1.release("step-2");
  until_run_2_has_ended();
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls == Names{"step-1", "step-2"});
  CHECK(history_of_orders() == Names{"retry by ann@ops: cleaned up"});
}

TEST_CASE_METHOD(Stuck,
                 "the first step of a run that was asked for is begun again if its commit is unclear") {
  auto& store = *conductor("c1").store;
  record(OrderKind::Rerun, true);
  bool asked = false;
  store.doubt_steps(
      [&](const ports::StepWrite& step) { return !step.orders.empty() && !std::exchange(asked, true); });
  post("job", kChain, Priority::Normal, 2);
  until_run_2_has_ended();
  CHECK(asked);
  CHECK(state("job") == FlowState::Success);
  CHECK(script.calls == Names{"step-1", "step-2"});
  CHECK(history_of_orders() == Names{"rerun by ann@ops: cleaned up"});
}
