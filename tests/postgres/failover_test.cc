#include "tests/postgres/proxied_story.h"
#include "tests/support/own_postgres.h"

using namespace baton;
using namespace baton::test;
using Catch::Contains;
using ports::StoreErrorCode;

namespace {

struct Pair {
  OwnPostgres primary;
  OwnPostgres standby = OwnPostgres::standby_of(primary);
};
struct PairOfStores : Pair, PostgresStores {
  PairOfStores() : PostgresStores(primary.conninfo()) {}
};

/// The standby becomes a primary while the old one goes on: what a name stands for changes under a store.
class FailoverStory : public StoryThroughProxy<PairOfStores> {
 public:
  FailoverStory() : old(stores.schema().psql()) {}

  /// From now on new connections reach the promoted one, which knows all that was committed until now.
  void fail_over() {
    Psql standby(stores.standby.conninfo());
    const std::string all = old("select pg_current_wal_lsn()");
    REQUIRE(
        stores.run_until([&] { return standby("select pg_last_wal_replay_lsn() >= '" + all + "'") == "t"; }));
    REQUIRE(standby("select pg_promote()") == "t");
    proxy.redirect(port_of(stores.standby.conninfo()));
  }
  void await_lock_wait() {
    REQUIRE(stores.run_until([&] { return count_of("writer", "and wait_event_type = 'Lock'") == "1"; }));
  }
  /// Again, where it cannot be said.
  ports::FlowSnapshot load_as_a_host(const ports::ClaimOutcome& claim) {
    auto loaded = try_load(claim.flow, claim.epoch);
    if (!loaded.ok() && loaded.error().code == StoreErrorCode::OutcomeUnknown)
      loaded = try_load(claim.flow, claim.epoch);
    REQUIRE(loaded.ok());
    return loaded.value();
  }
  void kill(const std::string& kind) {
    REQUIRE(old("select count(pg_terminate_backend(pid)) from pg_stat_activity where " + named(kind)) == "1");
  }
  std::string count_of(const std::string& kind, const std::string& more = {}) {
    return old("select count(*) from pg_stat_activity where " + named(kind) + more);
  }

  Psql old;

 private:
  static std::string named(const std::string& kind) {
    return "application_name = current_schema() || ' " + kind + "' ";
  }
};

}  // namespace

TEST_CASE("what waits for a commit when another database takes over is dropped, not committed there",
          "[postgres][failover]") {
  FailoverStory story;
  const auto first = story.started("job-1"), second = story.started("job-2");
  story.load(second);  // the loader is connected too
  story.fail_over();
  Psql psql = story.stores.schema().psql();
  psql("begin");
  psql("select 1 from flows for update");
  const auto under_way = story.begin_append(story.step(first, {success(3, 0, 1, 1, Value::of_number(7))}));
  story.await_lock_wait();
  const auto waiting = story.begin_append(story.step(second, {success(3, 0, 1, 1, Value::of_number(7))}));
  story.kill("writer");
  CHECK(story.wait(under_way).error().code == StoreErrorCode::OutcomeUnknown);
  const auto dropped = story.wait(waiting);
  REQUIRE_FALSE(dropped.ok());
  CHECK(dropped.error().code == StoreErrorCode::OutcomeUnknown);
  CHECK_THAT(dropped.error().message, Contains("was dropped"));
  REQUIRE(story.noted.words.size() == 1);
  CHECK_THAT(story.noted.words[0],
             Contains("/00000001 (system id/timeline) and is") && Contains("/00000002"));

  psql("rollback");
  psql("update atoms set state = 2");  // only there; the loader must not see it any more
  REQUIRE(story.stores.run_until([&] { return story.count_of("loader") == "0"; }));
  CHECK(story.load_as_a_host(second).atoms[0].state == AtomState::Running);
  story.must_append(story.step(second, {success(3, 0, 1, 1, Value::of_number(8))}));
}

TEST_CASE("a load that finds another database brings the writer there", "[postgres][failover]") {
  FailoverStory story;
  const auto claim = story.started();
  story.load(claim);
  story.fail_over();
  story.kill("loader");
  REQUIRE(story.stores.run_until([&] { return !story.noted.words.empty(); }));
  CHECK(story.count_of("writer") == "0");
  story.must_append(story.step(claim, {success(3, 0, 1, 1, Value::of_number(8))}));
  CHECK(Psql(story.stores.schema().conninfo())("select count(*) from " + story.stores.schema().name() +
                                               ".atoms where state = 2") == "0");
  CHECK(story.noted.words.size() == 1);
}

TEST_CASE("H17: a promoted standby gives a board a generation of its own, claims of before are passed by any",
          "[postgres][failover]") {
  FailoverStory story;
  const auto meet = [&](std::uint32_t noted) {
    Answer<ports::BoardStanding> answer;
    story.store->meet_board("board-1", noted, answer.done());
    const auto standing = story.wait(answer);
    INFO((standing.ok() ? "" : standing.error().message));
    REQUIRE(standing.ok());
    return *standing;
  };
  const auto before = meet(0);
  const auto claim = story.started();
  CHECK(claim.epoch == Epoch{before.generation, 100});
  CHECK(meet(before.generation).highest_zxid == 100);
  story.fail_over();
  story.kill("writer");
  REQUIRE(story.stores.run_until([&] { return !story.noted.words.empty(); }));
  const auto after = meet(before.generation);
  CHECK(after.generation > before.generation);
  CHECK(after.highest_zxid == 0);
  CHECK(meet(after.generation + 5).generation > after.generation + 5);  // that much was forgotten
  const auto again = story.owned(story.request(posting("job-1"), 5, "c2"));
  CHECK(again.flow == claim.flow);
  CHECK(again.epoch > Epoch{after.generation + 5, 1'000'000});
}
