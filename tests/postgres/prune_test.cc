#include "tests/postgres/prune_story.h"

using namespace baton;
using namespace baton::test;
using Catch::Contains;
using namespace std::chrono_literals;

TEST_CASE_METHOD(PruneStory, "what ended long ago goes with its week of history, what ended lately stays",
                 "[postgres][prune]") {
  make_week(4);
  ended("old");
  ended("new");
  happened("old", 4);
  const auto outcome = prune();
  CHECK(outcome.jobs == 1);
  CHECK(outcome.atoms == 2);
  REQUIRE(outcome.partitions.size() == 1);
  CHECK(outcome.partitions[0].name == week(4));
  CHECK(outcome.partitions[0].rows == 5);  // the claim too
  CHECK(outcome.partitions[0].bytes > 0);
  CHECK_FALSE(outcome.partitions[0].busy);
  CHECK_FALSE(is_there(week(4)));
  for (const std::string table : {"history", "atoms", "plans", "jobs"}) CHECK(count(table, "old") == "0");
  CHECK(psql("select count(*) from pruned_flows") == "0");
  CHECK(history("new").size() == 4);
  CHECK(show("new").atoms.size() == 2);
}

TEST_CASE_METHOD(PruneStory, "a dry run counts the same and removes nothing", "[postgres][prune]") {
  make_week(4);
  ended("old");
  begin("at-work");
  happened("old", 4);
  const auto counted = prune(true);
  CHECK(counted.jobs == 1);
  CHECK(counted.atoms == 2);
  REQUIRE(counted.partitions.size() == 1);
  CHECK(counted.partitions[0].kept_for.empty());
  CHECK(counted.partitions[0].rows == 5);
  CHECK(is_there(week(4)));
  CHECK(history("old").size() == 4);
  CHECK(psql("select count(*) from prunes") == "0");
  const auto done = prune();
  CHECK(done.jobs == counted.jobs);
  CHECK(done.partitions[0].rows == counted.partitions[0].rows);
}

TEST_CASE_METHOD(PruneStory,
                 "H32: a job with an open order, or whose node may still be on the board, is not pruned",
                 "[postgres][prune]") {
  ended("asked");
  ended("noded");
  for (const std::string job : {"asked", "noded"}) happened(job, 4);
  psql("update jobs set removed_at = null where uuid = 'noded'");
  Answer<ports::OrderOutcome> order;
  ports::OrderRequest request;
  request.job = JobId("asked");
  request.order = {OrderKind::Rerun, "ann", "again", false, {}, {}};
  store->order(request, order.done());
  REQUIRE(wait(order)->verdict == ports::OrderVerdict::Recorded);
  const auto outcome = prune();
  CHECK(outcome.jobs == 0);
  CHECK(outcome.on_board.jobs == 1);
  CHECK(outcome.on_board.first == "noded");
  CHECK(outcome.for_order.jobs == 1);
  CHECK(outcome.for_order.first == "asked");
  CHECK(outcome.for_call.jobs == 0);
  CHECK(history("asked").size() == 4);
  CHECK(history("noded").size() == 4);
}

TEST_CASE_METHOD(
    PruneStory,
    "a job with a call of a hook that is still to be made stays, calls that are over go with theirs",
    "[postgres][prune]") {
  const auto about = Value::from_stored(R"({"state": "SUCCESS"})");
  for (const std::string job : {"called", "given-up", "to-call"}) {
    begin(job);
    end(job, {{"page", ports::HookEvent::Succeeded, about}});
    happened(job, 4);
  }
  psql("update hook_calls set state = 1 where job = 'called'");
  psql("update hook_calls set state = 2 where job = 'given-up'");
  CHECK(prune(true).jobs == 2);
  const auto outcome = prune();
  CHECK(outcome.jobs == 2);
  CHECK(outcome.for_call.jobs == 1);
  CHECK(outcome.for_call.first == "to-call");
  CHECK(psql("select string_agg(job, ',') from hook_calls") == "to-call");
  CHECK(history("to-call").size() == 4);
  psql("update hook_calls set state = 1");
  CHECK(prune().jobs == 1);
  CHECK(psql("select count(*) from hook_calls") == "0");
}

TEST_CASE_METHOD(PruneStory, "who looks for a job that is gone is told that such jobs have been pruned",
                 "[postgres][prune]") {
  CHECK_FALSE(told_pruned("never-was"));
  ended("old");
  happened("old", 4);
  const auto outcome = prune();
  const auto before = told_pruned("old");
  REQUIRE(before);
  CHECK(to_rfc3339(*before).substr(0, 19) == outcome.before.substr(0, 19));
  Answer<ports::JobDetail> answer;
  store->show(JobId("old"), {}, answer.done());
  const auto shown = wait(answer);
  REQUIRE_FALSE(shown.ok());
  CHECK_THAT(shown.error().message, Contains("no job old") && Contains("have been pruned"));
  CHECK(shown.error().pruned_before == before);
}

TEST_CASE_METHOD(PruneStory, "a uuid that is posted again after its job was pruned is a new job",
                 "[postgres][prune]") {
  ended("old");
  happened("old", 4);
  REQUIRE(prune().jobs == 1);
  auto again = request(posting("old"), ++zxid, "c1");
  again.new_flow = FlowId(test_uuid(77, 'f'));
  const auto claim = owned(again);
  CHECK(claim.flow == again.new_flow);
  CHECK(claim.state == FlowState::Pending);
}

TEST_CASE("another schema version is not pruned", "[postgres][prune]") {
  PostgresSchema schema;
  schema.psql()("delete from migrations where version > 1");
  const auto outcome = postgres::prune({schema.conninfo(), schema.name(), 14 * 24h, true, {}});
  REQUIRE_FALSE(outcome.ok());
  CHECK(outcome.error().code == ports::StoreErrorCode::SchemaMismatch);
}

TEST_CASE_METHOD(PruneStory, "jobs that ended within the last day are not pruned", "[postgres][prune]") {
  ended("old");
  psql("update jobs set finished_at = finished_at - interval '25 hours'");
  auto request = prune_request();
  for (const std::chrono::seconds age : {0s, std::chrono::seconds(1h), std::chrono::seconds(24h) - 1s}) {
    request.older_than = age;
    const auto refused = postgres::prune(request);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == ports::StoreErrorCode::Conflict);
    CHECK_THAT(refused.error().message, Contains("older than " + std::to_string(age.count()) +
                                                 " s is too young: at least 24h, people still look at"));
  }
  CHECK(history("old").size() == 4);
  request.older_than = 24h;
  CHECK(prune(request).jobs == 1);
}
