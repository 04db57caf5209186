#include <catch2/catch.hpp>

#include "tests/api/api_world.h"

using namespace baton;
using namespace baton::test;

namespace {

constexpr const char* kSuspend = R"({"order": "suspend", "who": "ann@ops", "why": "maintenance"})";
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
  CHECK(text(order.at("why")) == "maintenance");
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
        "order \"stop\" is not known; known: suspend, resume, cancel");
  CHECK(problem(R"({"who": "ann"})") == "'order' is missing; known: suspend, resume, cancel");
  CHECK(problem(R"({"order": "cancel"})") == "'who' is missing; wanted: a string of 1 to 255 bytes");
  CHECK(problem(R"({"order": "cancel", "who": "ann", "why": ")" + std::string(kOrderWhyBytesMax + 1, 'x') +
                "\"}") == "'why' has 2049 bytes; wanted: a string of 0 to 2048 bytes");
  CHECK(problem(R"({"order": "suspend", "who": "ann", "keep": true})") ==
        "only a cancel keeps what was done; a suspend reverts nothing");
  CHECK(problem(R"({"order": "suspend", "who": "ann", "wy": "x"})") ==
        "member 'wy' is not known; known: order, who, why, keep");
  CHECK(world.order("j1", "[]").problem() == "bad-request");
  CHECK(world.orders("j1").empty());
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
