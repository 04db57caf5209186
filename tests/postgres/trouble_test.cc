#include "common/postgres/writer.h"
#include "tests/postgres/proxied_story.h"

using namespace baton;
using namespace baton::test;
using Catch::Contains;
using ports::StoreErrorCode;

namespace {

constexpr std::size_t kCrowd = postgres::kWorksPerCommitMax;

/// As many flows as share a commit, each with a delivery out; one of them meets trouble in the database.
class CrowdStory : public ProxiedStory {
 public:
  explicit CrowdStory(std::size_t flows = kCrowd) : psql(stores.schema().psql()), guilty(flows / 3) {
    std::vector<Answer<ports::ClaimOutcome>> owned_now(flows);
    for (std::size_t i = 0; i < flows; ++i)
      store->claim(request(posting("job-" + std::to_string(i)), 100, "c1"), owned_now[i].done());
    for (auto& answer : owned_now) claims.push_back(wait(answer).value());
    std::vector<Answer<void>> begun;
    for (const auto& claim : claims)
      begun.push_back(
          begin_append(first_step(claim, {flow_fact(1, FlowState::Pending, FlowState::Running),
                                          atom_fact(2, 0, AtomState::Pending, AtomState::Running, 1, 1)})));
    for (auto& answer : begun) REQUIRE(wait(answer).ok());
  }

  /// What happens before a row is written: of the guilty flow's atoms, or of everybody's.
  void trouble(const std::string& plpgsql) { trigger("atoms", "update", guilty_only(), plpgsql); }
  void trouble_for_all(const std::string& plpgsql) { trigger("atoms", "update", "true", plpgsql); }
  void trouble_for_proofs(const std::string& plpgsql) {
    trigger("proofs", "insert or update", "true", plpgsql);
  }
  void no_trouble() { psql("drop function trouble_of_atoms cascade"); }

  Answer<void> begin_success(std::size_t flow) {
    return begin_append(step(claims[flow], {success(3, 0, 1, 1, Value::of_number(7))}));
  }
  std::vector<Answer<void>> begin_all() {
    std::vector<Answer<void>> answers;
    for (std::size_t i = 0; i < claims.size(); ++i) answers.push_back(begin_success(i));
    return answers;
  }
  /// Everybody's next step: all but the guilty one's are remembered.
  ports::StoreError only_the_guilty_fails() {
    const auto answers = begin_all();
    for (std::size_t i = 0; i < answers.size(); ++i) {
      const auto outcome = wait(answers[i]);
      INFO("flow " << i << (outcome.ok() ? "" : ": " + outcome.error().message));
      CHECK(outcome.ok() == (i != guilty));
    }
    CHECK(psql("select count(*) from atoms where state = 2") == std::to_string(claims.size() - 1));
    CHECK(load(claims[guilty]).atoms[0].state == AtomState::Running);
    CHECK(noted.words.empty());
    return wait(answers[guilty]).error();
  }
  void then_the_guilty_goes_on() {
    no_trouble();
    CHECK(wait(begin_success(guilty)).ok());
  }

  Psql psql;
  std::size_t guilty;
  std::vector<ports::ClaimOutcome> claims;

 private:
  std::string guilty_only() const { return "new.flow = '" + claims[guilty].flow.value.to_string() + "'"; }
  void trigger(const std::string& table, const std::string& when, const std::string& condition,
               const std::string& plpgsql) {
    psql("create function trouble_of_" + table + "() returns trigger language plpgsql as $$ begin " +
         plpgsql + " return new; end $$");
    psql("create trigger trouble before " + when + " on " + table + " for each row when (" + condition +
         ") execute function trouble_of_" + table + "()");
  }
};

}  // namespace

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
