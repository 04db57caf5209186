#include "tests/postgres/prune_story.h"

using namespace baton;
using namespace baton::test;

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

TEST_CASE_METHOD(PruneStory, "a prune waits for a moment without anybody in the history, and holds nobody up",
                 "[postgres][prune]") {
  make_week(4);
  ended("old");
  happened("old", 4);
  Psql reader = stores.schema().psql();
  reader("begin");
  reader("select count(*) from history");
  auto pruned = prune_beside();
  until_it_wants("history", "AccessExclusiveLock");
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

TEST_CASE_METHOD(PruneStory, "a week that others never leave free is told, and goes with the next prune",
                 "[postgres][prune]") {
  make_week(4);
  make_week(5);
  ended("old");
  happened("old", 4);
  psql("alter table history detach partition " + week(5));  // by a prune that was ended there
  auto request = prune_request();
  request.patience = kLittlePatience;
  Psql reader = stores.schema().psql();
  reader("begin");
  reader("select count(*) from history, " + week(5));
  const auto parts = prune(request).partitions;
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].name == week(5));
  CHECK(parts[0].busy);
  CHECK(parts[1].busy);
  CHECK(parts[1].kept_for.empty());
  reader("commit");
  CHECK(is_there(week(4)));
  CHECK(is_there(week(5)));
  for (const auto& part : prune().partitions) CHECK_FALSE(part.busy);
  CHECK_FALSE(is_there(week(4)));
  CHECK_FALSE(is_there(week(5)));
}

TEST_CASE_METHOD(
    PruneStory,
    "rows of jobs that are gone go from the default partition, and are told, and a dry run leaves it",
    "[postgres][prune]") {
  for (const std::string job : {"old", "kept", "later"}) ended(job);
  for (const std::string job : {"old", "kept", "later"}) happened(job, 4);  // no week is there for them
  REQUIRE(psql("select count(*) from history_default") == "15");
  psql("update jobs set removed_at = null where uuid <> 'old'");
  const auto dry_run_beside_a_lock = [&] {
    Psql other = stores.schema().psql();
    other("begin");
    other("lock table history_default");
    CHECK(prune(true).default_rows == 0);
    other("rollback");
  };
  dry_run_beside_a_lock();
  CHECK(prune().default_rows == 5);
  CHECK(psql("select count(*) from history_default") == "10");
  psql("update jobs set removed_at = now() where uuid = 'later'");
  dry_run_beside_a_lock();  // it is noted now
  CHECK(prune().default_rows == 5);
  CHECK(count("history", "later") == "0");
  CHECK(history("kept").size() == 4);
}
