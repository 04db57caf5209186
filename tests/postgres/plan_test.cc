#include "tests/contract/store/store_story.h"
#include "tests/support/own_postgres.h"

using namespace baton;
using namespace baton::test;

namespace {

/// A server of a test's own: what others write at theirs, in whichever database, keeps old rows here.
struct OwnServer {
  OwnPostgres server;
};
struct OwnServerStores : private OwnServer, public PostgresStores {
  OwnServerStores() : PostgresStores(server.conninfo()) {}
};

/// Flows that go through their lives side by side, as many of them in a commit as there is room for.
struct ManyFlows : StoreStory<OwnServerStores> {
  static constexpr int kFlows = 300;
  static constexpr AtomIndex kAtoms = 10;

  void claim_all() {
    std::vector<Answer<ports::ClaimOutcome>> answers(kFlows);
    for (int i = 0; i < kFlows; ++i)
      store->claim(request(posting("job-" + std::to_string(i)), 100 + i, "c1"), answers[i].done());
    for (auto& answer : answers) claims.push_back(wait(answer).value());
  }
  template <class Step>
  void step_all(Step step) {
    std::vector<Answer<void>> answers;
    for (const auto& claim : claims) answers.push_back(begin_append(step(claim)));
    for (auto& answer : answers) REQUIRE(wait(answer).ok());
  }
  void start_all() {
    step_all([this](const ports::ClaimOutcome& claim) {
      std::vector<Fact> facts{flow_fact(1, FlowState::Pending, FlowState::Running)};
      for (AtomIndex atom = 0; atom < kAtoms; ++atom)
        facts.push_back(atom_fact(2 + atom, atom, AtomState::Pending, AtomState::Running, 1, 1));
      return first_step(claim, std::move(facts), kAtoms);
    });
  }
  void end_half(AtomIndex first, bool last) {
    step_all([this, first, last](const ports::ClaimOutcome& claim) {
      std::vector<Fact> facts;
      for (AtomIndex atom = first; atom < first + kAtoms / 2; ++atom)
        facts.push_back(success(100 + atom, atom, 1, 1, Value::parse(R"({"id": "5f3a"})").value()));
      if (last) facts.push_back(flow_fact(200, FlowState::Running, FlowState::Success));
      return step(claim, std::move(facts));
    });
  }
  void remove_all() {
    std::vector<Answer<void>> answers(kFlows);
    for (int i = 0; i < kFlows; ++i)
      store->mark_removed(JobId("job-" + std::to_string(i)), 1, answers[i].done());
    for (auto& answer : answers) REQUIRE(wait(answer).ok());
  }

  std::vector<ports::ClaimOutcome> claims;
};

}  // namespace

TEST_CASE("ends are looked through by an index, a page of them at a time", "[postgres][plan]") {
  StoreStory<PostgresStores> story;
  Psql psql = story.stores.schema().psql();
  psql(
      "insert into jobs (uuid, flow, name, flow_name, priority, run, state, board_path, posting, content, "
      "conductor, posted_at, updated_at, finished_at, removed_at) select 'job-' || n, gen_random_uuid(), "
      "'n', "
      "'f', 2, 1, 2, '/b/jobs/' || n, '{}', '', 'c', now(), now(), now() + n * interval '1 ms', now()"
      " from generate_series(1, 20000) n");
  psql("analyze jobs");
  const auto read = [&] {
    return std::stoi(
        psql("select coalesce(sum(seq_tup_read + idx_tup_fetch), 0) from pg_stat_user_tables"
             " where relid = 'jobs'::regclass"));
  };
  const int before = read();
  Answer<ports::UnnotedPage> answer;
  story.store->unnoted_removals({"/b/jobs/"}, {}, 100, answer.done());
  const auto page = story.wait(answer);
  REQUIRE(page.ok());
  CHECK(page->more);
  CHECK(page->jobs.empty());
  story.store.reset();  // its session tells its statistics as it ends
  REQUIRE(story.stores.run_until([&] { return read() > before; }));
  CHECK(read() - before <= 101);
}

TEST_CASE_METHOD(ManyFlows, "rows that change often change on their page, without a word in any index",
                 "[postgres][plan]") {
  claim_all();
  start_all();
  end_half(0, false);
  end_half(kAtoms / 2, true);
  remove_all();
  store.reset();  // its session tells its statistics as it ends
  Psql psql = stores.schema().psql();
  const std::string updates = std::to_string(2 * kFlows * kAtoms);
  REQUIRE(stores.run_until([&] {
    return psql("select n_tup_upd from pg_stat_user_tables where relid = 'atoms'::regclass") == updates;
  }));
  const auto in_place = [&](const std::string& table) {
    const std::string share =
        psql("select n_tup_hot_upd * 100 / n_tup_upd from pg_stat_user_tables where relid = '" + table +
             "'::regclass");
    INFO(table << " " << share << " %");
    return std::stoi(share);
  };
  CHECK(in_place("atoms") >= 90);
  CHECK(in_place("flows") >= 90);
  CHECK(in_place("jobs") >= 70);  // but for its end, which lists go by
}

TEST_CASE("jobs of a state are found by an index, also where another state has most of them",
          "[postgres][plan]") {
  PostgresSchema schema;
  Psql psql = schema.psql();
  psql(
      "insert into jobs (uuid, flow, name, flow_name, priority, run, state, board_path, posting, content, "
      "conductor,"
      " posted_at, updated_at, finished_at) select 'job-' || n, gen_random_uuid(), 'n', 'f', 2, 1,"
      " case n % 1000 when 0 then 3 when 1 then 1 else 2 end, '/b/jobs/' || n, '{}', '', 'c', now(), now(),"
      " case n % 1000 when 1 then null else now() end from generate_series(1, 20000) n");
  psql("analyze jobs");
  // As a list asks (job_queries.cc), with its parameters known.
  const auto plan_of = [&](const std::string& states) {
    const std::string asked = "'{" + states + "}'::int2[]";
    return psql("explain (format json) select * from jobs j where (cardinality(" + asked +
                ") = 0 or j.ended_state = any(" + asked + ") or (j.ended_state is null and j.state = any(" +
                asked + "))) order by number desc limit 50");
  };
  CHECK_THAT(plan_of("3"), Catch::Contains("jobs_ended"));
  CHECK_THAT(plan_of("1"), Catch::Contains("jobs_at_work"));
  CHECK_THAT(plan_of("1,3"), Catch::Contains("jobs_ended") && Catch::Contains("jobs_at_work"));
  CHECK(psql("select count(*) from jobs where ended_state = 3") == "20");
}

namespace {

/// A new state breaks the build here: it is to be looked at whether `ended_state` has it.
bool is_state(int number) {
  switch (static_cast<FlowState>(number)) {
    case FlowState::Pending:
    case FlowState::Running:
    case FlowState::Success:
    case FlowState::Failure:
    case FlowState::Reverted:
    case FlowState::Suspending:
    case FlowState::Suspended:
    case FlowState::Resuming:
    case FlowState::Cancelled:
    case FlowState::Rejected:
    case FlowState::Trashed:
      return true;
  }
  return false;
}

}  // namespace

TEST_CASE("the index of what has ended has the states that end a run, and no other", "[postgres][plan]") {
  PostgresSchema schema;
  Psql psql = schema.psql();
  for (int state = 0; is_state(state); ++state) {
    const std::string number = std::to_string(state);
    CAPTURE(number);
    psql(
        "insert into jobs (uuid, flow, name, flow_name, priority, run, state, board_path, posting, content, "
        "conductor, posted_at, updated_at) values ('job-" +
        number + "', gen_random_uuid(), 'n', 'f', 2, 1, " + number + ", '/b/jobs/" + number +
        "', '{}', '', 'c', now(), now())");
    const bool ended = is_final(static_cast<FlowState>(state));
    CHECK(psql("select ended_state from jobs where uuid = 'job-" + number + "'") == (ended ? number : ""));
  }
  CHECK(psql("select count(*) from jobs") == "11");
}

TEST_CASE("what was pruned is read only for a job that is not here", "[postgres][plan]") {
  StoreStory<PostgresStores> story;
  Psql psql = story.stores.schema().psql();
  story.owned(story.request(posting("here"), 100, "c1"));
  psql("insert into prunes (before) select now() - n * interval '1 day' from generate_series(1, 100) n");
  const auto reads_of_prunes = [&](const std::string& job) {
    story.store = story.stores.open();
    Answer<ports::JobDetail> detail;
    Answer<ports::HistoryPage> page;
    story.store->show(JobId(job), {}, detail.done());
    story.store->history(JobId(job), 0, 10, page.done());
    const auto shown = story.wait(detail);
    const auto rows = story.wait(page);
    CHECK((shown.ok() ? "there" : shown.error().message) == (rows.ok() ? "there" : rows.error().message));
    if (!shown.ok()) CHECK(shown.error().pruned_before);
    story.store.reset();
    REQUIRE(story.stores.run_until([&] {  // its sessions tell their statistics as they end
      return psql("select count(*) from pg_stat_activity where starts_with(application_name, '" +
                  story.stores.schema().name() + " ')") == "0";
    }));
    return std::stoi(psql("select seq_tup_read from pg_stat_user_tables where relid = 'prunes'::regclass"));
  };
  CHECK(reads_of_prunes("here") == 0);
  CHECK(reads_of_prunes("nowhere") == 200);
}

TEST_CASE("a look for stalled runs reads what has not ended, not what has", "[postgres][plan]") {
  StoreStory<PostgresStores> story;
  Psql psql = story.stores.schema().psql();
  psql(
      "insert into jobs (uuid, flow, name, flow_name, priority, run, state, board_path, posting, content, "
      "conductor, posted_at, updated_at, finished_at) select 'job-' || n, gen_random_uuid(), 'n', 'f', 2, 1,"
      " case n % 1000 when 1 then 1 else 2 end, '/b/jobs/' || n, '{}', '', 'c', now(), now(),"
      " case n % 1000 when 1 then null else now() end from generate_series(1, 20000) n");
  psql("analyze jobs");
  const auto read = [&] {
    return std::stoi(
        psql("select coalesce(sum(seq_tup_read + idx_tup_fetch), 0) from pg_stat_user_tables"
             " where relid = 'jobs'::regclass"));
  };
  const int before = read();
  Answer<ports::StalledPage> answer;
  story.store->hooks()->stalled_jobs(Millis{1'000}, 0, 500, answer.done());
  const auto page = story.wait(answer);
  REQUIRE(page.ok());
  CHECK(page->last > 0);
  CHECK_FALSE(page->more);
  story.store.reset();  // its session tells its statistics as it ends
  REQUIRE(story.stores.run_until([&] { return read() > before; }));
  CHECK(read() - before <= 100);
}

TEST_CASE("steps go through the primary keys, also when their plans were made on empty tables",
          "[postgres][plan]") {
  StoreStory<PostgresStores> story;
  for (int i = 0; i < 30; ++i) {
    const auto claim = story.owned(story.request(posting("job-" + std::to_string(i)), 100 + i, "c1"));
    story.must_append(story.first_step(claim,
                                       {flow_fact(1, FlowState::Pending, FlowState::Running),
                                        atom_fact(2, 0, AtomState::Pending, AtomState::Running, 1, 1)},
                                       50));
    story.must_append(story.step(claim, {success(3, 0, 1, 1, Value::of_number(1)),
                                         flow_fact(4, FlowState::Running, FlowState::Success)}));
  }
  story.store.reset();  // its session tells its statistics as it ends
  Psql psql = story.stores.schema().psql();
  REQUIRE(story.stores.run_until([&] {
    return psql("select n_tup_upd from pg_stat_user_tables where relid = 'atoms'::regclass") == "60";
  }));
  CHECK(psql("select coalesce(string_agg(relname, ' '), '') from pg_stat_user_tables where schemaname = "
             "current_schema() and relname in ('atoms', 'flows', 'jobs', 'plans', 'scopes') and seq_scan > 0 "
             "and "
             "seq_tup_read > 0") == "");
  CHECK(psql("select n_tup_hot_upd * 100 / n_tup_upd > 50 from pg_stat_user_tables where relid = "
             "'atoms'::regclass") == "t");
}
