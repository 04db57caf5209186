#include "tests/postgres/prune_story.h"

#include "common/postgres/portion.h"

using namespace baton;
using namespace baton::test;
using Catch::Contains;
using namespace std::chrono_literals;

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
  REQUIRE(stores.run_until([&] {  // waits for the person's lock, or was refused it
    return psql(
               "select count(*) from pg_stat_activity where application_name = 'baton admin prune' and "
               "(wait_event_type = 'Lock' or query = 'rollback')") != "0";
  }));
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
  auto request = prune_request();
  request.conninfo += " user=" + role;
  const auto outcome = postgres::prune(request);
  psql("drop owned by " + role);
  psql("drop role " + role);
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == ports::StoreErrorCode::Conflict);  // the server is there
  CHECK_THAT(outcome.error().message, Contains("must be owner of table history") &&
                                          Contains("until then 1 jobs and 2 atoms have gone"));
  CHECK(prune().partitions.at(0).name == week(4));
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
  const auto read = [&] {
    return std::stoi(
        psql("select sum(seq_tup_read + idx_tup_fetch) from pg_stat_user_tables where relid in "
             "('jobs'::regclass, 'flows'::regclass)"));
  };
  const int before = read();
  CHECK(prune(true).jobs == 9'921);
  CHECK(prune().jobs == 9'921);
  REQUIRE(stores.run_until([&] {  // its session tells its statistics as it ends
    return psql("select n_tup_del from pg_stat_user_tables where relid = 'jobs'::regclass") == "9921";
  }));
  CHECK(read() - before < 150'000);  // each of the 20,000 once a look, each that goes a few times
}
