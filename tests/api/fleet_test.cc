#include <catch2/catch.hpp>

#include "tests/api/api_world.h"

using namespace baton;
using namespace baton::test;

namespace {

std::string text(const boost::json::value& value) {
  return std::string(value.as_string());
}

}  // namespace

TEST_CASE("workers are listed with what they can do and how busy they are", "[api]") {
  ApiWorld world;
  conductor::WorkerView view;
  view.advert.name = "w1";
  view.advert.task_types = {"say", "shout"};
  view.advert.slots = 8;
  view.advert.labels = {{"zone", "a"}};
  view.advert.state = ports::AdvertState::Draining;
  view.outstanding = 3;
  view.room = 5;
  world.inspection.worker_views = {view};
  const auto workers = world.get("/v1/workers").json().at("workers").as_array();
  REQUIRE(workers.size() == 1);
  CHECK(text(workers[0].at("name")) == "w1");
  CHECK(text(workers[0].at("state")) == to_string(ports::AdvertState::Draining));
  CHECK(workers[0].at("slots") == 8);
  CHECK(workers[0].at("outstanding") == 3);
  CHECK(workers[0].at("task_types") == boost::json::value({"say", "shout"}));
  CHECK(text(workers[0].at("labels").at("zone")) == "a");
}

TEST_CASE("conductors are listed, and which of them answers", "[api]") {
  ApiWorld world;
  ports::Member other;
  other.name = "conductor-2";
  other.incarnation = Incarnation(world.entropy.uuid());
  world.inspection.members.push_back(other);
  const auto listed = world.get("/v1/conductors").json().at("conductors").as_array();
  REQUIRE(listed.size() == 2);
  CHECK(text(listed[0].at("api")) == "127.0.0.1:27080");
  CHECK(listed[0].at("answering") == true);
  CHECK(listed[1].at("answering") == false);
}

TEST_CASE("flows are listed with their parameters, an unknown one says what is known", "[api]") {
  ApiWorld world;
  const auto flows = world.get("/v1/flows").json().at("flows").as_array();
  REQUIRE(flows.size() == 1);
  CHECK(text(flows[0].at("name")) == "greet");
  const auto flow = world.get("/v1/flows/greet").json();
  CHECK(text(flow.at("parameters").as_array()[0].at("type")) == "string");
  const auto unknown = world.get("/v1/flows/other");
  CHECK(unknown.status == 404);
  CHECK_THAT(unknown.detail(), Catch::StartsWith("this conductor has no flow 'other'; it has: greet."));
}

TEST_CASE("jobs left alone and parked ones are shown by kind, with what an operator must know", "[api]") {
  ApiWorld world;
  world.inspection.parked_jobs.push_back(
      {JobId("j1"), FlowId{}, "/taskflow/jobs/job0000000001", "its node is gone", TimePoint{}, "my cluster"});
  conductor::LeftAloneJob left;
  left.job = JobId("j2");
  left.name = "coffee";
  left.reason = "no module knows it";
  world.inspection.alone = {left};
  const auto shown = world.get("/v1/left-alone").json();
  const auto alone = shown.at("left_alone").as_array();
  REQUIRE(alone.size() == 1);
  CHECK(text(alone[0].at("kind")) == "left-alone");
  CHECK(text(alone[0].at("name")) == "coffee");
  const auto parked = shown.at("parked").as_array();
  REQUIRE(parked.size() == 1);
  CHECK(text(parked[0].at("kind")) == "parked");
  CHECK(text(parked[0].at("name")) == "my cluster");
  CHECK(text(parked[0].at("reason")) == "its node is gone");
  CHECK(text(parked[0].at("since")) == "1970-01-01T00:00:00.000000Z");
}

TEST_CASE("metrics are Prometheus text: the conductor's, the process's and the API's own", "[api]") {
  ApiWorld world;
  world.inspection.counted.steps = 42;
  world.inspection.measured.workers = 3;
  world.metrics.counter("baton_commits_total", "Commits.").add(7);
  world.get("/v1/jobs/nobody");
  const auto answer = world.get("/metrics");
  CHECK(answer.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK_THAT(answer.body, Catch::Contains("# TYPE baton_conductor_steps_total counter\n"
                                          "baton_conductor_steps_total 42\n"));
  CHECK_THAT(answer.body, Catch::Contains("baton_conductor_workers 3\n"));
  CHECK_THAT(answer.body, Catch::Contains("baton_commits_total 7\n"));
  CHECK_THAT(answer.body, Catch::Contains("baton_api_answers_total{status=\"4xx\"} 1\n"));
  CHECK_THAT(answer.body, Catch::Contains("baton_api_connections 1\n"));
}

TEST_CASE("ready is who reaches board, store and bus and does not drain", "[api]") {
  ApiWorld world;
  CHECK(world.get("/healthz").status == 200);
  auto& now = world.inspection.measured;
  now.board = now.store = true;
  const auto not_ready = world.get("/readyz");
  CHECK(not_ready.status == 503);
  CHECK(not_ready.json().at("bus") == false);
  now.bus = true;
  CHECK(world.get("/readyz").status == 200);
  now.draining = true;
  CHECK(world.get("/readyz").status == 503);
}

TEST_CASE("an unknown path names the known ones, a wrong method the right ones", "[api]") {
  ApiWorld world;
  const auto path = world.get("/v2/jobs");
  CHECK(path.status == 404);
  CHECK_THAT(path.detail(), Catch::StartsWith("known: POST /v1/jobs, GET /v1/jobs, GET /v1/jobs/{uuid}, "));
  CHECK(world.get("/v1/jobs/").status == 404);
  const auto method = world.ask("DELETE", "/v1/jobs");
  CHECK(method.status == 405);
  CHECK(method.headers.at("allow") == "POST, GET");
  CHECK(method.detail() == "this path knows POST, GET, not DELETE");
}
