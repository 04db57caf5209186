#include <catch2/catch.hpp>

#include "tests/api/api_world.h"

using namespace baton;
using namespace baton::test;

namespace {

constexpr const char* kSuspend = R"({"order": "suspend", "who": "ann@ops", "reason": "maintenance"})";
constexpr const char* kCancel = R"({"order": "cancel", "who": "bob@ops", "keep": true})";

std::string text(const boost::json::value& value) {
  return std::string(value.as_string());
}

struct OrderWorld : ApiWorld {
  HttpAnswer order(const std::string& uuid, const std::string& body) {
    return ask("POST", "/v1/jobs/" + uuid + "/orders", body);
  }
  boost::json::array orders(const std::string& uuid) {
    return get("/v1/jobs/" + uuid + "/orders").json().at("orders").as_array();
  }
  void claimed(const std::string& uuid) {
    post_greeting(uuid);
    claim(uuid);
  }
};

}  // namespace

TEST_CASE("an order is acknowledged when it is recorded, and shown until and after it is taken", "[api]") {
  OrderWorld world;
  world.claimed("j1");
  const auto answer = world.order("j1", kSuspend);
  REQUIRE(answer.status == 202);
  const auto order = answer.json();
  CHECK(order.at("id") == 1);
  CHECK(text(order.at("job")) == "j1");
  CHECK(order.at("run") == 1);
  CHECK(text(order.at("order")) == "suspend");
  CHECK(text(order.at("who")) == "ann@ops");
  CHECK(text(order.at("reason")) == "maintenance");
  CHECK_FALSE(order.as_object().contains("taken_at"));
  const auto shown = world.get("/v1/jobs/j1").json();
  REQUIRE(shown.at("orders").as_array().size() == 1);
  CHECK(shown.at("orders").as_array()[0].at("id") == 1);
  CHECK_FALSE(shown.as_object().contains("cancelling"));
  world.take_orders("j1", "the flow is SUSPENDED");
  CHECK_FALSE(world.get("/v1/jobs/j1").json().as_object().contains("orders"));
  const auto all = world.orders("j1");
  REQUIRE(all.size() == 1);
  CHECK(all[0].as_object().contains("taken_at"));
  CHECK(text(all[0].at("no_effect")) == "the flow is SUSPENDED");
  const auto rows = world.get("/v1/jobs/j1/history").json().at("rows").as_array();
  const auto& row = rows.back();
  CHECK(text(row.at("what")) ==
        "suspend asked for by ann@ops: maintenance; without effect: the flow is SUSPENDED");
  CHECK(row.at("order").at("id") == 1);
  CHECK(text(row.at("order").at("order")) == "suspend");
}

TEST_CASE("a job that is to be cancelled says so, also before anybody has claimed it", "[api]") {
  OrderWorld world;
  world.post_greeting("j1");
  const auto answer = world.order("j1", kCancel);
  REQUIRE(answer.status == 202);
  CHECK(answer.json().at("keep").as_bool());
  const auto shown = world.get("/v1/jobs/j1").json();
  CHECK(text(shown.at("state")) == "PENDING");
  CHECK(shown.at("cancelling").as_bool());
  CHECK(shown.at("orders").as_array().size() == 1);
  world.claim("j1");
  CHECK(world.get("/v1/jobs/j1").json().at("cancelling").as_bool());
  CHECK(world.get("/v1/jobs").json().at("jobs").as_array()[0].at("cancelling").as_bool());
}

TEST_CASE("a job that has ended takes no order, and one that is not there neither", "[api]") {
  OrderWorld world;
  world.claimed("j1");
  world.finish("j1");
  const auto ended = world.order("j1", kCancel);
  CHECK(ended.status == 409);
  CHECK(ended.problem() == "job-ended");
  CHECK(ended.detail() == "job 'j1' has ended in SUCCESS (run 1): there is nothing left to cancel");
  CHECK(world.orders("j1").empty());
  const auto unknown = world.order("j9", kCancel);
  CHECK(unknown.status == 404);
  CHECK(unknown.problem() == "no-such-job");
  CHECK(world.get("/v1/jobs/j9/orders").status == 404);
  world.post_greeting("j2");
  CHECK(world.orders("j2").empty());
}

TEST_CASE("orders that nobody takes are bounded", "[api]") {
  OrderWorld world;
  world.claimed("j1");
  for (std::size_t i = 0; i < kOrdersOpenMax; ++i) CHECK(world.order("j1", kSuspend).status == 202);
  const auto refused = world.order("j1", kSuspend);
  CHECK(refused.status == 409);
  CHECK(refused.problem() == "too-many-orders");
}

TEST_CASE("an order that nobody could understand is refused with what is known", "[api]") {
  OrderWorld world;
  world.claimed("j1");
  const auto problem = [&](const std::string& body) {
    const auto answer = world.order("j1", body);
    CHECK(answer.status == 422);
    CHECK(answer.problem() == "bad-order");
    return answer.detail();
  };
  CHECK(problem(R"({"order": "stop", "who": "ann"})") ==
        "order \"stop\" is not known; known: suspend, resume, cancel, rerun, retry, skip, done");
  CHECK(problem(R"({"who": "ann"})") ==
        "'order' is missing; known: suspend, resume, cancel, rerun, retry, skip, done");
  CHECK(problem(R"({"order": "suspend", "who": 7, "keep": true})") ==
        "'who' is no string; wanted: a string of 1 to " + std::to_string(kOrderWhoBytesMax) +
            " bytes (and 1 more, see errors)");
  CHECK(problem(R"({"order": "cancel"})") == "'who' is missing; wanted: a string of 1 to 255 bytes");
  CHECK(problem(R"({"order": "cancel", "who": "ann", "reason": ")" + std::string(kOrderWhyBytesMax + 1, 'x') +
                "\"}") == "'reason' has 2049 bytes; wanted: a string of 0 to 2048 bytes");
  CHECK(problem(R"({"order": "suspend", "who": "ann", "keep": true})") ==
        "'keep' is a cancel's; a rerun keeps what succeeded unless it is anew, a suspend reverts nothing");
  CHECK(problem(R"({"order": "suspend", "who": "ann", "wy": "x"})") ==
        "member 'wy' is not known; known: order, who, reason, keep, anew, atom, result, run");
  CHECK(problem(R"({"order": "retry", "who": "ann"})") ==
        "'atom' is missing; wanted: a string of 1 to 255 bytes");
  CHECK(problem(R"({"order": "rerun", "who": "ann", "atom": "a"})") ==
        "only retry, skip and done name an atom");
  CHECK(problem(R"({"order": "resume", "who": "ann", "anew": true})") == "only a rerun begins anew");
  CHECK(problem(R"({"order": "skip", "who": "ann", "atom": "a", "result": 1})") == "only done has a result");
  CHECK(problem(R"({"order": "done", "who": "ann", "atom": "a", "result": ")" +
                std::string(kOrderResultBytesMax, 'x') + "\"}") ==
        "'result' has 65538 bytes, the limit is 65536");
  CHECK(problem(R"({"order": "cancel", "who": "ann", "run": 1})") ==
        "only rerun, retry, skip and done are for a run that has ended");
  CHECK(problem(R"({"order": "rerun", "who": "ann", "run": 0})") == "'run' is no whole number from 1 on");
  CHECK(world.order("j1", "[]").problem() == "bad-request");
  CHECK(world.orders("j1").empty());
}

TEST_CASE("an order's reason has an older name, and one of them is enough", "[api]") {
  OrderWorld world;
  world.claimed("j1");
  const auto older = world.order("j1", R"({"order": "suspend", "who": "ann", "why": "moved"})");
  CHECK(older.status == 202);
  CHECK(text(older.json().at("reason")) == "moved");
  CHECK(world.order("j1", R"({"order": "suspend", "who": "ann", "why": "a", "reason": "b"})").detail() ==
        "'why' is an older name of 'reason': give one of them");
}

TEST_CASE("a dry run of an order says what it would come to, and records nothing", "[api]") {
  OrderWorld world;
  const auto dry = [&](const std::string& uuid, const std::string& body) {
    return world.ask("POST", "/v1/jobs/" + uuid + "/orders?dry_run=true", body);
  };
  constexpr const char* kRerun = R"({"order": "rerun", "who": "ann"})";
  CHECK(dry("j1", kSuspend).problem() == "no-such-job");
  world.post_greeting("j1");
  CHECK(dry("j1", kSuspend).status == 200);  // it would wait for the first claim
  world.claim("j1");
  const auto fits = dry("j1", kSuspend);
  CHECK(fits.status == 200);
  CHECK(fits.json().at("dry_run").as_bool());
  CHECK(text(fits.json().at("order")) == "suspend");
  CHECK(fits.json().at("run") == 1);
  CHECK_FALSE(fits.json().as_object().contains("id"));
  CHECK(dry("j1", kRerun).problem() == "job-at-work");
  CHECK(dry("j1", R"({"order": "stop", "who": "ann"})").problem() == "bad-order");
  CHECK(world.ask("POST", "/v1/jobs/j1/orders?dry_run=yes", kSuspend).detail() ==
        "?dry_run=yes is neither true nor false");
  world.finish("j1", FlowState::Failure);
  CHECK(dry("j1", kSuspend).problem() == "job-ended");
  const auto nodes = world.board_jobs().size();
  CHECK(dry("j1", kRerun).json().at("run") == 2);
  CHECK(dry("j1", R"({"order": "retry", "who": "ann", "atom": "none"})").problem() == "no-such-atom");
  CHECK(world.board_jobs().size() == nodes);  // no run was posted
  CHECK(world.orders("j1").empty());
  CHECK(world.order("j1", kRerun).status == 202);
  CHECK(dry("j1", kRerun).status == 200);  // the same again would be the one that is there
  CHECK(dry("j1", R"({"order": "rerun", "who": "ann", "anew": true})").problem() == "run-asked");
}

TEST_CASE("whether an order is recorded can be unknown: that is said, and where to look", "[api]") {
  OrderWorld world;
  world.claimed("j1");
  world.store.lose_next_reply(memory::MemoryFlowStore::LostReply::Applied);
  const auto answer = world.order("j1", kSuspend);
  CHECK(answer.status == 503);
  CHECK(answer.problem() == "order-unknown");
  CHECK_THAT(answer.detail(), Catch::Contains("GET /v1/jobs/{uuid}/orders"));
  CHECK(world.orders("j1").size() == 1);
}

TEST_CASE("a job that has ended is run again: its next run is on the board when it is acknowledged",
          "[api]") {
  OrderWorld world;
  constexpr const char* kRerun = R"({"order": "rerun", "who": "ann@ops", "why": "cleaned up"})";
  CHECK(world.order("j1", kRerun).problem() == "no-such-job");
  world.claimed("j1");
  const auto early = world.order("j1", kRerun);
  CHECK(early.status == 409);
  CHECK(early.problem() == "job-at-work");
  world.finish("j1", FlowState::Failure);
  const auto answer = world.order("j1", kRerun);
  REQUIRE(answer.status == 202);
  CHECK(answer.json().at("run") == 2);
  CHECK_FALSE(answer.json().at("anew").as_bool());
  const auto runs = [&] {
    std::vector<std::uint32_t> found;
    for (const auto& job : world.board_jobs()) found.push_back(job.posting.run);
    return found;
  };
  CHECK(runs() == std::vector<std::uint32_t>{1, 2});  // the first one's node is its conductor's to remove
  CHECK(world.order("j1", kRerun).json().at("id") == answer.json().at("id"));
  CHECK(runs().size() == 2);
  const auto other = world.order("j1", R"({"order": "rerun", "who": "bob@ops", "anew": true})");
  CHECK(other.status == 409);
  CHECK(other.problem() == "run-asked");
  CHECK(
      other.detail() ==
      "run 2 of job 'j1' is to begin with rerun (order 1, by ann@ops), and no conductor has claimed it yet; "
      "ask again when that run has ended");
  CHECK(world.order("j1", kCancel).status == 202);  // of the run that is on the board
}

TEST_CASE("an order for a run that is not the last one is refused", "[api]") {
  OrderWorld world;
  world.claimed("j1");
  world.finish("j1", FlowState::Failure);
  const auto refused = world.order("j1", R"({"order": "rerun", "who": "ann@ops", "run": 2})");
  CHECK(refused.status == 409);
  CHECK(refused.problem() == "other-run");
  CHECK(refused.detail() ==
        "the order is for run 2 of job 'j1', and its last one is run 1; look at what that one did, then ask "
        "again");
  CHECK(world.orders("j1").empty());
  CHECK(world.order("j1", R"({"order": "rerun", "who": "ann@ops", "run": 1})").status == 202);
}

TEST_CASE("a job that is on the board only has not ended", "[api]") {
  OrderWorld world;
  world.post_greeting("j1");
  const auto refused = world.order("j1", R"({"order": "rerun", "who": "ann@ops"})");
  CHECK(refused.status == 409);
  CHECK(refused.problem() == "job-at-work");
  CHECK(refused.detail() ==
        "job 'j1' is PENDING (run 1): rerun is for one that has ended; wait for its end, or cancel it first "
        "(with "
        "\"keep\" nothing is reverted)");
}

TEST_CASE("a rerun that cannot be posted now is acknowledged all the same, and says so", "[api]") {
  OrderWorld world;
  world.claimed("j1");
  world.finish("j1", FlowState::Reverted);
  constexpr const char* kAnew = R"({"order": "rerun", "who": "ann@ops", "anew": true})";
  world.session.disconnect();
  const auto answer = world.order("j1", kAnew);
  REQUIRE(answer.status == 202);
  CHECK_THAT(text(answer.json().at("warning")),
             Catch::Contains("the run is not on the board yet; a conductor will post it"));
  world.session.reconnect();
  const auto again = world.order("j1", kAnew);
  REQUIRE(again.status == 202);
  CHECK(again.json().at("id") == 1);
  CHECK_FALSE(again.json().as_object().contains("warning"));
  CHECK(world.board_jobs().size() == 2);
}

TEST_CASE("an order for an atom is judged before it is recorded", "[api]") {
  OrderWorld world;
  world.claimed("j1");
  world.run_atom("j1", 0);
  world.finish("j1", FlowState::Failure);
  const auto unknown = world.order("j1", R"({"order": "retry", "who": "ann@ops", "atom": "third"})");
  CHECK(unknown.status == 404);
  CHECK(unknown.problem() == "no-such-atom");
  CHECK(unknown.detail() == "job 'j1' has no atom 'third'; GET /v1/jobs/{uuid} lists those that it has");
  const auto done = world.order("j1", R"({"order": "done", "who": "ann@ops", "atom": "hello"})");
  CHECK(done.status == 409);
  CHECK(done.problem() == "atom-refused");
  CHECK(done.detail() ==
        "done of job 'j1': 'hello' has succeeded; a rerun anew runs it again, with everything else");
  CHECK(world.orders("j1").empty());
  const auto taken =
      world.order("j1", R"({"order": "done", "who": "ann@ops", "atom": "bye", "result": {"id": 1.0}})");
  REQUIRE(taken.status == 202);
  CHECK(text(taken.json().at("atom")) == "bye");
  CHECK(taken.json().at("result").at("id") == 1.0);
  CHECK(world.orders("j1").size() == 1);
}
