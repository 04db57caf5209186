#include "common/postgres/connection.h"

#include "tests/contract/store/store_under_test.h"

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

TEST_CASE("a long answer may take its time, a silent server not", "[postgres][connection]") {
  ConnectionStory story;
  const auto slow = story.run(kSlowly, Millis{500});  // a second in all
  REQUIRE(slow.end == postgres::RunOutcome::End::Committed);
  CHECK(slow.results.front().rows() == 20);
  const auto silent = story.run(kSilent, Millis{500});
  CHECK(silent.end == postgres::RunOutcome::End::Unknown);
  CHECK(silent.error.message == "no answer within 500 ms");
}
