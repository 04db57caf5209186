#include "tests/contract/store/store_story.h"
#include "tests/support/own_postgres.h"

using namespace baton;
using namespace baton::test;
using Catch::Contains;

namespace {

/// A primary that a standby follows, and a store that says what it can lose.
class DurabilityStory {
 public:
  DurabilityStory() : stores(primary.conninfo()), psql(stores.schema().psql()) {
    must([&] { return psql("select count(*) from pg_stat_replication where state = 'streaming'") == "1"; });
  }

  std::unique_ptr<postgres::PostgresFlowStore> open(const std::string& conninfo, Lines& told) {
    return std::make_unique<postgres::PostgresFlowStore>(
        stores.io(), postgres::FlowStoreSettings{conninfo, stores.schema().name(), stores.schema().name(),
                                                 [&told](const std::string& risk) { told.push_back(risk); }});
  }
  Result<void, ports::StoreError> check(postgres::PostgresFlowStore& store) {
    Answer<void> answer;
    store.check(answer.done());
    must([&] { return answer.there(); });
    return **answer.outcome;
  }
  void must(const std::function<bool()>& done) { REQUIRE(stores.run_until(done)); }

  /// … and the writer's next connection meets it.
  void set(const std::string& setting, const std::string& value) {
    psql("alter system set " + setting + " = " + value);
    psql("select pg_reload_conf()");
    Psql other(stores.schema().conninfo());
    must([&] { return "'" + other("show " + setting) + "'" == value || other("show " + setting) == value; });
    connect_again();
  }
  void connect_again() {
    CHECK(psql("select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name = "
               "current_schema() || ' writer'") == "1");
  }

  OwnPostgres primary;
  OwnPostgres standby = OwnPostgres::standby_of(primary);
  PostgresStores stores;
  Psql psql;
};

}  // namespace

TEST_CASE("what a server's settings can lose is told at each connection, and when it is mended",
          "[postgres][durability]") {
  DurabilityStory story;
  Lines told;
  const auto store = story.open(story.primary.conninfo(), told);
  story.must([&] { return told.size() == 1; });
  CHECK(told[0] ==
        "1 standby follows it and no commit waits for one: a promotion can lose what was confirmed; set "
        "synchronous_standby_names");
  CHECK(story.check(*store).ok());  // told, not refused

  story.set("synchronous_standby_names", "'*'");
  story.must([&] { return told.size() == 2; });
  CHECK(told[1].empty());

  story.set("fsync", "off");
  story.must([&] { return told.size() == 3; });
  CHECK_THAT(told[2], Contains("fsync is off: what it confirms can be lost"));
  const auto refused = story.check(*store);
  REQUIRE_FALSE(refused.ok());
  CHECK_THAT(refused.error().message, Contains("fsync is off"));

  story.psql("alter database baton set synchronous_commit = off");
  story.set("fsync", "on");
  story.must([&] { return told.size() == 4; });
  CHECK_THAT(told[3], Contains("synchronous_commit is neither on nor remote_apply"));
}

TEST_CASE("a user without rights sees that a standby follows, and a standby itself is of no use",
          "[postgres][durability]") {
  DurabilityStory story;
  story.psql("create role plain login");
  Lines told;
  const auto plain = story.open(story.primary.conninfo() + " user=plain", told);
  story.must([&] { return told.size() == 1; });
  CHECK_THAT(told[0], Contains("1 standby follows it and no commit waits for one"));

  Lines nothing;
  const auto store = story.open(story.standby.conninfo(), nothing);
  const auto refused = story.check(*store);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == ports::StoreErrorCode::Unavailable);
  CHECK_THAT(refused.error().message, Contains("read only") && Contains("give the primary's address"));

  story.psql("alter database baton set default_transaction_read_only = on");
  const auto locked = story.open(story.primary.conninfo(), nothing);
  CHECK_THAT(story.check(*locked).error().message,
             Contains("it is read only (default_transaction_read_only)"));
  const auto asked_for = story.open(story.standby.conninfo() + " target_session_attrs=standby", nothing);
  CHECK_THAT(story.check(*asked_for).error().message,
             Contains("it is a standby; give the primary's address"));
  CHECK(nothing.empty());
}

TEST_CASE("of several hosts the primary is found, wherever it stands in the list", "[postgres][durability]") {
  DurabilityStory story;
  const std::string first = story.standby.port() + "," + story.primary.port(),
                    last = story.primary.port() + "," + story.standby.port();
  for (const std::string& ports : {first, last, "1," + first}) {  // nobody listens on port 1
    INFO(ports);
    const std::string hosts =
        ports.starts_with("1,") ? "127.0.0.1,127.0.0.1,127.0.0.1" : "127.0.0.1,127.0.0.1";
    Lines told;
    const auto store = story.open(story.primary.conninfo() + " host=" + hosts + " port=" + ports, told);
    CHECK(story.check(*store).ok());
  }
}
