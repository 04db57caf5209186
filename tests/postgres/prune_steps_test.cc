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
  const auto outcome = prune();
  CHECK(outcome.jobs == 0);
  CHECK(outcome.busy.jobs == 1);
  CHECK(outcome.busy.first == "given-up");
  person("commit");
  const auto again = prune();
  CHECK(again.jobs == 0);
  CHECK(again.busy.jobs == 0);
  CHECK(again.for_call.jobs == 1);
  CHECK(psql("select state from hook_calls") == "0");
  CHECK(history("given-up").size() == 4);
}

TEST_CASE_METHOD(PruneStory, "what another session holds is passed over and told, and stops no job behind it",
                 "[postgres][prune]") {
  const auto about = Value::from_stored(R"({"state": "SUCCESS"})");
  const std::vector<std::string> jobs{"called", "written", "young"};
  for (const auto& job : jobs) {
    begin(job);
    end(job, {{"page", ports::HookEvent::Succeeded, about}, {"mail", ports::HookEvent::Succeeded, about}});
  }
  psql("update hook_calls set state = 1");
  for (std::size_t i = 0; i < jobs.size(); ++i) happened(jobs[i], 6 - static_cast<int>(i));
  Psql other = stores.schema().psql();
  other("begin");
  other("update hook_calls set attempts = 1 where job = 'called' and hook = 'page'");
  other("select 1 from flows where job = 'written' for update");
  const auto outcome = prune();
  CHECK(outcome.jobs == 1);
  CHECK(outcome.busy.jobs == 2);
  CHECK(outcome.busy.first == "called");
  CHECK(psql("select string_agg(uuid, ' ' order by number) from jobs") == "called written");
  CHECK(psql("select count(*) from hook_calls") == "4");
  other("rollback");
  const auto again = prune();
  CHECK(again.jobs == 2);
  CHECK(again.busy.jobs == 0);
  CHECK(psql("select count(*) from hook_calls") == "0");
}

TEST_CASE_METHOD(PruneStory,
                 "held jobs that are portions of a prune stop nothing behind them, and all are told",
                 "[postgres][prune]") {
  const int held = 2 * postgres::kPruneJobsPerCommitMax;
  over(held + 7);
  psql(
      "insert into hook_calls (job, run, event, occasion, hook, about, state) select uuid, 1, 1, 0, 'page', "
      "'{}', 1 from jobs order by number limit " +
      std::to_string(held));
  Psql other = stores.schema().psql();
  other("begin");
  other("select 1 from hook_calls for update");
  const auto outcome = prune();
  CHECK(outcome.jobs == 7);
  CHECK(outcome.busy.jobs == held);
  CHECK(outcome.busy.first == "job-1");
  other("rollback");
  CHECK(prune().jobs == held);
}

TEST_CASE_METHOD(PruneStory, "what jobs have left does not wait until those that were held are counted",
                 "[postgres][prune]") {
  make_week(4);
  for (const std::string job : {"old", "held"}) ended(job);
  for (const std::string job : {"old", "held"}) happened(job, 5);
  Psql other = stores.schema().psql(), reader = stores.schema().psql();
  other("begin");
  other("select 1 from flows where job = 'held' for update");
  reader("begin");
  reader("select count(*) from " + week(4));
  auto pruned = prune_beside();
  until_it_waits("alter table history detach");
  CHECK(count("atoms", "old") == "0");
  other("update jobs set removed_at = null where uuid = 'held'");
  other("commit");
  reader("commit");
  const auto outcome = pruned.get();
  REQUIRE(outcome.ok());
  CHECK(outcome->jobs == 1);
  CHECK(outcome->busy.jobs == 0);
}

TEST_CASE_METHOD(PruneStory, "a prune beside one who has a whole table for himself says what stays",
                 "[postgres][prune]") {
  ended("old");
  happened("old", 4);
  auto request = prune_request();
  request.patience = kLittlePatience;
  Psql other = stores.schema().psql();
  other("begin");
  other("lock table orders in share mode");  // as create index does
  const auto outcome = prune(request);
  CHECK(outcome.jobs == 0);
  CHECK(outcome.busy.jobs == 1);
  CHECK(history("old").size() == 4);
  other("rollback");
  CHECK(prune().jobs == 1);
}

TEST_CASE_METHOD(PruneStory, "a prune waits for one who has a whole table for himself for a moment",
                 "[postgres][prune]") {
  ended("old");
  happened("old", 4);
  Psql first = stores.schema().psql(), second = stores.schema().psql(), third = stores.schema().psql();
  first("begin");
  first("lock table jobs");  // as alter table does
  auto pruned = prune_beside();
  until_it_waits("select max(number)");  // it has not counted yet
  second("begin");
  second("lock table orders in share mode");
  first("rollback");
  until_it_waits("rollback");  // it could not delete
  third("begin");
  third("lock table jobs");
  until_it_wants("jobs", "RowShareLock");
  second("rollback");
  third("rollback");
  const auto outcome = pruned.get();
  INFO((outcome.ok() ? "" : outcome.error().message));
  REQUIRE(outcome.ok());
  CHECK(outcome->jobs == 1);
  CHECK(outcome->atoms == 2);
  CHECK(outcome->busy.jobs == 0);
}

TEST_CASE_METHOD(PruneStory,
                 "a prune that could never read a table says that others had it for longer than it waits",
                 "[postgres][prune]") {
  auto request = prune_request();
  request.patience = kLittlePatience;
  Psql other = stores.schema().psql();
  other("begin");
  other("lock table jobs");
  const auto outcome = postgres::prune(request);
  REQUIRE_FALSE(outcome.ok());
  CHECK_THAT(
      outcome.error().message,
      Contains("lock timeout") && Contains("\n  hint: others had what it needs to themselves for longer"));
}

TEST_CASE_METHOD(PruneStory, "a prune reads times as it writes them, whatever the database's style of dates",
                 "[postgres][prune]") {
  over(100);
  auto request = prune_request();
  request.conninfo +=
      " options='-c datestyle=SQL,DMY -c timezone=Asia/Kolkata'";  // IST is another zone's, too
  const auto outcome = prune(request);
  CHECK(outcome.jobs == 100);
  CHECK(outcome.busy.jobs == 0);
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

TEST_CASE_METHOD(PruneStory, "a prune reads no table of jobs from end to end, nor at once",
                 "[postgres][prune]") {
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
  const int in_pages = std::stoi(
      psql("select idx_tup_read from pg_stat_user_indexes where indexrelid = 'jobs_number_key'::regclass"));
  CHECK(in_pages >= 50'079);  // all that there are by each of the looks, and what is left is counted so, too
}
