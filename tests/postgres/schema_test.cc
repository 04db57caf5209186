#include <future>
#include <thread>

#include "common/postgres/conninfo.h"
#include "common/postgres/migrations.h"
#include "tests/contract/store/store_story.h"

using namespace baton;
using namespace baton::test;
using Catch::Contains;
using ports::StoreErrorCode;

namespace {

ports::StoreError check_error(const PostgresSchema& schema, const std::string& more = {}) {
  boost::asio::io_context io;
  postgres::PostgresFlowStore store(io, {schema.conninfo() + more, schema.name(), "baton test"});
  Answer<void> answer;
  store.check(answer.done());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!answer.there() && io.run_one_until(deadline) > 0) {
  }
  REQUIRE(answer.there());
  REQUIRE_FALSE((*answer.outcome)->ok());
  return (*answer.outcome)->error();
}

std::string version() {
  return std::to_string(postgres::migrations().size());
}

}  // namespace

TEST_CASE("migrating twice changes nothing the second time", "[postgres][schema]") {
  PostgresSchema schema(PostgresSchema::Migrated::No);
  std::vector<std::string> lines;
  const auto note = [&](std::string_view line) { lines.emplace_back(line); };
  const auto first = postgres::migrate(schema.conninfo(), schema.name(), note);
  REQUIRE(first.ok());
  CHECK(first.value().found == 0);
  CHECK(std::to_string(first.value().now) == version());
  CHECK(std::to_string(lines.size()) == version());
  CHECK_THAT(lines.front(), Contains(schema.name()) && Contains("migration 1 (flows)"));
  const auto second = postgres::migrate(schema.conninfo(), schema.name(), note);
  REQUIRE(second.ok());
  CHECK(second.value().found == second.value().now);
  CHECK(std::to_string(lines.size()) == version());
}

TEST_CASE("a migration that is only planned tells the same and changes nothing", "[postgres][schema]") {
  PostgresSchema schema(PostgresSchema::Migrated::No);
  std::vector<std::string> planned, done;
  const auto plan = [&] {
    planned.clear();
    const auto told = postgres::plan_migration(schema.conninfo(), schema.name(),
                                               [&](std::string_view line) { planned.emplace_back(line); });
    REQUIRE(told.ok());
    return told.value();
  };
  CHECK(plan().found == 0);
  CHECK(plan().found == 0);  // the first one has left nothing
  CHECK(std::to_string(plan().now) == version());
  REQUIRE(postgres::migrate(schema.conninfo(), schema.name(), [&](std::string_view line) {
            done.emplace_back(line);
          }).ok());
  CHECK(planned == done);
  CHECK(std::to_string(plan().found) == version());
  CHECK(planned.empty());
  CHECK(postgres::plan_migration("host=127.0.0.1 port=1", schema.name(), [](std::string_view) {})
            .error()
            .code == StoreErrorCode::Unavailable);
}

namespace {

/// A schema as it was before migration 11, which changes the table of jobs.
struct OlderSchema {
  OlderSchema() : schema(PostgresSchema::Migrated::No), psql(schema.conninfo()) {
    psql("create schema " + schema.name());
    psql("set search_path = " + schema.name());
    psql(
        "create table migrations (version int primary key, name text not null, checksum text not null,"
        " applied_at timestamptz not null default now())");
    for (const auto& migration : postgres::migrations().first(10)) {
      psql(std::string(migration.sql));
      psql("insert into migrations (version, name, checksum) values (" + std::to_string(migration.version) +
           ", '" + std::string(migration.name) + "', '" + std::string(migration.checksum) + "')");
    }
  }

  PostgresSchema schema;
  Psql psql;
};

}  // namespace

TEST_CASE_METHOD(
    OlderSchema,
    "a migration of a database in use keeps nobody waiting for its locks, and says for what a fleet waits",
    "[postgres][schema]") {
  Psql reader = schema.psql();
  reader("begin");
  reader("select count(*) from jobs");
  std::vector<std::string> lines;
  auto migrated = std::async(std::launch::async, [&] {
    return postgres::migrate(schema.conninfo(), schema.name(),
                             [&](std::string_view line) { lines.emplace_back(line); });
  });
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  const auto it_waits = [&] {
    return psql(
               "select count(*) from pg_stat_activity where application_name = 'baton admin migrate' and "
               "state = 'idle' and query = 'rollback'") != "0";
  };
  while (!it_waits()) REQUIRE(std::chrono::steady_clock::now() < deadline);
  CHECK(psql("select count(*) from jobs") == "0");  // others go on
  reader("commit");
  REQUIRE(migrated.get().ok());
  CHECK_THAT(lines.at(0),
             Contains("migration 11 (health); the fleet waits: the table of jobs is written anew"));
}

TEST_CASE_METHOD(OlderSchema, "a migration whose tables are never free says so, and is not applied",
                 "[postgres][schema]") {
  const auto silent = [](std::string_view) {};
  Psql reader = schema.psql();
  reader("begin");
  reader("select count(*) from jobs");
  const auto refused =
      postgres::migrate(schema.conninfo(), schema.name(), silent, {Millis{20}, Millis{5}, 3});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == StoreErrorCode::Conflict);
  CHECK_THAT(refused.error().message, Contains("migration 11 was not applied: other sessions were in its "
                                               "tables all the time"));
  reader("commit");
  CHECK(psql("select max(version) from migrations") == "10");
  const auto done = postgres::migrate(schema.conninfo(), schema.name(), silent);
  REQUIRE(done.ok());
  CHECK(done->found == 10);
  CHECK(std::to_string(done->now) == version());
}

TEST_CASE("two migrations at once do not meet", "[postgres][schema]") {
  PostgresSchema schema(PostgresSchema::Migrated::No);
  std::vector<int> found(4, -1);
  std::vector<std::thread> threads;
  for (int& one : found)
    threads.emplace_back([&one, &schema] {
      const auto outcome = postgres::migrate(schema.conninfo(), schema.name(), [](std::string_view) {});
      if (outcome.ok()) one = outcome.value().found;
    });
  for (auto& thread : threads) thread.join();
  CHECK(std::count(found.begin(), found.end(), 0) == 1);
  CHECK(std::count(found.begin(), found.end(), std::stoi(version())) == 3);
}

TEST_CASE("a database without our tables is told with what to do", "[postgres][schema]") {
  PostgresSchema schema(PostgresSchema::Migrated::No);
  const auto error = check_error(schema);
  CHECK(error.code == StoreErrorCode::SchemaMismatch);
  const std::string place =
      "127.0.0.1:" + postgres::parse_conninfo(schema.conninfo()).value().at("port") + "/baton";
  CHECK(error.message == "Postgres at " + place + ", schema " + schema.name() +
                             ": found no tables of Baton, this program needs version " + version() +
                             "; run 'baton admin migrate --settings FILE'");
  // Whoever does not check gets the same hint from the first write.
  boost::asio::io_context io;
  postgres::PostgresFlowStore store(io, {schema.conninfo(), schema.name(), "baton test"});
  Answer<ports::ClaimOutcome> claim;
  store.claim(StoreStory<PostgresStores>::request(posting("job-1"), 1, "c1"), claim.done());
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (!claim.there() && io.run_one_until(deadline) > 0) {
  }
  REQUIRE(claim.there());
  CHECK((*claim.outcome)->error().code == StoreErrorCode::SchemaMismatch);
  CHECK_THAT((*claim.outcome)->error().message, Contains("baton admin migrate"));
}

TEST_CASE("an older database is told with what to do", "[postgres][schema]") {
  const auto older = postgres::schema_problem("db:5432/baton", "baton", "");
  REQUIRE(older);
  CHECK_THAT(older->message, Contains("baton admin migrate --settings FILE"));
}

TEST_CASE("a newer database is told, by check and by migrate", "[postgres][schema]") {
  PostgresSchema schema;
  const int newer = std::stoi(version()) + 1;
  schema.psql()("insert into migrations (version, name, checksum) values (" + std::to_string(newer) +
                ", 'x', 'y')");
  const auto error = check_error(schema);
  CHECK(error.code == StoreErrorCode::SchemaMismatch);
  CHECK_THAT(error.message,
             Contains("found version " + std::to_string(newer) + ", this program needs version " + version() +
                      "; the database is newer: install a Baton of at least its version"));
  const auto refused = postgres::migrate(schema.conninfo(), schema.name(), [](std::string_view) {});
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().message == error.message);
}

TEST_CASE("a migration that was applied with another text is told", "[postgres][schema]") {
  PostgresSchema schema;
  schema.psql()("update migrations set checksum = 'other' where version = 1");
  CHECK_THAT(check_error(schema).message, Contains("migration 1 (flows) was applied with another text"));
}

TEST_CASE("settings that can lose what was confirmed are refused loudly", "[postgres][schema]") {
  PostgresSchema schema;
  CHECK_THAT(check_error(schema, " options='-c synchronous_commit=off'").message,
             Contains("synchronous_commit is neither on nor remote_apply") && Contains("can be lost"));
}

TEST_CASE("history goes to the partition of its week", "[postgres][schema]") {
  StoreStory<PostgresStores> story;
  story.owned(story.request(posting("job-1"), 100, "c1"));
  Psql psql = story.stores.schema().psql();
  CHECK(psql("select count(*) from history") == "1");
  CHECK(psql("select count(*) from history_default") == "0");
  CHECK(psql("select count(*) from pg_inherits where inhparent = 'history'::regclass") == "6");
  // A week that the default partition has rows of stays there, without harm.
  psql(
      "insert into history (at, flow, run, seq, attempt, dispatch) select now() + interval '5 weeks', id, 1, "
      "0, 0, 0"
      " from flows");
  CHECK(psql("select ensure_history_partitions(5)") == "0");
  CHECK(psql("select ensure_history_partitions(6)") == "1");
}
