#include "tests/contract/store/store_story.h"

using namespace baton;
using namespace baton::test;
using ports::StoreErrorCode;

TEMPLATE_TEST_CASE("jobs are listed newest first, page by page, filtered", "[contract][store]", MemoryStores,
                   PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  for (int i = 0; i < 7; ++i) {
    const std::string uuid = "job-" + std::to_string(i);
    const auto job = posting(uuid, 1, i % 2 ? "odd" : "even", i < 3 ? "early" : "late");
    const auto claim = story.owned(story.request(job, 100 + i, "c1"));
    if (i == 4)
      story.must_append(story.first_step(claim, {flow_fact(1, FlowState::Pending, FlowState::Running)}));
  }
  Lines seen;
  ports::JobFilter filter;
  filter.limit = 3;
  int pages = 0;
  do {
    const auto page = story.list(filter);
    for (const auto& job : page.jobs) seen.push_back(job.uuid.value);
    filter.after = page.next;
    ++pages;
  } while (!filter.after.empty());
  CHECK(pages == 3);
  CHECK(seen == Lines{"job-6", "job-5", "job-4", "job-3", "job-2", "job-1", "job-0"});

  const auto names = [&](ports::JobFilter wanted) {
    Lines uuids;
    for (const auto& job : story.list(wanted).jobs) uuids.push_back(job.uuid.value);
    return uuids;
  };
  ports::JobFilter running, early, odd;
  running.states = {FlowState::Running};
  early.name_prefix = "ear";
  odd.flow_name = "odd";
  CHECK(names(running) == Lines{"job-4"});
  CHECK(names(early) == Lines{"job-2", "job-1", "job-0"});
  CHECK(names(odd) == Lines{"job-5", "job-3", "job-1"});
  ports::JobFilter either, nobodys, c1;
  either.states = {FlowState::Running, FlowState::Success};
  nobodys.conductor = "c2";
  c1.conductor = "c1";
  CHECK(names(either) == Lines{"job-4"});
  CHECK(names(nobodys).empty());
  CHECK(names(c1).size() == 7);

  for (const std::string cursor : {"x1", "1x", "-", "-5", "99999999999999999999"}) {
    CAPTURE(cursor);
    ports::JobFilter nonsense;
    nonsense.after = cursor;
    Answer<ports::JobPage> refused;
    story.store->list(nonsense, refused.done());
    const auto answer = story.wait(refused);
    REQUIRE_FALSE(answer.ok());
    CHECK(answer.error().code == ports::StoreErrorCode::NotFound);
  }
}

TEMPLATE_TEST_CASE("jobs are filtered by priority and by when they were posted", "[contract][store]",
                   MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto day = [](int number) { return TimePoint(std::chrono::days(20'000 + number)); };
  constexpr std::array kPriorities{Priority::Low, Priority::High, Priority::Normal, Priority::High};
  for (int i = 0; i < 4; ++i) {
    const std::string uuid = "job-" + std::to_string(i);
    const auto job = Posting::make(JobId(uuid), "n", kPriorities[static_cast<std::size_t>(i)],
                                   Value::from_stored(R"({"factory":{"name":"f"}})"));
    auto request = story.request(job.value(), 100 + i, "c1");
    request.posted_at = day(i);
    story.owned(request);
  }
  const auto names = [&](const ports::JobFilter& wanted) {
    Lines uuids;
    for (const auto& job : story.list(wanted).jobs) uuids.push_back(job.uuid.value);
    return uuids;
  };
  ports::JobFilter high, low_or_normal, since, until, between;
  high.priorities = {Priority::High};
  low_or_normal.priorities = {Priority::Normal, Priority::Low};
  since.posted_since = day(2);
  until.posted_until = day(2);
  between.posted_since = day(1);
  between.posted_until = day(3);
  between.priorities = {Priority::High};
  CHECK(names(high) == Lines{"job-3", "job-1"});
  CHECK(names(low_or_normal) == Lines{"job-2", "job-0"});
  CHECK(names(since) == Lines{"job-3", "job-2"});
  CHECK(names(until) == Lines{"job-1", "job-0"});
  CHECK(names(between) == Lines{"job-1"});
}

TEMPLATE_TEST_CASE("nodes that stand for no job are told with the reason, the last path first",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto trash = [&](const std::string& path, const std::string& why) {
    Answer<void> answer;
    story.store->record_unreadable(path, why, answer.done());
    REQUIRE(story.wait(answer).ok());
  };
  const auto page = [&](const std::string& before, std::uint32_t limit) {
    Answer<ports::TrashedPage> answer;
    story.store->trashed_nodes(before, limit, answer.done());
    const auto outcome = story.wait(answer);
    REQUIRE(outcome.ok());
    return outcome.value();
  };
  const auto paths = [](const ports::TrashedPage& of) {
    Lines found;
    for (const auto& node : of.nodes) found.push_back(node.board_path);
    return found;
  };
  CHECK(page("", 10).nodes.empty());
  for (const auto* path : {"/a/jobs/job2", "/a/jobs/job10", "/B/jobs/job1"}) trash(path, "it is not JSON");
  trash("/a/jobs/job2", "it has no uuid");
  const auto all = page("", 3);
  CHECK(paths(all) == Lines{"/a/jobs/job2", "/a/jobs/job10", "/B/jobs/job1"});  // bytewise
  CHECK(all.nodes[0].why == "it has no uuid");
  CHECK(all.nodes[0].seen_at != TimePoint{});
  CHECK_FALSE(all.more);
  CHECK(page("", 2).more);
  const auto rest = page("/a/jobs/job2", 1);
  CHECK(paths(rest) == Lines{"/a/jobs/job10"});
  CHECK(rest.more);
  CHECK(paths(page("/a/jobs/job10", 5)) == Lines{"/B/jobs/job1"});

  story.owned(story.request(posting("job-1"), 100, "c1"));
  Answer<void> other;
  story.store->record_refused(story.request(posting("job-1", 1, "another-flow"), 101, "c1", "/a/jobs/job3"),
                              {FlowState::Trashed, Failure::make("OtherContent", "known otherwise")},
                              other.done());
  REQUIRE(story.wait(other).ok());
  CHECK(page("", 1).nodes.at(0).board_path == "/a/jobs/job3");
  CHECK(page("", 1).nodes.at(0).why == "known otherwise");
}

TEMPLATE_TEST_CASE("summaries answer for the known ones", "[contract][store]", MemoryStores, PostgresStores,
                   SqliteStores) {
  StoreStory<TestType> story;
  story.owned(story.request(posting("job-1"), 100, "c1"));
  story.owned(story.request(posting("job-2"), 101, "c1"));
  Answer<std::vector<ports::JobSummary>> answer;
  story.store->summaries({JobId("job-2"), JobId("nobody")}, answer.done());
  const auto found = story.wait(answer);
  REQUIRE(found.ok());
  REQUIRE(found.value().size() == 1);
  CHECK(found.value()[0].uuid == JobId("job-2"));
  CHECK(found.value()[0].epoch == Epoch{1, 101});
}

TEMPLATE_TEST_CASE("a delivery is settled when its outcome is recorded or a later one was made",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto claim = story.owned(story.request(posting("job-1"), 100, "c1"));
  story.must_append(story.first_step(claim, {atom_fact(1, 0, AtomState::Pending, AtomState::Running, 1, 1),
                                             atom_fact(2, 1, AtomState::Pending, AtomState::Running, 1, 1)}));
  using Refs = std::vector<ports::DeliveryRef>;
  const ports::DeliveryRef first{claim.flow, "atom-0", 1}, second{claim.flow, "atom-1", 1};
  const ports::DeliveryRef unknown{FlowId(test_uuid(99, 'f')), "atom-0", 1};
  const auto settled = [&](const Refs& asked) {
    Answer<Refs> answer;
    story.store->settled(asked, answer.done());
    const auto told = story.wait(answer);
    REQUIRE(told.ok());
    return told.value();
  };
  CHECK(settled({first, second, unknown}) == Refs{unknown});
  story.must_append(story.step(claim, {success(3, 0, 1, 1, Value::of_number(7))}));
  CHECK(settled({first, second}) == Refs{first});
  Fact again = atom_fact(4, 1, AtomState::Running, AtomState::Running, 1, 2);
  std::get<AtomFact>(again.body).from_dispatch = 1;
  story.must_append(story.step(claim, {again}));
  CHECK(settled({first, second}) == Refs{first, second});
  const ports::DeliveryRef third{claim.flow, "atom-1", 2}, lost{claim.flow, "atom-1", 3};
  CHECK(settled({third, lost}).empty());  // nobody knows of the last: its commit was lost with a database
  CHECK(settled({}).empty());
  story.must_append(story.step(claim, {flow_fact(5, FlowState::Pending, FlowState::Running),
                                       flow_fact(6, FlowState::Running, FlowState::Reverted)}));
  CHECK(settled({third, lost}) == Refs{third, lost});
}

TEMPLATE_TEST_CASE("history comes page by page, also of all jobs", "[contract][store]", MemoryStores,
                   PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto claim = story.owned(story.request(posting("job-1"), 100, "c1"));
  const auto other = story.owned(story.request(posting("job-2"), 101, "c1"));
  for (const auto& one : {claim, other})
    story.must_append(story.first_step(one, {flow_fact(1, FlowState::Pending, FlowState::Running),
                                             atom_fact(2, 0, AtomState::Pending, AtomState::Running, 1, 1),
                                             atom_fact(3, 1, AtomState::Pending, AtomState::Running, 1, 1)}));
  std::vector<ports::HistoryRow> rows;
  bool more = true;
  while (more) {
    const auto page = story.history_page("job-1", rows.empty() ? 0 : rows.back().id, 2);
    REQUIRE_FALSE(page.rows.empty());
    rows.insert(rows.end(), page.rows.begin(), page.rows.end());
    more = page.more;
  }
  REQUIRE(rows.size() == 4);  // the claim is told too
  REQUIRE(rows[0].claim);
  CHECK(rows[0].claim->conductor == "c1");
  CHECK(rows[0].claim->epoch == claim.epoch);
  CHECK(rows[0].state.empty());
  CHECK(rows[2].atom == "atom-0");
  CHECK(rows[2].state == "RUNNING");
  CHECK(rows[2].intention == "EXECUTE");
  CHECK(rows[2].worker == "w1");
  CHECK(rows[2].attempt == 1);
  CHECK(rows[2].dispatch == 1);
  CHECK(rows[2].seq == 2);

  const auto events = [&](std::uint64_t after, std::uint32_t limit) {
    Answer<ports::EventPage> answer;
    story.store->events(after, limit, answer.done());
    const auto page = story.wait(answer);
    REQUIRE(page.ok());
    return page.value();
  };
  const auto all = events(0, 100);
  CHECK(all.rows.size() == 8);
  CHECK(all.last_id == all.rows.back().row.id);
  CHECK_FALSE(all.more);
  CHECK(all.rows.back().job == JobId("job-2"));
  CHECK(events(0, 5).more);
  CHECK(events(0, 5).rows.size() == 5);
  const auto now = events(ports::kFromNow, 5);
  CHECK(now.rows.empty());
  CHECK(now.last_id == all.last_id);
}

TEMPLATE_TEST_CASE("history tells ranges by the names of their atoms, and plans without a new state",
                   "[contract][store]", MemoryStores, PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  const auto claim = story.owned(story.request(posting("job-1"), 100, "c1"));
  Fact planned = atom_fact(5, 2, AtomState::Pending, AtomState::Pending, 0, 0);
  std::get<AtomFact>(planned.body).after.intention = Intention::Revert;
  story.must_append(story.first_step(claim, {flow_fact(1, FlowState::Pending, FlowState::Running),
                                             atom_fact(2, 0, AtomState::Pending, AtomState::Running, 1, 1)}));
  story.must_append(
      story.step(claim, {success(3, 0, 1, 1, Value::parse(R"({"first": 1, "count": 2})").value()),
                         {4, RangeFact{0, 2, Intention::Execute, true}},
                         planned,
                         {6, RangeFact{1, 2, Intention::Revert, false}}}));
  const auto rows = story.history_page("job-1", 0, 100).rows;
  REQUIRE(rows.size() == 7);
  CHECK_FALSE(rows[3].range);  // a result may look like one
  CHECK(rows[3].data.tree().at("result").at("count") == 2);
  REQUIRE(rows[4].range);
  CHECK(rows[4].range->first == "atom-0");
  CHECK(rows[4].range->last == "atom-1");
  CHECK(rows[4].range->atoms == 2);
  CHECK(rows[4].range->reset);
  CHECK(rows[4].intention == "EXECUTE");
  CHECK(rows[4].state.empty());  // the flow's own states stand where there is no atom
  CHECK(rows[4].data.is_null());
  CHECK(rows[5].atom == "atom-2");
  CHECK(rows[5].state.empty());
  CHECK(rows[5].intention == "REVERT");
  REQUIRE(rows[6].range);
  CHECK(rows[6].range->last == "atom-2");
  CHECK_FALSE(rows[6].range->reset);
}

TEMPLATE_TEST_CASE("an unknown job is not found", "[contract][store]", MemoryStores, PostgresStores,
                   SqliteStores) {
  StoreStory<TestType> story;
  Answer<ports::JobDetail> detail;
  Answer<ports::HistoryPage> history;
  story.store->show(JobId("nobody"), {}, detail.done());
  story.store->history(JobId("nobody"), 0, 10, history.done());
  CHECK(story.wait(detail).error().code == StoreErrorCode::NotFound);
  CHECK(story.wait(history).error().code == StoreErrorCode::NotFound);
}

TEMPLATE_TEST_CASE("a store that fits says so", "[contract][store]", MemoryStores, PostgresStores,
                   SqliteStores) {
  StoreStory<TestType> story;
  Answer<void> answer;
  story.store->check(answer.done());
  const auto outcome = story.wait(answer);
  INFO((outcome.ok() ? "" : outcome.error().message));
  CHECK(outcome.ok());
}

TEMPLATE_TEST_CASE("a store may end while much is under way", "[contract][store]", MemoryStores,
                   PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  std::vector<Answer<ports::ClaimOutcome>> answers(50);
  for (std::size_t i = 0; i < answers.size(); ++i)
    story.store->claim(story.request(posting("job-" + std::to_string(i)), 100, "c1"), answers[i].done());
  Answer<ports::JobPage> page;
  story.store->list({}, page.done());
  story.store.reset();
  story.store = story.stores.open();
  story.owned(story.request(posting("another"), 100, "c1"));
  for (const auto& answer : answers) CHECK_FALSE(answer.there());
  CHECK_FALSE(page.there());
}

TEMPLATE_TEST_CASE("a store may be ended by one of its own callbacks", "[contract][store]", MemoryStores,
                   PostgresStores, SqliteStores) {
  StoreStory<TestType> story;
  int called = 0;
  for (int i = 0; i < 5; ++i)
    story.store->claim(story.request(posting("job-" + std::to_string(i)), 100, "c1"),
                       [&](const Result<ports::ClaimOutcome, ports::StoreError>&) {
                         ++called;
                         story.store.reset();
                       });
  REQUIRE(story.stores.run_until([&] { return called > 0; }));
  story.store = story.stores.open();
  story.owned(story.request(posting("another"), 100, "c1"));
  CHECK(called == 1);
}
