#include "tests/postgres/proxied_story.h"

using namespace baton;
using namespace baton::test;
using ports::StoreErrorCode;

TEST_CASE("H2: a lost reply is an unknown outcome, a load shows the truth: committed", "[postgres][loss]") {
  ProxiedStory story;
  const auto claim = story.started();
  Psql psql = story.stores.schema().psql();
  story.proxy.swallow_answers(true);
  const auto answer = story.begin_append(story.step(claim, {success(3, 0, 1, 1, Value::of_number(7))}));
  REQUIRE(story.stores.run_until([&] { return psql("select state from atoms where atom = 0") == "2"; }));
  CHECK_FALSE(answer.there());
  story.proxy.swallow_answers(false);
  story.proxy.cut();
  CHECK(story.wait(answer).error().code == StoreErrorCode::OutcomeUnknown);
  const auto atom = story.load(claim).atoms[0];
  CHECK(atom.state == AtomState::Success);
  CHECK(atom.result == Value::of_number(7));
  CHECK(story.noted.words.empty());  // the server was never away
}

TEST_CASE("a session that is killed before its commit leaves nothing", "[postgres][loss]") {
  ProxiedStory story;
  const auto claim = story.started();
  Psql psql = story.stores.schema().psql();
  psql("begin");
  psql("select 1 from flows for update");  // holds the step up
  const auto answer = story.begin_append(story.step(claim, {success(3, 0, 1, 1, Value::of_number(7))}));
  Psql killer = story.stores.schema().psql();
  REQUIRE(story.stores.run_until([&] {
    return killer(
               "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name ="
               " current_schema() || ' writer' and wait_event_type = 'Lock'") != "0";
  }));
  const auto outcome = story.wait(answer);
  CHECK(outcome.error().code == StoreErrorCode::OutcomeUnknown);
  CHECK_THAT(outcome.error().message, Catch::Contains("terminating connection"));
  psql("rollback");
  CHECK(story.load(claim).atoms[0].state == AtomState::Running);
  CHECK(story.history("job-1").size() == 2);
}

TEST_CASE("a commit that fails at its very end is no success", "[postgres][loss]") {
  ProxiedStory story;
  const auto claim = story.started();
  Psql psql = story.stores.schema().psql();
  psql(
      "create function late() returns trigger language plpgsql as $$ begin raise exception 'too late'; end "
      "$$");
  psql(
      "create constraint trigger late after update on atoms deferrable initially deferred for each row"
      " execute function late()");
  const auto outcome = story.append(story.step(claim, {success(3, 0, 1, 1, Value::of_number(7))}));
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == StoreErrorCode::OutcomeUnknown);
  CHECK_THAT(outcome.error().message, Catch::Contains("too late"));
  psql("drop trigger late on atoms");
  CHECK(story.load(claim).atoms[0].state == AtomState::Running);
  story.must_append(story.step(claim, {success(4, 0, 1, 1, Value::of_number(8))}));
}

TEST_CASE("a server that is away is told, refused at once, and found again", "[postgres][loss]") {
  ProxiedStory story;
  const auto claim = story.started();
  CHECK(story.noted.words.empty());
  story.proxy.go_away();
  REQUIRE(story.stores.run_until([&] { return !story.noted.words.empty(); }));
  CHECK(story.noted.words == Lines{"away"});
  const auto refused = story.append(story.step(claim, {success(3, 0, 1, 1, Value::of_number(7))}));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == StoreErrorCode::Unavailable);
  CHECK_THAT(refused.error().message, Catch::Contains("127.0.0.1:") && Catch::Contains("does not answer"));
  Answer<ports::JobPage> page;
  story.store->list({}, page.done());
  CHECK(story.wait(page).error().code == StoreErrorCode::Unavailable);
  story.proxy.come_back();
  REQUIRE(story.stores.run_until([&] { return story.noted.words.size() > 1; }));
  CHECK(story.noted.words == Lines{"away", "reachable"});
  story.must_append(story.step(claim, {success(3, 0, 1, 1, Value::of_number(7))}));
}

TEST_CASE("a connection that is cut while nothing is under way is opened again unseen", "[postgres][loss]") {
  ProxiedStory story;
  const auto claim = story.started();
  story.proxy.cut();
  REQUIRE(story.stores.run_until([&] { return story.proxy.connections() == 1; }));
  story.must_append(story.step(claim, {success(3, 0, 1, 1, Value::of_number(7))}));
  CHECK(story.noted.words.empty());
}

TEST_CASE("a server that takes the bytes and never answers is given up", "[postgres][loss]") {
  ProxiedStory story;
  const auto claim = story.started();
  story.proxy.swallow_answers(true);
  const auto answer = story.begin_append(story.step(claim, {success(3, 0, 1, 1, Value::of_number(7))}));
  const auto outcome = story.wait(answer);
  CHECK(outcome.error().code == StoreErrorCode::OutcomeUnknown);
  CHECK_THAT(outcome.error().message, Catch::Contains("no answer within 5000 ms"));
}

TEST_CASE("the second host is used when the first is down", "[postgres][loss]") {
  ProxiedStory story;
  story.proxy.go_away();  // its port is dead now
  const std::string real = std::to_string(port_of(story.stores.schema().conninfo()));
  const std::string conninfo = story.stores.schema().conninfo() +
                               " host=127.0.0.1,127.0.0.1 port=" + std::to_string(story.proxy.port()) + "," +
                               real;
  story.store = std::make_unique<postgres::PostgresFlowStore>(
      story.stores.io(),
      postgres::FlowStoreSettings{conninfo, story.stores.schema().name(), story.stores.schema().name()});
  story.owned(story.request(posting("job-1"), 100, "c1"));
}

TEST_CASE("a server that has become read-only is left for the one that is not", "[postgres][loss]") {
  ProxiedStory story;
  const auto claim = story.started();
  Psql psql = story.stores.schema().psql();
  // As a demoted primary answers.
  psql(
      "create function demoted() returns trigger language plpgsql as $$ begin"
      " raise exception 'cannot execute UPDATE in a read-only transaction' using errcode = '25006'; end $$");
  psql("create trigger demoted before update on atoms execute function demoted()");
  const auto step = story.step(claim, {success(3, 0, 1, 1, Value::of_number(7))});
  CHECK(story.refused(step) == StoreErrorCode::OutcomeUnknown);
  CHECK(story.noted.words == Lines{"away"});
  psql("drop trigger demoted on atoms");
  REQUIRE(story.stores.run_until([&] { return story.noted.words.size() > 1; }));
  story.must_append(step);
}
