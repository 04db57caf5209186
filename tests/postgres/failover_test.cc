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
  void kill(const std::string& kind) { kill(old, kind); }
  static void kill(Psql& psql, const std::string& kind) {
    REQUIRE(psql("select count(pg_terminate_backend(pid)) from pg_stat_activity where " + named(kind)) ==
            "1");
  }
  std::string count_of(const std::string& kind, const std::string& more = {}) {
    return old("select count(*) from pg_stat_activity where " + named(kind) + more);
  }

  Psql old;

 protected:
  static std::string named(const std::string& kind) {
    return "application_name = current_schema() || ' " + kind + "' ";
  }
};

/// Both are in the store's list of hosts, the old one first, and both accept it.
class BothHostsStory : public FailoverStory {
 public:
  BothHostsStory() {
    const std::string both = " host=127.0.0.1,127.0.0.1 port=" + stores.primary.port() + "," +
                             stores.standby.port();  // the last ones count
    store.reset();                                   // it has not begun to connect: the loop has not turned
    store = std::make_unique<postgres::PostgresFlowStore>(
        stores.io(), postgres::FlowStoreSettings{stores.schema().conninfo() + both, stores.schema().name(),
                                                 stores.schema().name()});
    store->listen(noted);
  }

  Psql promoted() const {
    Psql psql(stores.standby.conninfo());
    psql("set search_path = " + stores.schema().name());
    return psql;
  }
  void await_word() {
    REQUIRE(stores.run_until([&] { return !noted.words.empty(); }));
  }
  static std::string pid_of(Psql& psql, const std::string& kind) {
    return psql("select pid from pg_stat_activity where " + named(kind));
  }
  /// Ends the connection there and waits for the one that replaces it there.
  void replace(Psql& psql, const std::string& kind) {
    const std::string pid = pid_of(psql, kind);
    kill(psql, kind);
    await_idle(psql, kind, "and pid <> " + pid);
  }
  void await_idle(Psql& psql, const std::string& kind, const std::string& more = {}) {
    REQUIRE(stores.run_until([&] {
      return psql("select count(*) from pg_stat_activity where state = 'idle' and " + named(kind) + more) ==
             "1";
    }));
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

TEST_CASE("while the old database goes on beside the new one all are where the writer is, and stay there",
          "[postgres][failover]") {
  BothHostsStory story;
  const auto before = story.started();  // the writer alone is connected
  story.fail_over();
  Psql now = story.promoted();
  story.kill("writer");
  story.await_word();
  const auto claim = story.owned(story.request(posting("job-1"), 100, "c1"));
  REQUIRE(claim.epoch != before.epoch);                           // the old one does not know it
  CHECK(story.load(claim).atoms[0].state == AtomState::Running);  // the loader begins with the first host

  const std::string writer = story.pid_of(now, "writer");
  story.replace(now, "loader");  // by way of the old one
  CHECK(story.load(claim).epoch == claim.epoch);
  story.must_append(story.step(claim, {success(3, 0, 1, 1, Value::of_number(8))}));
  CHECK(story.history("job-1").back() == "atom-0 SUCCESS");  // the reader, too
  CHECK(story.pid_of(now, "writer") == writer);
  CHECK(story.noted.words.size() == 1);
  for (const std::string kind : {"writer", "loader", "reader"})
    CHECK(story.stores.run_until([&] { return story.count_of(kind) == "0"; }));
}

TEST_CASE("a successor that a load finds beside the old database is the writer's, which does not go back",
          "[postgres][failover]") {
  BothHostsStory story;
  const auto claim = story.started();
  story.load(claim);
  story.fail_over();
  Psql now = story.promoted();
  story.kill("loader");  // the next one begins with the second host
  story.await_word();
  CHECK_THAT(story.noted.words[0], Contains("/00000001 (system id/timeline) and is"));
  story.replace(now, "writer");  // by way of the old one, which is first in turn
  story.must_append(story.step(claim, {success(3, 0, 1, 1, Value::of_number(8))}));
  story.await_idle(now, "loader");
  CHECK(now("select count(*) from atoms where state = 2") == "1");
  CHECK(story.old("select count(*) from atoms where state = 2") == "0");
  CHECK(story.load_as_a_host(claim).epoch == claim.epoch);
  CHECK(story.noted.words.size() == 1);
}
