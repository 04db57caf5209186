#include "tests/postgres/crowd_story.h"

using namespace baton;
using namespace baton::test;
using Catch::Contains;
using ports::StoreErrorCode;

TEST_CASE("a deadlock that comes again for ever costs only its own flow", "[postgres][trouble]") {
  CrowdStory story;
  story.trouble("raise exception 'deadlock detected' using errcode = '40P01';");
  const auto error = story.only_the_guilty_fails();
  CHECK(error.code == StoreErrorCode::Conflict);
  CHECK_THAT(error.message, Contains("was in the way 6 times") && Contains("deadlock detected"));
  story.then_the_guilty_goes_on();
}

TEST_CASE("an error of unknown cause costs only its own flow", "[postgres][trouble]") {
  CrowdStory story;
  story.trouble("raise exception 'invalid page in block 7' using errcode = 'XX001';");
  const auto error = story.only_the_guilty_fails();
  CHECK(error.code == StoreErrorCode::OutcomeUnknown);
  CHECK_THAT(error.message, Contains("refused a transaction: invalid page in block 7 (SQLSTATE XX001)"));
  story.then_the_guilty_goes_on();
}

TEST_CASE("a statement that is cancelled each time costs only its own flow", "[postgres][trouble]") {
  CrowdStory story;
  story.trouble("perform pg_cancel_backend(pg_backend_pid()), pg_sleep(100);");
  const auto error = story.only_the_guilty_fails();
  CHECK(error.code == StoreErrorCode::Conflict);
  CHECK_THAT(error.message, Contains("did not get it done in time") && Contains("SQLSTATE 57014"));
  story.then_the_guilty_goes_on();
}

TEST_CASE("a row that another session holds costs only its own flow", "[postgres][trouble]") {
  CrowdStory story;
  story.psql("begin");
  story.psql("select 1 from flows where id = '" + story.claims[story.guilty].flow.value.to_string() +
             "' for update");
  const auto answers = story.begin_all();
  for (std::size_t i = 0; i < answers.size(); ++i) CHECK(story.wait(answers[i]).ok() == (i != story.guilty));
  const auto error = story.wait(answers[story.guilty]).error();
  CHECK(error.code == StoreErrorCode::Conflict);
  CHECK_THAT(error.message, Contains("another session may hold its rows") && Contains("SQLSTATE 55P03"));
  story.psql("rollback");
  CHECK(story.wait(story.begin_success(story.guilty)).ok());
}

TEST_CASE("a step that costs the connection each time does not take the others with it for ever",
          "[postgres][trouble]") {
  CrowdStory story(50);
  story.trouble("perform pg_terminate_backend(pg_backend_pid()), pg_sleep(100);");
  std::set<std::size_t> open;
  for (std::size_t i = 0; i < story.claims.size(); ++i) open.insert(i);
  const auto begin = std::chrono::steady_clock::now();
  int rounds = 0;
  for (; open.size() > 1 && rounds < 12; ++rounds) {  // as a conductor: load, step again
    std::map<std::size_t, Answer<void>> answers;
    for (const std::size_t flow : open) answers.emplace(flow, story.begin_success(flow));
    for (const auto& [flow, answer] : answers) {
      const auto outcome = story.wait(answer);
      if (outcome.ok()) open.erase(flow);
      if (!outcome.ok()) CHECK(outcome.error().code == StoreErrorCode::OutcomeUnknown);
    }
  }
  INFO("rounds " << rounds);
  CHECK(open == std::set<std::size_t>{story.guilty});
  // No hot loop: the second in a row has paused.
  CHECK(std::chrono::steady_clock::now() - begin >= postgres::kTroublePauseMin);
  story.then_the_guilty_goes_on();
}

TEST_CASE("where everything fails it is the server: after two tries all is refused, until a commit",
          "[postgres][trouble]") {
  CrowdStory story(20);
  story.psql("create sequence tries");
  const std::string full =
      "perform nextval('tries'); raise exception 'no space left' using errcode = '53100';";
  story.trouble_for_proofs(full);
  story.trouble_for_all("raise exception 'no space left' using errcode = '53100';");
  for (const auto& answer : story.begin_all()) {
    const auto outcome = story.wait(answer);
    REQUIRE_FALSE(outcome.ok());
    CHECK_THAT(outcome.error().message, Contains("no space left"));
    CHECK((outcome.error().code == StoreErrorCode::OutcomeUnknown ||
           outcome.error().code == StoreErrorCode::Unavailable));
  }
  CHECK(story.noted.words == Lines{"away"});
  // The connection is there all the time, and commits are tried: it is not reported as reachable.
  REQUIRE(story.stores.run_until([&] { return std::stoi(story.psql("select last_value from tries")) >= 3; }));
  CHECK(story.noted.words == Lines{"away"});
  Answer<void> check;
  story.store->check(check.done());
  CHECK(story.wait(check).error().code == StoreErrorCode::Unavailable);
  story.psql("drop function trouble_of_proofs cascade");
  REQUIRE(story.stores.run_until([&] { return story.noted.words.size() > 1; }));
  CHECK(story.noted.words == Lines{"away", "reachable"});
  story.no_trouble();
  for (const auto& answer : story.begin_all()) CHECK(story.wait(answer).ok());
}

TEST_CASE("a connection that opens is no proof: only a commit says that the server is back",
          "[postgres][trouble]") {
  CrowdStory story(1);
  story.psql("create sequence tries");
  story.trouble_for_proofs("perform nextval('tries'); raise exception 'not yet' using errcode = '53100';");
  story.proxy.go_away();
  REQUIRE(story.stores.run_until([&] { return !story.noted.words.empty(); }));
  story.proxy.come_back();
  REQUIRE(story.stores.run_until([&] { return std::stoi(story.psql("select last_value from tries")) >= 2; }));
  CHECK(story.noted.words == Lines{"away"});
  const auto refused = story.wait(story.begin_success(0));
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == StoreErrorCode::Unavailable);
  CHECK_THAT(refused.error().message, Contains("not yet"));
  story.psql("drop function trouble_of_proofs cascade");
  REQUIRE(story.stores.run_until([&] { return story.noted.words.size() > 1; }));
  CHECK(story.noted.words == Lines{"away", "reachable"});
  CHECK(story.wait(story.begin_success(0)).ok());
}

TEST_CASE("a search for a guilty value that is interrupted leaves the flow to try again",
          "[postgres][trouble]") {
  CrowdStory story(1);
  auto step = story.step(story.claims[0], {success(3, 0, 1, 1, Value::from_stored("{\"broken\": "))});
  story.proxy.cut_at_request(2);  // the first one is the step itself
  const auto outcome = story.wait(story.begin_append(step));
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == StoreErrorCode::OutcomeUnknown);
  CHECK_THAT(outcome.error().message, Contains("interrupted"));
  const auto again = story.wait(story.begin_append(step));
  CHECK(again.error().code == StoreErrorCode::Unstorable);
  CHECK(again.error().guilty == 0);
}

TEST_CASE("a step that is larger than what shares a commit may take longer", "[postgres][trouble]") {
  StoreStory<PostgresStores> story;
  Psql psql = story.stores.schema().psql();
  psql(
      "create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(5.5); return "
      "new; end $$");
  psql("create trigger slow before insert on plans for each row execute function slow()");
  auto write = story.first_step(story.owned(story.request(posting("job-1"), 100, "c1")),
                                {flow_fact(1, FlowState::Pending, FlowState::Running)});
  write.plan = std::string(9 * kMiB, 'p');
  story.must_append(std::move(write));
}
