#include "tests/contract/store/store_story.h"

using namespace baton;
using namespace baton::test;
using ports::StoreErrorCode;

namespace {

template <class Story>
ports::ClaimOutcome started(Story& story, const std::string& job, std::int64_t zxid = 100) {
  const auto claim = story.owned(story.request(posting(job), zxid, "c1"));
  story.must_append(story.first_step(claim, {flow_fact(1, FlowState::Pending, FlowState::Running),
                                             atom_fact(2, 0, AtomState::Pending, AtomState::Running, 1, 1)}));
  return claim;
}

}  // namespace

TEMPLATE_TEST_CASE("a step is remembered with everything it says", "[contract][store]", MemoryStores,
                   PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto claim = started(story, "job-1");
  auto snapshot = story.load(claim);
  CHECK(snapshot.plan == "the plan");
  CHECK(snapshot.state == FlowState::Running);
  CHECK(snapshot.last_seq == 2);
  REQUIRE(snapshot.atoms.size() == 3);
  REQUIRE(snapshot.atoms[0].delivery);
  CHECK(snapshot.atoms[0].delivery->worker == Incarnation(test_uuid(7, 'w')));
  CHECK(snapshot.atoms[0].delivery->worker_name == "w1");
  CHECK(snapshot.atoms[0].delivery->deliveries == 1);
  CHECK(snapshot.atoms[0].delivery->start_deadline == TimePoint(Micros(1'800'000'000'000'001)));
  CHECK_FALSE(snapshot.atoms[0].delivery->close_deadline);
  CHECK(snapshot.atoms[1].state == AtomState::Pending);

  Fact failed = atom_fact(4, 1, AtomState::Running, AtomState::Failure, 1, 9);
  auto& fact = std::get<AtomFact>(failed.body);
  fact.after.failure = Failure::make("Boom", "it went wrong", Value::parse(R"({"code":7})").value());
  fact.changed = kFailureChanged;
  fact.note = "why not";
  const Value odd_number = Value::parse("[1.0, 1E0, 12345678901234567890, \"\\u00e4\"]").value();
  story.must_append(story.step(claim, {success(3, 0, 1, 1, odd_number)}));
  story.must_append(story.step(claim, {atom_fact(4, 1, AtomState::Pending, AtomState::Running, 1, 1)}));
  std::get<AtomFact>(failed.body).from_dispatch = std::get<AtomFact>(failed.body).after.dispatch = 1;
  failed.seq = 5;
  story.must_append(story.step(claim, {failed}));
  snapshot = story.load(claim);
  CHECK(snapshot.atoms[0].result.json() == odd_number.json());  // byte for byte
  CHECK_FALSE(snapshot.atoms[0].delivery);
  CHECK(snapshot.atoms[0].seq == 3);
  REQUIRE(snapshot.atoms[1].failure);
  CHECK(*snapshot.atoms[1].failure == *fact.after.failure);
  const auto rows = story.history_page("job-1", 0, 100).rows;
  CHECK(rows.back().data.tree().at("note") == "why not");
  CHECK(rows.back().data.tree().at("failure").at("type") == "Boom");
  const auto shown = story.show("job-1");
  CHECK(shown.summary.atoms == 3);
  CHECK(shown.summary.atoms_done == 1);
  CHECK(shown.atoms[0].name == "atom-0");
  CHECK(shown.atoms[0].started_at.has_value());
  CHECK(shown.atoms[0].ended_at.has_value());
  CHECK_FALSE(shown.atoms[2].started_at.has_value());
}

TEMPLATE_TEST_CASE("larger fields are written only where they changed", "[contract][store]", MemoryStores,
                   PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto claim = started(story, "job-1");
  story.must_append(story.step(claim, {success(3, 0, 1, 1, Value::of_number(42))}));
  Fact reverting = atom_fact(4, 0, AtomState::Success, AtomState::Reverting, 1, 1);
  std::get<AtomFact>(reverting.body).after.dispatch = 2;
  std::get<AtomFact>(reverting.body).after.intention = Intention::Revert;
  std::get<AtomFact>(reverting.body).after.result = Value::of_number(13);  // not marked as changed
  story.must_append(story.step(claim, {reverting}));
  CHECK(story.load(claim).atoms[0].result == Value::of_number(42));

  Fact retried = atom_fact(5, 1, AtomState::Pending, AtomState::Success, 0, 0);
  auto& fact = std::get<AtomFact>(retried.body);
  fact.after.history = RetryHistory{
      {Value::of_number(1), {{"atom-0", Failure::make("Boom", "no")}}, TimePoint(Micros(77)), {}}};
  fact.changed = kHistoryChanged;
  story.must_append(story.step(claim, {retried}));
  const auto history = story.load(claim).atoms[1].history;
  REQUIRE(history);
  REQUIRE(history->size() == 1);
  CHECK(history->front().failures.front().second.type == "Boom");
  CHECK(history->front().first_failure_at == TimePoint(Micros(77)));
}

TEMPLATE_TEST_CASE("H29: a repeated step changes nothing and adds no history", "[contract][store]",
                   MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto claim = started(story, "job-1");
  Fact intended = atom_fact(4, 1, AtomState::Pending, AtomState::Pending, 0, 0);
  std::get<AtomFact>(intended.body).after.intention = Intention::Ignore;
  const std::vector<ports::StepWrite> steps{
      story.step(claim, {success(3, 0, 1, 1, Value::of_number(1))}),
      story.step(claim, {intended}),  // neither state nor attempt nor dispatch would tell
      story.step(claim, {{5, RangeFact{1, 2, Intention::Revert, false}}}),
      story.step(claim, {flow_fact(6, FlowState::Running, FlowState::Failure)})};
  for (const auto& step : steps) story.must_append(step);
  const auto history = story.history("job-1");
  CHECK(history ==
        Lines{"RUNNING", "atom-0 RUNNING", "atom-0 SUCCESS", "atom-1 IGNORE", "REVERT", "FAILURE"});
  for (const auto& step : steps) CHECK(story.refused(step) == StoreErrorCode::Conflict);
  CHECK(story.refused(story.first_step(claim, {})) == StoreErrorCode::Conflict);
  CHECK(story.history("job-1") == history);
}

TEMPLATE_TEST_CASE("a step is remembered whole or not at all", "[contract][store]", MemoryStores,
                   PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto claim = started(story, "job-1");
  const auto before = story.history("job-1");
  // The first fact would fit, the second does not.
  CHECK(story.refused(story.step(
            claim, {success(3, 0, 1, 1, Value::of_number(1)), success(4, 1, 1, 1, Value::of_number(2))})) ==
        StoreErrorCode::Conflict);
  CHECK(story.refused(story.step(claim, {success(3, 0, 1, 1, Value::of_number(1)),
                                         flow_fact(4, FlowState::Suspended, FlowState::Success)})) ==
        StoreErrorCode::Conflict);
  const auto snapshot = story.load(claim);
  CHECK(snapshot.atoms[0].state == AtomState::Running);
  CHECK(snapshot.atoms[0].result.is_null());
  CHECK(story.history("job-1") == before);
}

TEMPLATE_TEST_CASE("two facts on one atom in one step are one update and two lines of history",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto claim = started(story, "job-1");
  Fact ran = atom_fact(3, 1, AtomState::Pending, AtomState::Running, 1, 0);
  std::get<AtomFact>(ran.body).from_dispatch = 0;
  std::get<AtomFact>(ran.body).after.delivery.reset();  // a retry runs inside the engine
  story.must_append(story.step(claim, {ran, success(4, 1, 1, 0, Value::of_number(9))}));
  const auto atom = story.load(claim).atoms[1];
  CHECK(atom.state == AtomState::Success);
  CHECK(atom.attempt == 1);
  CHECK(atom.seq == 4);
  CHECK(story.history("job-1") == Lines{"RUNNING", "atom-0 RUNNING", "atom-1 RUNNING", "atom-1 SUCCESS"});
}

TEMPLATE_TEST_CASE("a redelivery is guarded by its dispatch number", "[contract][store]", MemoryStores,
                   PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto claim = started(story, "job-1");
  Fact again = atom_fact(3, 0, AtomState::Running, AtomState::Running, 1, 1, "w2");
  std::get<AtomFact>(again.body).after.dispatch = 2;
  std::get<AtomFact>(again.body).after.delivery.edit().deliveries = 2;
  story.must_append(story.step(claim, {again}));
  CHECK(story.refused(story.step(claim, {success(4, 0, 1, 1, Value::of_number(1))})) ==
        StoreErrorCode::Conflict);
  const auto atom = story.load(claim).atoms[0];
  REQUIRE(atom.delivery);
  CHECK(atom.delivery->worker_name == "w2");
  CHECK(atom.dispatch == 2);
  story.must_append(story.step(claim, {success(5, 0, 1, 2, Value::of_number(1))}));
}

TEMPLATE_TEST_CASE("range facts lie over older rows only", "[contract][store]", MemoryStores, PostgresStores,
                   SqliteStores) {
  StoreStory<TestType> story;
  const auto claim = started(story, "job-1");
  story.must_append(story.step(
      claim, {success(3, 0, 1, 1, Value::of_number(1)), {4, RangeFact{0, 3, Intention::Retry, true}}}));
  Fact newer = atom_fact(5, 1, AtomState::Pending, AtomState::Running, 1, 1);
  story.must_append(story.step(claim, {newer}));
  const auto snapshot = story.load(claim);
  CHECK(snapshot.atoms[0].state == AtomState::Pending);
  CHECK(snapshot.atoms[0].intention == Intention::Retry);
  CHECK(snapshot.atoms[0].attempt == 1);
  CHECK(snapshot.atoms[0].result == Value::of_number(1));
  CHECK(snapshot.atoms[1].state == AtomState::Running);
  CHECK(snapshot.atoms[2].intention == Intention::Retry);
  CHECK(snapshot.last_seq == 5);
  const auto shown = story.show("job-1");
  CHECK(shown.atoms[0].record.state == AtomState::Pending);
  CHECK(shown.summary.atoms_done == 0);
}

TEMPLATE_TEST_CASE("an atom that was reset over a range starts again, in a later step and in the same one",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto claim = started(story, "job-1");
  const Fact again = atom_fact(5, 0, AtomState::Pending, AtomState::Running, 2, 2);
  story.must_append(story.step(claim, {success(3, 0, 1, 1, Value::of_number(1))}));
  CHECK(story.refused(story.step(claim, {again})) == StoreErrorCode::Conflict);  // it is SUCCESS
  story.must_append(story.step(claim, {{4, RangeFact{1, 2, Intention::Execute, true}}}));
  CHECK(story.refused(story.step(claim, {again})) == StoreErrorCode::Conflict);  // others were reset
  story.must_append(story.step(claim, {{6, RangeFact{0, 2, Intention::Execute, true}}}));
  CHECK(story.refused(story.step(claim, {again})) == StoreErrorCode::Conflict);  // older than the reset
  story.must_append(story.step(claim, {atom_fact(7, 0, AtomState::Pending, AtomState::Running, 2, 2)}));
  CHECK(story.load(claim).atoms[0].attempt == 2);

  story.must_append(story.step(claim, {success(8, 0, 2, 2, Value::of_number(2)),
                                       {9, RangeFact{0, 3, Intention::Execute, true}},
                                       atom_fact(10, 0, AtomState::Pending, AtomState::Running, 3, 3)}));
  story.must_append(story.step(claim, {success(11, 0, 3, 3, Value::of_number(3))}));
  story.must_append(story.step(claim, {{12, RangeFact{0, 3, Intention::Execute, true}},
                                       atom_fact(13, 0, AtomState::Pending, AtomState::Running, 4, 4)}));
  const auto atoms = story.load(claim).atoms;
  CHECK(atoms[0].state == AtomState::Running);
  CHECK(atoms[0].attempt == 4);
  CHECK(atoms[0].result == Value::of_number(3));
  CHECK(atoms[1].state == AtomState::Pending);
}

TEMPLATE_TEST_CASE(
    "an atom that a decider ignored over a range is found IGNORE, in a later step and in the same one",
    "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto claim = started(story, "job-1");
  const auto turned = [](std::uint64_t seq, AtomIndex atom, AtomState from, AtomState state) {
    Fact fact = atom_fact(seq, atom, from, state, 0, 0);
    std::get<AtomFact>(fact.body).after.intention = Intention::Revert;
    return fact;
  };
  const auto to_revert = [&](std::uint64_t seq, AtomIndex atom) {
    return turned(seq, atom, AtomState::Ignore, AtomState::Ignore);
  };
  CHECK(story.refused(story.step(claim, {to_revert(4, 2)})) == StoreErrorCode::Conflict);  // it is PENDING
  story.must_append(story.step(claim, {{5, RangeFact{1, 2, Intention::Ignore, false}}}));
  CHECK(story.refused(story.step(claim, {to_revert(4, 2)})) ==
        StoreErrorCode::Conflict);  // older than the no
  const Fact other = atom_fact(6, 0, AtomState::Ignore, AtomState::Ignore, 1, 1);
  CHECK(story.refused(story.step(claim, {other})) == StoreErrorCode::Conflict);  // others were ignored
  story.must_append(story.step(claim, {to_revert(6, 2)}));
  story.must_append(story.step(claim, {{7, RangeFact{1, 2, Intention::Execute, true}}}));
  CHECK(story.refused(story.step(claim, {to_revert(8, 1)})) == StoreErrorCode::Conflict);  // reset since

  story.must_append(story.step(claim, {{9, RangeFact{1, 2, Intention::Ignore, false}},
                                       {10, RangeFact{2, 1, Intention::Revert, false}},
                                       to_revert(11, 1),
                                       turned(12, 1, AtomState::Ignore, AtomState::Pending)}));
  const auto atoms = story.load(claim).atoms;
  CHECK(atoms[0].state == AtomState::Running);
  CHECK(atoms[1].state == AtomState::Pending);
  CHECK(atoms[1].intention == Intention::Revert);
  CHECK(atoms[1].seq == 12);
  CHECK(atoms[2].state == AtomState::Ignore);
}

TEMPLATE_TEST_CASE("atoms are done as ranges have left them: ignored ones are, those that were reset are not",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto claim = started(story, "job-1");
  const auto done = [&] { return story.show("job-1").summary.atoms_done; };
  story.must_append(story.step(claim, {success(4, 0, 1, 1, Value::of_number(1))}));
  CHECK(done() == 1);
  story.must_append(story.step(claim, {{5, RangeFact{1, 2, Intention::Ignore, false}}}));
  CHECK(done() == 3);
  story.must_append(story.step(claim, {{6, RangeFact{0, 2, Intention::Execute, true}}}));
  CHECK(done() == 1);
  story.must_append(story.step(claim, {{7, RangeFact{1, 1, Intention::Ignore, false}}}));
  CHECK(done() == 2);
  story.must_append(story.step(claim, {{8, RangeFact{0, 3, Intention::Revert, false}}}));
  CHECK(done() == 2);  // an intention alone changes no state
  story.must_append(story.step(claim, {flow_fact(9, FlowState::Running, FlowState::Success)}));
  CHECK(done() == 2);
}

TEMPLATE_TEST_CASE("H10: many flows share commits, and one bad value hurts only its own flow",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  std::vector<ports::ClaimOutcome> claims;
  for (int i = 0; i < 20; ++i) claims.push_back(started(story, "job-" + std::to_string(i)));
  story.owned(story.request(posting("job-5"), 200, "c2"));  // this one is lost to another conductor
  std::vector<Answer<void>> answers;
  for (int i = 0; i < 20; ++i) {
    auto step = story.step(claims[static_cast<std::size_t>(i)],
                           {success(3, 0, 1, 1, Value::of_number(i)),
                            atom_fact(4, 1, AtomState::Pending, AtomState::Running, 1, 1)});
    if (i == 3) step.facts[0] = success(3, 0, 9, 9, Value::of_number(i));  // stale
    if (i == 11) {
      step.facts.push_back(atom_fact(5, 2, AtomState::Pending, AtomState::Failure, 0, 0));
      auto& bad = std::get<AtomFact>(step.facts.back().body);
      bad.after.result = Value::from_stored("{\"broken\": ");
      bad.changed = kResultChanged;
    }
    answers.push_back(story.begin_append(std::move(step)));
  }
  for (std::size_t i = 0; i < 20; ++i) {
    const auto outcome = story.wait(answers[i]);
    INFO("flow " << i << (outcome.ok() ? "" : ": " + outcome.error().message));
    CHECK(outcome.ok() == (i != 3 && i != 5 && i != 11));
  }
  CHECK(story.wait(answers[3]).error().code == StoreErrorCode::Conflict);
  CHECK(story.wait(answers[5]).error().code == StoreErrorCode::ClaimLost);
  CHECK(story.wait(answers[11]).error().code == StoreErrorCode::Unstorable);
  CHECK(story.wait(answers[11]).error().guilty == 2);
  CHECK(story.load(claims[4]).atoms[0].state == AtomState::Success);
  CHECK(story.load(claims[11]).atoms[0].state == AtomState::Running);  // nothing of its step
  CHECK(story.history("job-11") == Lines{"RUNNING", "atom-0 RUNNING"});
  CHECK(story.history("job-4").size() == 4);
}

TEMPLATE_TEST_CASE("a flow that is not there is not found", "[contract][store]", MemoryStores, PostgresStores,
                   SqliteStores) {
  StoreStory<TestType> story;
  const FlowId nobody(test_uuid(1, 'x'));
  CHECK(story.try_load(nobody, {1, 1}).error().code == StoreErrorCode::NotFound);
  ports::StepWrite write;
  write.flow = nobody;
  write.epoch = {1, 1};
  write.facts = {flow_fact(1, FlowState::Pending, FlowState::Running)};
  CHECK(story.refused(write) == StoreErrorCode::ClaimLost);
}
