#include "common/postgres/connection.h"

#include <set>

#include "common/postgres/blocking_connection.h"
#include "common/postgres/session.h"
#include "tests/contract/store/store_story.h"

using namespace baton;
using namespace baton::test;

namespace {

constexpr postgres::StatementText kSlowly{
    "slowly", "select repeat('x', 20000), pg_sleep(0.05) from generate_series(1, 20)"};
constexpr postgres::StatementText kSilent{"silent", "select pg_sleep(100)"};

struct ConnectionStory {
  ConnectionStory() : connection(postgres::Connection::make(stores.io())) {
    bool open = false;
    connection->open(
        postgres::parse_conninfo(stores.schema().conninfo()).value(), 0, Millis{5'000},
        [&](const std::optional<postgres::SqlError>& error) { open = !error; },
        [](const postgres::SqlError&) {});
    REQUIRE(stores.run_until([&] { return open; }));
  }
  postgres::RunOutcome run(const postgres::StatementText& text, Millis silence_max) {
    std::optional<postgres::RunOutcome> ended;
    connection->run({{&text, {}}}, silence_max,
                    [&](postgres::RunOutcome outcome) { ended = std::move(outcome); });
    REQUIRE(stores.run_until([&] { return ended.has_value(); }));
    return std::move(*ended);
  }

  PostgresStores stores;
  std::shared_ptr<postgres::Connection> connection;
};

}  // namespace

TEST_CASE("tries to connect come at growing pauses, each somewhere in its second half",
          "[postgres][connection]") {
  Millis pause{0};
  std::vector<Millis::rep> pauses;
  for (int i = 0; i < 7; ++i) pauses.push_back((pause = postgres::longer_pause(pause)).count());
  CHECK(pauses == std::vector<Millis::rep>{50, 100, 200, 400, 800, 1'000, 1'000});
  std::set<Millis::rep> seen;
  for (std::uint64_t chance = 0; chance < 2'000; ++chance) {
    const Millis one = postgres::with_jitter(pause, chance);
    CHECK((one >= pause / 2 && one <= pause));
    seen.insert(one.count());
  }
  CHECK(seen.size() == 500);
}

TEST_CASE("a long answer may take its time, a silent server not", "[postgres][connection]") {
  ConnectionStory story;
  const auto slow = story.run(kSlowly, Millis{500});  // a second in all
  REQUIRE(slow.end == postgres::RunOutcome::End::Committed);
  CHECK(slow.results.front().rows() == 20);
  const auto silent = story.run(kSilent, Millis{500});
  CHECK(silent.end == postgres::RunOutcome::End::Unknown);
  CHECK(silent.error.message == "no answer within 500 ms");
}

TEST_CASE("an operator's command that was stopped in the middle of a transaction loses its locks",
          "[postgres][connection]") {
  StoreStory<PostgresStores> story;
  story.owned(story.request(posting("job-1"), 100, "c1"));
  postgres::BlockingConnection stopped(
      postgres::parse_conninfo(story.stores.schema().conninfo() +
                               " options='-c search_path=" + story.stores.schema().name() + "'")
          .value(),
      "stopped");
  stopped.run("begin");
  stopped.run("select 1 from flows for update");
  REQUIRE_FALSE(stopped.problem());
  Psql other = story.stores.schema().psql();
  other("set lock_timeout = '40s'");
  other("update flows set last_seq = 7");  // waits for the other's end
  CHECK(stopped.run("select 1").empty());
  CHECK(stopped.problem());
}
