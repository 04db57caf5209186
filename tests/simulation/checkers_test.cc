#include "tests/simulation/verdict.h"

using namespace baton;
using namespace baton::simulation;

namespace {

/// Evidence of what must never happen, and what the checkers make of it.
struct Crime {
  Crime() {
    auto made = engine::compile(world.jobs.front().flow, {});
    REQUIRE(made.ok());
    plan = *std::move(made);
    while (plan->kind(task) != engine::AtomKind::Task) ++task;
    world.trace.name(flow, job.value);
    world.evidence.plans[flow] = plan;
    world.evidence.claims.push_back({1, Micros{0}, "c1.1", job, flow, Epoch{1, 7}, 1});
  }
  void step(const std::string& by, Epoch epoch, std::vector<Fact> facts) {
    world.evidence.steps.push_back(
        {world.evidence.steps.size() + 2, Micros{0}, by, job, flow, epoch, 1, std::move(facts), {}});
  }
  Fact becomes(AtomState from, AtomState to) {
    AtomFact fact;
    fact.atom = task;
    fact.from = from;
    fact.from_attempt = from == AtomState::Pending ? 0 : 1;
    fact.after.attempt = 1;
    fact.after.state = to;
    return {++seq, fact};
  }
  Fact ends(FlowState state) { return {++seq, FlowFact{FlowState::Running, state, {}, {}, ""}}; }
  bool found_by(void (*check)(const World&, Verdict&), Promise promise, const std::string& what) {
    Verdict verdict;
    check(world, verdict);
    return std::any_of(verdict.violations().begin(), verdict.violations().end(), [&](const auto& violation) {
      return violation.promise == promise && violation.what.find(what) != std::string::npos;
    });
  }

  World world{1, {}, false};
  const JobId job = world.jobs.front().uuid;
  const FlowId flow{world.server_entropy.uuid()};
  const Epoch owners{1, 7};
  engine::PlanPtr plan;
  AtomIndex task = 0;
  std::uint64_t seq = 0;
};

}  // namespace

TEST_CASE_METHOD(Crime, "P1: a lost job, and two ends of one run, are found") {
  CHECK(found_by(check_final_states, Promise::P1, "is lost"));
  ports::ClaimRequest request;
  request.posting = world.jobs.front().posting(1);
  request.lock_czxid = 7;
  REQUIRE(world.database->claim(request, world.loop.wall()).ok());
  CHECK(found_by(check_final_states, Promise::P1, "job-0 run 1 has no final state"));
  step("c1.1", owners, {ends(FlowState::Success), ends(FlowState::Success)});
  CHECK(found_by(check_final_states, Promise::P1, "job-0 run 1 has 2 final states"));
}

TEST_CASE_METHOD(Crime, "P1: who notes that a node has gone while it stands is found") {
  world.evidence.noted.push_back({Micros{5}, job, 1, "/taskflow/jobs/job1", "c1.1"});
  world.evidence.consumed.push_back({Micros{5}, job, 1, "c2.1", true, false, "/taskflow/jobs/job1"});
  CHECK_FALSE(found_by(check_final_states, Promise::P1, "had left the board"));
  world.evidence.consumed.back().at = Micros{6};
  CHECK(found_by(check_final_states, Promise::P1, "c1.1 noted that /taskflow/jobs/job1 of job-0 had left"));
}

TEST_CASE_METHOD(Crime,
                 "P2: an outcome that nobody said, and one that the history does not tell, are found") {
  step("c1.1", owners,
       {becomes(AtomState::Pending, AtomState::Running), becomes(AtomState::Running, AtomState::Success)});
  const Promise its = plan->predecessors(task).size() > 1 ? Promise::P3 : Promise::P2;
  CHECK(found_by(check_outcomes, its, "nobody has said"));
  CHECK(found_by(check_history, Promise::P2, "its history has 0 of 2 states"));
}

TEST_CASE_METHOD(Crime, "P2: code that runs before its delivery is recorded is found") {
  Execution early;
  early.by = "w1.1";
  early.job = job.value;
  early.delivery.flow = flow;
  early.delivery.atom = plan->name(task);
  world.evidence.executions.push_back(early);
  CHECK(found_by(check_outcomes, Promise::P2, "before it was recorded"));
}

TEST_CASE_METHOD(Crime,
                 "P4: an atom that stands in a reverted flow, and what it left in the cloud, are found") {
  world.cloud.create({flow, plan->name(task), 1}, 1, Micros{0});
  step("c1.1", owners,
       {becomes(AtomState::Pending, AtomState::Running), becomes(AtomState::Running, AtomState::Success),
        ends(FlowState::Reverted)});
  CHECK(found_by(check_reverts, Promise::P4, "is SUCCESS in a flow that is REVERTED"));
  step("c1.1", owners, {becomes(AtomState::Success, AtomState::Pending)});
  CHECK(found_by(check_reverts, Promise::P4, "has left something in the cloud"));
}

TEST_CASE_METHOD(Crime, "P2: a step from a state that was never read is found") {
  step("c1.1", owners, {ends(FlowState::Success)});
  CHECK_FALSE(found_by(check_outcomes, Promise::P2, "never read"));
  --seq;
  step("c1.1", owners, {ends(FlowState::Success)});
  CHECK(found_by(check_outcomes, Promise::P2, "records fact 1 behind fact 1"));
}

TEST_CASE_METHOD(Crime, "P2: a delivery that takes the number of the one before is found") {
  auto first = becomes(AtomState::Pending, AtomState::Running),
       again = becomes(AtomState::Running, AtomState::Running);
  for (auto* fact : {&first, &again}) {
    auto& after = std::get<AtomFact>(fact->body).after;
    after.dispatch = 7;
    after.delivery = Delivery{Incarnation(world.server_entropy.uuid()), "w", 1, {}, {}};
  }
  std::get<AtomFact>(again.body).from_dispatch = 7;
  step("c1.1", owners, {first, again});
  CHECK((found_by(check_outcomes, Promise::P2, "got a dispatch number that was used") ||
         found_by(check_outcomes, Promise::P3, "got a dispatch number that was used")));
}

TEST_CASE_METHOD(Crime,
                 "P4: an atom that fails while its worker runs it is found, unless that worker was gone") {
  const Incarnation worker(world.server_entropy.uuid());
  auto starts = becomes(AtomState::Pending, AtomState::Running),
       fails = becomes(AtomState::Running, AtomState::Failure);
  std::get<AtomFact>(starts.body).after.delivery = Delivery{worker, "w1", 1, {}, {}};
  std::get<AtomFact>(fails.body).after.failure = Failure::make("TimedOut", "too late");
  Execution execution;
  execution.by = "w1.1";
  execution.worker = worker;
  execution.delivery = {flow, plan->name(task), Intention::Execute, 1, 0};
  world.evidence.executions.push_back(execution);
  step("c1.1", owners, {starts, fails});
  CHECK(found_by(check_closings, Promise::P4, "is recorded as FAILURE while w1.1 runs it"));
  world.evidence.adverts_gone[worker] = {Micros{0}};
  CHECK_FALSE(found_by(check_closings, Promise::P4, ""));
}

TEST_CASE_METHOD(Crime, "P5: code that is started by a worker whose session is over is found") {
  Execution late;
  late.by = "w1.1";
  late.delivery = {flow, plan->name(task), Intention::Execute, 1, 0};
  world.evidence.executions.push_back(late);
  CHECK_FALSE(found_by(check_fences, Promise::P5, ""));
  world.evidence.executions.back().session_over_for = Millis{4'000};
  CHECK(found_by(check_fences, Promise::P5, "when its session had been over for 4000 ms"));
}

TEST_CASE_METHOD(Crime, "P6: who does not come to rest is found") {
  CHECK_FALSE(found_by(check_waits, Promise::P6, ""));
  world.evidence.waits.push_back("c1.1 does not come to rest");
  CHECK(found_by(check_waits, Promise::P6, "c1.1"));
}

TEST_CASE_METHOD(Crime, "P5: a step of who has lost its claim, and a foreign hand at the board, are found") {
  step("c1.1", owners, {});
  CHECK_FALSE(found_by(check_fences, Promise::P5, ""));
  world.evidence.claims.push_back({3, Micros{0}, "c2.1", job, flow, Epoch{1, 9}, 1});
  world.evidence.last_number = 4;
  world.evidence.steps.push_back({4, Micros{0}, "c1.1", job, flow, owners, 1, {}, {}});
  CHECK(found_by(check_fences, Promise::P5, "c1.1 with"));
  world.evidence.foreign_hands.push_back({"c1.1", "c2.1", "/taskflow/jobs/job1.lock"});
  CHECK(found_by(check_fences, Promise::P5, "c1.1 removed"));
}

TEST_CASE_METHOD(Crime, "P5, H17: who works on with its claim when the database is another one is found") {
  world.evidence.losses = {2};
  step("c1.1", owners, {});  // number 2 or more
  world.evidence.steps.back().number = 3;
  CHECK(found_by(check_fences, Promise::P5, "with its claim e1.7 of the database before"));
  world.evidence.claims.push_back({3, Micros{0}, "c1.1", job, flow, Epoch{2, 1}, 1});
  world.evidence.steps.back().number = 4;
  world.evidence.steps.back().epoch = Epoch{2, 1};
  CHECK_FALSE(found_by(check_fences, Promise::P5, ""));
}

TEST_CASE_METHOD(Crime, "P2, H17: a dispatch number that comes back, and was forgotten, is found") {
  auto starts = becomes(AtomState::Pending, AtomState::Running);
  std::get<AtomFact>(starts.body).after.dispatch = 7;
  step("c1.1", owners, {starts});
  const Promise its = plan->predecessors(task).size() > 1 ? Promise::P3 : Promise::P2;
  CHECK_FALSE(found_by(check_outcomes, its, "got a dispatch number that was used"));
  world.evidence.forgotten = world.evidence.steps;
  world.evidence.steps.back().number = 9;
  CHECK(found_by(check_outcomes, its, "got a dispatch number that was used"));
}

TEST_CASE_METHOD(Crime, "H17: a database that is promoted without its last commits has them no more") {
  ports::ClaimRequest request;
  request.posting = world.jobs.front().posting(1);
  request.board_id = "board";
  request.lock_czxid = 7;
  REQUIRE(world.database->claim(request, world.loop.wall())->epoch == Epoch{1, 7});
  const auto past = world.database->past();
  request.lock_czxid = 9;
  REQUIRE(world.database->claim(request, world.loop.wall())->verdict == ports::ClaimVerdict::Owned);
  step("c1.1", Epoch{1, 9}, {ends(FlowState::Success)});
  world.database->forget_since(*past);
  CHECK(world.evidence.steps.empty());
  CHECK(world.evidence.forgotten.size() == 1);
  CHECK(world.database->forgot_end(job, 1));
  CHECK(world.database->summaries({job})->front().epoch == Epoch{1, 7});
  CHECK(world.database->meet_board("board", 1)->generation == 2);
}

TEST_CASE_METHOD(
    Crime, "P4, H17: a thing that goes is found, unless a revert took it that the database has forgotten") {
  while (!world.script_of(job.value, plan->name(task)).calls) ++task;
  const Cloud::Key thing{flow, plan->name(task), 1};
  const auto missing = [&] {
    return found_by(check_reverts, Promise::P4, plan->name(task) + " is SUCCESS and what it made is not");
  };
  step("c1.1", owners,
       {becomes(AtomState::Pending, AtomState::Running), becomes(AtomState::Running, AtomState::Success),
        ends(FlowState::Success)});
  CHECK(missing());
  world.cloud.create(thing, 1, Micros{0});
  CHECK_FALSE(missing());

  const auto past = world.database->past();
  auto reverts = becomes(AtomState::Success, AtomState::Reverting);
  auto& after = std::get<AtomFact>(reverts.body).after;
  after.dispatch = 2;
  after.delivery = Delivery{Incarnation(world.server_entropy.uuid()), "w1", 1, {}, {}};
  step("c1.1", owners, {reverts});
  world.cloud.remove(thing, 2, Micros{0});
  world.database->forget_since(*past);
  CHECK_FALSE(missing());

  world.cloud.create(thing, 3, Micros{0});
  world.cloud.remove(thing, 4, Micros{0});  // by nobody's record
  CHECK(missing());
}

TEST_CASE_METHOD(Crime, "P1, H17: who acknowledges an order by the record of a forgotten one is found") {
  const auto past = world.database->past();
  const auto record = [&](Micros at) {
    world.evidence.orders.push_back({at, {1, job, 1, {OrderKind::Suspend, "ann", "chance"}, {}, {}, {}}});
  };
  const auto early = [&] { return found_by(check_orders, Promise::P1, "acknowledged before"); };
  record(Micros{0});
  world.evidence.acknowledged = {{Micros{0}, job, 1}};
  CHECK_FALSE(early());
  world.loop.run_for(Millis{1});
  world.database->forget_since(*past);
  CHECK_FALSE(early());

  world.evidence.acknowledged.push_back({Micros{2'000}, job, 1});
  CHECK(early());
  record(Micros{3'000});
  CHECK(early());
  world.evidence.orders.back().at = Micros{2'000};
  CHECK_FALSE(early());
}

TEST_CASE_METHOD(Crime, "P7: a bound that was passed, and what is left at the end, are found") {
  world.evidence.levels["answers"] = {3, 3, 0};
  CHECK_FALSE(found_by(check_bounds, Promise::P7, ""));
  world.evidence.levels["answers"] = {4, 3, 1};
  CHECK(found_by(check_bounds, Promise::P7, "4 answers, the bound is 3"));
  CHECK(found_by(check_bounds, Promise::P7, "1 answers when there was nothing to do"));
}
