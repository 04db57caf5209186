#include "tests/contract/store/store_story.h"

using namespace baton;
using namespace baton::test;
using ports::ClaimVerdict;
using ports::StoreErrorCode;

TEMPLATE_TEST_CASE("a first claim makes the job and its flow known", "[contract][store]", MemoryStores,
                   PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto claim = story.owned(story.request(posting("job-1"), 100, "c1"));
  CHECK(claim.epoch == Epoch{1, 100});
  CHECK(claim.run == 1);
  CHECK(claim.state == FlowState::Pending);
  CHECK_FALSE(claim.has_plan);
  CHECK(claim.atoms == 0);
  CHECK(claim.now > TimePoint{});
  const auto snapshot = story.load(claim);
  CHECK(snapshot.flow == claim.flow);
  CHECK(snapshot.epoch == claim.epoch);
  CHECK(snapshot.plan.empty());
  CHECK(snapshot.atoms.empty());
  CHECK(snapshot.last_seq == 0);
  const auto shown = story.show("job-1");
  CHECK(shown.summary.flow == claim.flow);
  CHECK(shown.summary.flow_name == "create-cluster");
  CHECK(shown.summary.conductor == "c1");
  CHECK(shown.posting.raw == posting("job-1").raw);
}

TEMPLATE_TEST_CASE("H1: a later claim takes the flow over, the stale owner is fenced", "[contract][store]",
                   MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto old_claim = story.owned(story.request(posting("job-1"), 100, "c1"));
  story.must_append(
      story.first_step(old_claim, {flow_fact(1, FlowState::Pending, FlowState::Running),
                                   atom_fact(2, 0, AtomState::Pending, AtomState::Running, 1, 1)}));
  const auto claim = story.owned(story.request(posting("job-1"), 101, "c2"));
  CHECK(claim.flow == old_claim.flow);
  CHECK(claim.epoch == Epoch{1, 101});
  CHECK(claim.has_plan);
  CHECK(claim.atoms == story.show("job-1").summary.atoms);
  CHECK(claim.atoms > 0);
  CHECK(claim.state == FlowState::Running);

  CHECK(story.refused(story.step(old_claim, {success(3, 0, 1, 1, Value::of_number(1))})) ==
        StoreErrorCode::ClaimLost);
  CHECK(story.try_load(old_claim.flow, old_claim.epoch).error().code == StoreErrorCode::ClaimLost);
  CHECK(story.history("job-1") == Lines{"RUNNING", "atom-0 RUNNING"});
  CHECK(story.load(claim).atoms[0].state == AtomState::Running);
  CHECK(story.claim(story.request(posting("job-1"), 100, "c1")).value().verdict == ClaimVerdict::Refused);
}

TEMPLATE_TEST_CASE("H2: a claim repeated by its own conductor is owned again", "[contract][store]",
                   MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto once = story.owned(story.request(posting("job-1"), 100, "c1"));
  const auto again = story.owned(story.request(posting("job-1"), 100, "c1"));
  CHECK(once.flow == again.flow);
  CHECK(once.epoch == again.epoch);
  // Two conductors with one zxid (a restored ZooKeeper): only one may own.
  CHECK(story.claim(story.request(posting("job-1"), 100, "c2")).value().verdict == ClaimVerdict::Refused);
}

TEMPLATE_TEST_CASE("another board id raises the generation: its lower zxids are later", "[contract][store]",
                   MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto before = story.owned(story.request(posting("job-1"), 1000, "c1"));
  auto request = story.request(posting("job-1"), 5, "c2");
  request.board_id = "board-2";
  const auto after = story.owned(request);
  CHECK(after.epoch > before.epoch);
  CHECK(after.epoch.lock_czxid == 5);
}

TEMPLATE_TEST_CASE("H14: one uuid on two nodes: the unrecorded one is a duplicate until it takes over",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  story.owned(story.request(posting("job-1"), 100, "c1", "/jobs/a"));
  auto second = story.request(posting("job-1"), 101, "c2", "/jobs/b");
  const auto refused = story.claim(second);
  REQUIRE(refused.ok());
  CHECK(refused.value().verdict == ClaimVerdict::Duplicate);
  CHECK(refused.value().recorded_path == "/jobs/a");
  second.take_over_path = "/jobs/a";
  story.owned(second);
  CHECK(story.show("job-1").summary.board_path == "/jobs/b");
}

TEMPLATE_TEST_CASE("H14: other content under a known uuid is told apart", "[contract][store]", MemoryStores,
                   PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  story.owned(story.request(posting("job-1"), 100, "c1", "/jobs/a"));
  const auto other = story.request(posting("job-1", 1, "delete-cluster"), 101, "c2", "/jobs/b");
  CHECK(story.claim(other).value().verdict == ClaimVerdict::OtherContent);
  Answer<void> recorded;
  story.store->record_refused(other, {FlowState::Trashed, Failure::make("Trashed", "other content")},
                              recorded.done());
  CHECK(story.wait(recorded).ok());
  CHECK(story.show("job-1").summary.state == FlowState::Pending);  // the first one is untouched
}

TEMPLATE_TEST_CASE("H31: an ended run is only removed, a higher run starts anew with its attempts kept",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto first = story.owned(story.request(posting("job-1"), 100, "c1"));
  CHECK(story.claim(story.request(posting("job-1", 2), 101, "c2")).value().verdict == ClaimVerdict::Refused);
  story.must_append(story.first_step(first, {flow_fact(1, FlowState::Pending, FlowState::Running),
                                             atom_fact(2, 0, AtomState::Pending, AtomState::Running, 1, 1)}));
  story.must_append(story.step(first, {success(3, 0, 1, 1, Value::of_number(5)),
                                       flow_fact(4, FlowState::Running, FlowState::Success)}));
  CHECK(story.show("job-1").summary.finished_at.has_value());
  CHECK(story.show("job-1").summary.atoms_done == 1);
  CHECK(story.claim(story.request(posting("job-1"), 102, "c2")).value().verdict ==
        ClaimVerdict::AlreadyFinal);

  const auto rerun = story.owned(story.request(posting("job-1", 2), 103, "c2"));
  CHECK(rerun.flow == first.flow);
  CHECK(rerun.run == 2);
  CHECK(rerun.state == FlowState::Pending);
  CHECK(rerun.has_plan);
  CHECK_FALSE(story.show("job-1").summary.finished_at.has_value());
  const auto snapshot = story.load(rerun);
  CHECK(snapshot.run == 2);
  CHECK(snapshot.atoms[0].attempt == 1);
  CHECK(snapshot.last_seq == 4);
  CHECK(story.claim(story.request(posting("job-1", 1), 104, "c1")).value().verdict ==
        ClaimVerdict::AlreadyFinal);
}

/// Nothing is pruned; what may be is told by removed_at.
TEMPLATE_TEST_CASE(
    "H32: a job that has ended is known as ended, before its node has left the board and after",
    "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto claim = story.owned(story.request(posting("job-1"), 100, "c1"));
  story.must_append(story.first_step(claim, {flow_fact(1, FlowState::Pending, FlowState::Running)}));
  story.must_append(story.step(claim, {flow_fact(2, FlowState::Running, FlowState::Success)}));
  auto next_claim = [&, zxid = 101]() mutable {
    const auto again = story.claim(story.request(posting("job-1"), zxid++, "c2"));
    REQUIRE(again.ok());
    return again.value().verdict;
  };
  CHECK(next_claim() == ClaimVerdict::AlreadyFinal);
  story.store = story.stores.open();  // of a program that is started anew
  CHECK(next_claim() == ClaimVerdict::AlreadyFinal);
  Answer<void> removed;
  story.store->mark_removed(JobId("job-1"), 1, removed.done());
  CHECK(story.wait(removed).ok());
  CHECK(next_claim() == ClaimVerdict::AlreadyFinal);
  CHECK(story.show("job-1").summary.state == FlowState::Success);
  CHECK(story.history("job-1") == Lines{"RUNNING", "SUCCESS"});
}

TEMPLATE_TEST_CASE("a refused job has ended with its reason", "[contract][store]", MemoryStores,
                   PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto request = story.request(posting("job-1"), 100, "c1");
  const auto claim = story.owned(request);
  Answer<void> recorded;
  story.store->record_refused(request, {FlowState::Rejected, Failure::make("Rejected", "no such parameter")},
                              recorded.done());
  CHECK(story.wait(recorded).ok());
  const auto shown = story.show("job-1").summary;
  CHECK(shown.state == FlowState::Rejected);
  REQUIRE(shown.failure);
  CHECK(shown.failure->message == "no such parameter");
  CHECK(story.history("job-1") == Lines{"REJECTED"});
  CHECK(story.claim(story.request(posting("job-1"), 101, "c2")).value().verdict ==
        ClaimVerdict::AlreadyFinal);

  // Never claimed before, and by a conductor that was overtaken.
  Answer<void> unknown, late;
  story.store->record_refused(story.request(posting("job-2"), 102, "c1"),
                              {FlowState::Rejected, Failure::make("Rejected", "no")}, unknown.done());
  CHECK(story.wait(unknown).ok());
  CHECK(story.show("job-2").summary.state == FlowState::Rejected);
  story.owned(story.request(posting("job-3"), 104, "c2"));
  story.store->record_refused(story.request(posting("job-3"), 103, "c1"),
                              {FlowState::Rejected, Failure::make("Rejected", "no")}, late.done());
  CHECK(story.wait(late).error().code == StoreErrorCode::ClaimLost);
  CHECK(story.show("job-3").summary.state == FlowState::Pending);
}

/// Without a plan nothing of the earlier run stands behind the later one.
TEMPLATE_TEST_CASE("a later run of other content, after a refusal, is that content from then on",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto details = Value::parse(R"({"flow_file": {"name": "deploy", "version": 7}, "flow": {}})");
  const auto first =
      Posting::make(JobId("job-1"), "mine", Priority::Normal, details.value(), std::nullopt, 1).value();
  Answer<void> recorded;
  story.store->record_refused(story.request(first, 100, "c1"),
                              {FlowState::Rejected, Failure::make("Rejected", "no such parameter")},
                              recorded.done());
  REQUIRE(story.wait(recorded).ok());
  CHECK(story.show("job-1").summary.flow_version == 7);
  const auto other = posting("job-1", 2, "delete-cluster", "yours");
  story.owned(story.request(other, 101, "c1"));
  const auto shown = story.show("job-1").summary;
  CHECK(shown.name == "yours");
  CHECK(shown.flow_name == "delete-cluster");
  CHECK(shown.flow_version == 0);
  story.owned(story.request(other, 102, "c2"));  // a take-over
}

TEMPLATE_TEST_CASE("unreadable nodes and removals are remembered, again and again", "[contract][store]",
                   MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  story.owned(story.request(posting("job-1"), 100, "c1"));
  for (int twice = 0; twice < 2; ++twice) {
    Answer<void> unreadable, removed, unknown;
    story.store->record_unreadable("/jobs/x", "it is no JSON", unreadable.done());
    story.store->mark_removed(JobId("job-1"), 1, removed.done());
    story.store->mark_removed(JobId("nobody"), 1, unknown.done());
    CHECK(story.wait(unreadable).ok());
    CHECK(story.wait(removed).ok());
    CHECK(story.wait(unknown).ok());
  }
}

TEMPLATE_TEST_CASE("more removals than share a commit are all remembered, without waiting for other work",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  std::vector<Answer<void>> answers(450);
  for (std::size_t i = 0; i < answers.size(); ++i)
    story.store->mark_removed(JobId("job-" + std::to_string(i)), 1, answers[i].done());
  for (const auto& answer : answers) CHECK(story.wait(answer).ok());
}

TEMPLATE_TEST_CASE("many claims at once are judged one by one", "[contract][store]", MemoryStores,
                   PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  story.owned(story.request(posting("job-7"), 1000, "c2"));
  std::vector<Answer<ports::ClaimOutcome>> answers(300);
  for (std::size_t i = 0; i < answers.size(); ++i)
    story.store->claim(story.request(posting("job-" + std::to_string(i)), 100, "c1"), answers[i].done());
  Answer<ports::ClaimOutcome> twin;
  story.store->claim(story.request(posting("job-3"), 101, "c1", "/jobs/twin"), twin.done());
  std::map<FlowId, int> flows;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const auto outcome = story.wait(answers[i]);
    REQUIRE(outcome.ok());
    CHECK(outcome.value().verdict == (i == 7 ? ClaimVerdict::Refused : ClaimVerdict::Owned));
    ++flows[outcome.value().flow];
  }
  CHECK(flows.size() == answers.size());
  CHECK(story.wait(twin).value().verdict == ClaimVerdict::Duplicate);
}
