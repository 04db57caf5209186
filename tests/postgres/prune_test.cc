#include "common/postgres/pruner.h"

#include <future>

#include "common/postgres/portion.h"
#include "tests/contract/store/store_story.h"

using namespace baton;
using namespace baton::test;
using Catch::Contains;
using namespace std::chrono_literals;

namespace {

/// Jobs that ended, or did not, in weeks that are long over; each with two atoms.
struct PruneStory : StoreStory<PostgresStores> {
  PruneStory() : psql(stores.schema().psql()) {}

  void begin(const std::string& job) {
    claims[job] = owned(request(posting(job), ++zxid, "c1"));
    must_append(first_step(claims[job],
                           {flow_fact(1, FlowState::Pending, FlowState::Running),
                            atom_fact(2, 0, AtomState::Pending, AtomState::Running, 1, 1)},
                           2));
  }
  void end(const std::string& job, std::vector<ports::NewHookCall> calls = {}) {
    auto last = step(claims[job], {success(3, 0, 1, 1, Value::of_number(1)),
                                   flow_fact(4, FlowState::Running, FlowState::Success)});
    last.hook_calls = std::move(calls);
    must_append(last);
    Answer<void> removed;
    store->mark_removed(JobId(job), 1, removed.done());
    REQUIRE(wait(removed).ok());
  }
  void ended(const std::string& job) {
    begin(job);
    end(job);
  }
  /// The partition of the week so many weeks ago.
  std::string week(int ago) {
    return psql("select 'history_' || to_char(date_trunc('week', now() at time zone 'UTC') - " +
                std::to_string(ago) + " * interval '7 days', 'YYYYMMDD')");
  }
  void make_week(int ago) {
    const std::string part = week(ago),
                      start = "to_date('" + part.substr(8) + "', 'YYYYMMDD')::timestamp at time zone 'UTC'";
    psql("create table " + part + " (like history including defaults)");
    psql("alter table history attach partition " + part + " for values from ('" + psql("select " + start) +
         "') to ('" + psql("select " + start + " + interval '7 days'") + "')");
  }
  /// As if it had all happened then, its end too.
  void happened(const std::string& job, int weeks_ago) {
    const std::string then = " - " + std::to_string(weeks_ago) + " * interval '7 days'";
    psql("update history set at = at" + then + " where flow = '" + claims[job].flow.value.to_string() + "'");
    psql("update jobs set finished_at = finished_at" + then + " where uuid = '" + job + "'");
  }
  std::future<Result<postgres::PruneOutcome, ports::StoreError>> prune_beside() {
    return std::async(std::launch::async,
                      [conninfo = stores.schema().conninfo(), schema = stores.schema().name()] {
                        return postgres::prune({conninfo, schema, 14 * 24h, false});
                      });
  }
  /// By a session that ends, so that its part of the statistics has been told.
  void prepare(const std::vector<std::string>& statements) {
    std::string pid;
    {
      Psql other = stores.schema().psql();
      pid = other("select pg_backend_pid()");
      for (const auto& statement : statements) other(statement);
    }
    REQUIRE(stores.run_until(
        [&] { return psql("select count(*) from pg_stat_activity where pid = " + pid) == "0"; }));
  }
  /// The prune of this schema has been refused a lock, and waits before it tries again.
  void until_it_waits(const std::string& last_query) {
    REQUIRE(stores.run_until([&] {
      return psql(
                 "select count(*) from pg_stat_activity where application_name = 'baton admin prune' and "
                 "state like 'idle%' and starts_with(query, '" +
                 last_query + "')") != "0";
    }));
  }
  postgres::PruneOutcome prune(bool dry_run = false, std::chrono::seconds older_than = 14 * 24h) {
    const auto outcome =
        postgres::prune({stores.schema().conninfo(), stores.schema().name(), older_than, dry_run});
    INFO((outcome.ok() ? "" : outcome.error().message));
    REQUIRE(outcome.ok());
    return outcome.value();
  }
  std::string count(const std::string& table, const std::string& job) {
    return psql("select count(*) from " + table + " where flow = '" + claims[job].flow.value.to_string() +
                "'");
  }
  bool is_there(const std::string& part) {
    return psql("select to_regclass('" + part + "') is not null") == "t";
  }
  std::optional<TimePoint> told_pruned(const std::string& job) {
    Answer<ports::HistoryPage> answer;
    store->history(JobId(job), 0, 10, answer.done());
    const auto page = wait(answer);
    REQUIRE_FALSE(page.ok());
    CHECK(page.error().code == ports::StoreErrorCode::NotFound);
    return page.error().pruned_before;
  }

  Psql psql;
  std::map<std::string, ports::ClaimOutcome> claims;
  std::int64_t zxid = 100;
};

}  // namespace

TEST_CASE_METHOD(PruneStory, "what ended long ago goes with its week of history, what ended lately stays",
                 "[postgres][prune]") {
  make_week(4);
  ended("old");
  ended("new");
  happened("old", 4);
  const auto outcome = prune();
  CHECK(outcome.jobs == 1);
  CHECK(outcome.atoms == 2);
  REQUIRE(outcome.partitions.size() == 1);
  CHECK(outcome.partitions[0].name == week(4));
  CHECK(outcome.partitions[0].rows == 5);  // the claim too
  CHECK(outcome.partitions[0].bytes > 0);
  CHECK_FALSE(outcome.partitions[0].busy);
  CHECK_FALSE(is_there(week(4)));
  for (const std::string table : {"history", "atoms", "plans", "jobs"}) CHECK(count(table, "old") == "0");
  CHECK(psql("select count(*) from pruned_flows") == "0");
  CHECK(history("new").size() == 4);
  CHECK(show("new").atoms.size() == 2);
}

TEST_CASE_METHOD(PruneStory, "a dry run counts the same and removes nothing", "[postgres][prune]") {
  make_week(4);
  ended("old");
  begin("at-work");
  happened("old", 4);
  const auto counted = prune(true);
  CHECK(counted.jobs == 1);
  CHECK(counted.atoms == 2);
  REQUIRE(counted.partitions.size() == 1);
  CHECK(counted.partitions[0].kept_for.empty());
  CHECK(counted.partitions[0].rows == 5);
  CHECK(is_there(week(4)));
  CHECK(history("old").size() == 4);
  CHECK(psql("select count(*) from prunes") == "0");
  const auto done = prune();
  CHECK(done.jobs == counted.jobs);
  CHECK(done.partitions[0].rows == counted.partitions[0].rows);
}

TEST_CASE_METHOD(PruneStory,
                 "the history of a job that has not ended keeps its week, without the rows of the others",
                 "[postgres][prune]") {
  make_week(4);
  ended("old");
  begin("at-work");
  happened("old", 4);
  happened("at-work", 4);
  const auto counted = prune(true);
  REQUIRE(counted.partitions.size() == 1);
  CHECK(counted.partitions[0].kept_for == "at-work");
  CHECK(counted.partitions[0].pruned_rows == 5);
  CHECK(count("history", "old") == "5");
  const auto outcome = prune();
  REQUIRE(outcome.partitions.size() == 1);
  CHECK(outcome.partitions[0].kept_for == "at-work");
  CHECK(outcome.partitions[0].pruned_rows == 5);
  CHECK(is_there(week(4)));
  CHECK(count("history", "old") == "0");
  CHECK(history("at-work").size() == 2);
  end("at-work");
  CHECK(history("at-work").size() == 4);
  happened("at-work", 4);  // its last rows go to the default partition, or to this week's
  CHECK(prune().jobs == 1);
  CHECK_FALSE(is_there(week(4)));
}

TEST_CASE_METHOD(PruneStory,
                 "H32: a job with an open order, or whose node may still be on the board, is not pruned",
                 "[postgres][prune]") {
  ended("asked");
  ended("noded");
  for (const std::string job : {"asked", "noded"}) happened(job, 4);
  psql("update jobs set removed_at = null where uuid = 'noded'");
  Answer<ports::OrderOutcome> order;
  ports::OrderRequest request;
  request.job = JobId("asked");
  request.order = {OrderKind::Rerun, "ann", "again", false, {}, {}};
  store->order(request, order.done());
  REQUIRE(wait(order)->verdict == ports::OrderVerdict::Recorded);
  const auto outcome = prune();
  CHECK(outcome.jobs == 0);
  CHECK(outcome.on_board.jobs == 1);
  CHECK(outcome.on_board.first == "noded");
  CHECK(outcome.for_order.jobs == 1);
  CHECK(outcome.for_order.first == "asked");
  CHECK(outcome.for_call.jobs == 0);
  CHECK(history("asked").size() == 4);
  CHECK(history("noded").size() == 4);
}

TEST_CASE_METHOD(
    PruneStory,
    "a job with a call of a hook that is still to be made stays, calls that are over go with theirs",
    "[postgres][prune]") {
  const auto about = Value::from_stored(R"({"state": "SUCCESS"})");
  for (const std::string job : {"called", "given-up", "to-call"}) {
    begin(job);
    end(job, {{"page", ports::HookEvent::Succeeded, about}});
    happened(job, 4);
  }
  psql("update hook_calls set state = 1 where job = 'called'");
  psql("update hook_calls set state = 2 where job = 'given-up'");
  CHECK(prune(true).jobs == 2);
  const auto outcome = prune();
  CHECK(outcome.jobs == 2);
  CHECK(outcome.for_call.jobs == 1);
  CHECK(outcome.for_call.first == "to-call");
  CHECK(psql("select string_agg(job, ',') from hook_calls") == "to-call");
  CHECK(history("to-call").size() == 4);
  psql("update hook_calls set state = 1");
  CHECK(prune().jobs == 1);
  CHECK(psql("select count(*) from hook_calls") == "0");
}

TEST_CASE_METHOD(PruneStory, "a prune that was ended half way is finished by the next one",
                 "[postgres][prune]") {
  make_week(4);
  make_week(5);
  ended("old");
  happened("old", 4);
  psql("insert into pruned_flows (flow) select flow from jobs");
  psql("delete from flows");
  psql("delete from jobs");
  psql("alter table history detach partition " + week(5));
  const auto outcome = prune();
  CHECK(outcome.jobs == 0);
  CHECK(outcome.atoms == 2);
  CHECK_FALSE(is_there(week(4)));
  CHECK_FALSE(is_there(week(5)));
  CHECK(psql("select count(*) from atoms") == "0");
  CHECK(psql("select count(*) from plans") == "0");
}

TEST_CASE_METHOD(PruneStory, "a prune waits for a moment without anybody in the history, and holds nobody up",
                 "[postgres][prune]") {
  make_week(4);
  ended("old");
  happened("old", 4);
  Psql reader = stores.schema().psql();
  reader("begin");
  reader("select count(*) from history");
  auto pruned = prune_beside();
  const auto tries_to_lock = [&] {
    return psql(
               "select count(*) from pg_locks where not granted and mode = 'AccessExclusiveLock' and "
               "relation ="
               " 'history'::regclass") == "1";
  };
  REQUIRE(stores.run_until(tries_to_lock));
  ended("meanwhile");  // behind the prune's try, which gives up at once
  reader("commit");
  const auto outcome = pruned.get();
  REQUIRE(outcome.ok());
  CHECK_FALSE(outcome->partitions.at(0).busy);
  CHECK_FALSE(is_there(week(4)));
  CHECK(history("meanwhile").size() == 4);
}

TEST_CASE_METHOD(PruneStory, "a week that somebody reads when it is to be dropped is dropped a moment later",
                 "[postgres][prune]") {
  make_week(4);
  ended("old");
  happened("old", 4);
  psql("alter table history detach partition " + week(4));  // by a prune that was ended there
  Psql reader = stores.schema().psql();
  reader("begin");
  reader("select count(*) from " + week(4));
  auto pruned = prune_beside();
  until_it_waits("drop table");
  CHECK(psql("select count(*) from atoms") == "0");  // what jobs have left does not wait for weeks
  reader("commit");
  const auto outcome = pruned.get();
  REQUIRE(outcome.ok());
  CHECK_FALSE(outcome->partitions.at(0).busy);
  CHECK_FALSE(is_there(week(4)));
}

TEST_CASE_METHOD(PruneStory, "a call that is ordered again while its job is to be pruned keeps the job",
                 "[postgres][prune]") {
  begin("given-up");
  end("given-up", {{"page", ports::HookEvent::Succeeded, Value::from_stored(R"({"state": "SUCCESS"})")}});
  happened("given-up", 4);
  psql("update hook_calls set state = 2");
  Psql person = stores.schema().psql();
  person("begin");
  person("update hook_calls set state = 0");  // as baton hooks retry; acknowledged with the commit
  auto pruned = prune_beside();
  until_it_waits("rollback");
  person("commit");
  const auto outcome = pruned.get();
  REQUIRE(outcome.ok());
  CHECK(outcome->jobs == 0);
  CHECK(psql("select state from hook_calls") == "0");
  CHECK(history("given-up").size() == 4);
}

TEST_CASE_METHOD(PruneStory, "a prune that is refused half way says what has gone", "[postgres][prune]") {
  make_week(4);
  ended("old");
  happened("old", 4);
  const std::string role = "plain_" + stores.schema().name();
  psql("create role " + role + " login");
  psql("grant usage on schema " + stores.schema().name() + " to " + role);
  psql("grant all on all tables in schema " + stores.schema().name() + " to " + role);
  const auto outcome = postgres::prune(
      {stores.schema().conninfo() + " user=" + role, stores.schema().name(), 14 * 24h, false});
  psql("drop owned by " + role);
  psql("drop role " + role);
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == ports::StoreErrorCode::Conflict);  // the server is there
  CHECK_THAT(outcome.error().message, Contains("must be owner of table history") &&
                                          Contains("until then 1 jobs and 2 atoms have gone"));
  CHECK(prune().partitions.at(0).name == week(4));
}

TEST_CASE_METHOD(PruneStory,
                 "a week that a job keeps is walked through once, then it loses what goes by its flow",
                 "[postgres][prune]") {
  make_week(4);
  for (const std::string job : {"old", "kept", "later"}) ended(job);
  for (const std::string job : {"old", "kept", "later"}) happened(job, 4);
  psql("update jobs set removed_at = null where uuid <> 'old'");
  CHECK(prune().partitions.at(0).pruned_rows == 5);
  CHECK(psql("select string_agg(name, ' ' order by name) from pruned_weeks") == week(4) + " history_default");
  psql("update jobs set removed_at = now() where uuid = 'later'");
  const auto counted = prune(true);
  CHECK(counted.partitions.at(0).pruned_rows == 5);
  CHECK(count("history", "later") == "5");
  const auto read = [&] {
    return std::stoi(psql("select seq_tup_read + idx_tup_fetch from pg_stat_user_tables where relname = '" +
                          week(4) + "'"));
  };
  prepare({"insert into " + week(4) + " (at, flow, run, seq, attempt, dispatch) select min(at), " +
               "(select flow from jobs where uuid = 'kept'), 1, 1, 1, 1 from " + week(4) +
               ", generate_series(1, 5000) n group by n",
           "analyze " + week(4)});
  const int before = read();
  const auto outcome = prune();
  CHECK(outcome.partitions.at(0).pruned_rows == 5);
  CHECK(outcome.partitions.at(0).kept_for == "kept");
  CHECK(count("history", "later") == "0");
  REQUIRE(stores.run_until([&] { return read() > before; }));  // its session tells its statistics as it ends
  CHECK(read() - before < 1'000);
  psql("update jobs set removed_at = now()");
  CHECK(prune().jobs == 1);
  CHECK_FALSE(is_there(week(4)));
  CHECK(psql("select name from pruned_weeks") == "history_default");
}

TEST_CASE_METHOD(PruneStory, "who looks for a job that is gone is told that such jobs have been pruned",
                 "[postgres][prune]") {
  CHECK_FALSE(told_pruned("never-was"));
  ended("old");
  happened("old", 4);
  const auto outcome = prune();
  const auto before = told_pruned("old");
  REQUIRE(before);
  CHECK(to_rfc3339(*before).substr(0, 19) == outcome.before.substr(0, 19));
  Answer<ports::JobDetail> answer;
  store->show(JobId("old"), {}, answer.done());
  const auto shown = wait(answer);
  REQUIRE_FALSE(shown.ok());
  CHECK_THAT(shown.error().message, Contains("no job old") && Contains("have been pruned"));
  CHECK(shown.error().pruned_before == before);
}

TEST_CASE_METHOD(PruneStory, "a uuid that is posted again after its job was pruned is a new job",
                 "[postgres][prune]") {
  ended("old");
  happened("old", 4);
  REQUIRE(prune().jobs == 1);
  auto again = request(posting("old"), ++zxid, "c1");
  again.new_flow = FlowId(test_uuid(77, 'f'));
  const auto claim = owned(again);
  CHECK(claim.flow == again.new_flow);
  CHECK(claim.state == FlowState::Pending);
}

TEST_CASE("a prune takes little at first, more while that is quick, and less behind what was slow",
          "[postgres][prune]") {
  postgres::Portion portion(1'000);
  CHECK(portion.now() == 62);
  for (int i = 0; i < 10; ++i) portion.took(Millis{5});
  CHECK(portion.now() == 1'000);
  portion.took(postgres::kPortionMax);
  CHECK(portion.now() == 1'000);
  portion.took(postgres::kPortionMax + Millis{1});
  CHECK(portion.now() == 500);
  for (int i = 0; i < 20; ++i) portion.took(Millis{2'000});
  CHECK(portion.now() == 1);
}

TEST_CASE_METHOD(PruneStory, "a prune reads no table of jobs from end to end", "[postgres][prune]") {
  prepare(
      {"insert into jobs (uuid, flow, name, flow_name, priority, run, state, board_path, posting, content, "
       "conductor, posted_at, updated_at, finished_at, removed_at) select 'job \"{,' || n, "
       "gen_random_uuid(), "
       "'n', 'f', 2, 1, 2, '/b/jobs/' || n, '{}', '', 'c', now(), now(), t, t from (select n, now() - (2 * "
       "n + 1) * interval '1 minute' as t from generate_series(1, 20000) n) ends",
       "insert into flows (id, job, epoch_generation, epoch_czxid, conductor, run, state) select flow, uuid, "
       "1, 1, gen_random_uuid(), 1, 2 from jobs",
       "analyze jobs", "analyze flows"});
  const auto scanned = [&] {
    return psql(
        "select sum(seq_tup_read) from pg_stat_user_tables where relid in ('jobs'::regclass, "
        "'flows'::regclass)");
  };
  const std::string before = scanned();
  CHECK(prune(true).jobs == 9'921);
  CHECK(prune().jobs == 9'921);
  REQUIRE(stores.run_until([&] {  // its session tells its statistics as it ends
    return psql("select n_tup_del from pg_stat_user_tables where relid = 'jobs'::regclass") == "9921";
  }));
  CHECK(scanned() == before);
}

TEST_CASE("another schema version is not pruned", "[postgres][prune]") {
  PostgresSchema schema;
  schema.psql()("delete from migrations where version > 1");
  const auto outcome = postgres::prune({schema.conninfo(), schema.name(), 14 * 24h, true});
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == ports::StoreErrorCode::SchemaMismatch);
}
