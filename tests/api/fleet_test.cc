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

TEST_CASE("a conductor tells of itself: version, clock, servers, settings, and what atoms wait for",
          "[api]") {
  ApiWorld world;
  world.inspection.me.version = "0.1.0";
  world.inspection.measured.board = world.inspection.measured.bus = true;
  world.inspection.measured.claiming_paused = "the board's generation is not known";
  const auto wait = [&](const char* job, std::vector<conductor::WaitingAtom> atoms) {
    conductor::LiveFlow flow;
    flow.job = JobId(job);
    flow.waiting_count = atoms.size();
    flow.waiting = std::move(atoms);
    world.inspection.live.push_back(flow);
  };
  wait("j1",
       {{"a", "server.create", Intention::Execute, Millis{70}, "no worker advertises 'server.create'"}});
  wait("j2", {{"b", "server.create", Intention::Execute, Millis{900}, "all are full"},
              {"c", "say", Intention::Revert, Millis{5}, "all are full"}});
  world.process_facts.agreed_settings = {{"kafka.topic_prefix", "baton"}};
  world.process_facts.schema_version = 6;
  world.process_facts.session_timeout_asked = Millis{4000};
  world.process_facts.session_timeout = Millis{40'000};
  world.process_facts.can_lose = "fsync is off";

  const auto self = world.get("/v1/self").json();
  CHECK(text(self.at("name")) == "conductor-1");
  CHECK(text(self.at("version")) == "0.1.0");
  CHECK(text(self.at("now")).starts_with("20"));
  CHECK(text(self.at("claiming_paused")) == "the board's generation is not known");
  CHECK(self.at("zookeeper") == boost::json::value({{"reachable", true},
                                                    {"session_timeout_asked_ms", 4000},
                                                    {"session_timeout_ms", 40'000},
                                                    {"silent_for_ms", 0}}));
  CHECK(self.at("kafka") == boost::json::value({{"reachable", true}}));
  CHECK(self.at("postgres") == boost::json::value({{"reachable", false}, {"can_lose", "fsync is off"}}));
  CHECK(self.at("schema_version") == 6);
  CHECK(self.at("settings") == boost::json::value({{"kafka.topic_prefix", "baton"}}));
  const auto waiting = self.at("waiting").as_array();
  REQUIRE(waiting.size() == 2);
  CHECK(text(waiting[0].at("task_type")) == "say");
  CHECK(waiting[1] == boost::json::value({{"task_type", "server.create"},
                                          {"atoms", 2},
                                          {"longest_ms", 900},
                                          {"job", "j2"},
                                          {"reason", "all are full"}}));
}

TEST_CASE("a conductor without servers of its own tells of itself too", "[api]") {
  ApiWorld world;
  const auto self = world.get("/v1/self").json();
  CHECK(self.at("zookeeper") == boost::json::value({{"reachable", false}}));
  CHECK_FALSE(self.as_object().contains("schema_version"));
  CHECK(self.at("settings").as_object().empty());
  CHECK(world.get("/v1/self?x=1").status == 400);
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
  world.inspection.counted.unreadable.by_kind[1] = 5;
  world.inspection.measured.workers = 3;
  world.metrics.counter("baton_commits_total", "Commits.").add(7);
  world.get("/v1/jobs/nobody");
  const auto answer = world.get("/metrics");
  CHECK(answer.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  CHECK_THAT(answer.body, Catch::Contains("# TYPE baton_conductor_steps_total counter\n"
                                          "baton_conductor_steps_total 42\n"));
  CHECK_THAT(answer.body, Catch::Contains("# TYPE baton_conductor_unreadable_total counter\n"
                                          "baton_conductor_unreadable_total{kind=\"message\"} 0\n"
                                          "baton_conductor_unreadable_total{kind=\"version\"} 5\n"));
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

TEST_CASE("a refusal quotes what was asked, bounded, and as a terminal may have it", "[api]") {
  ApiWorld world;
  CHECK_THAT(world.get("/v1/workers?%1B%5B2J=1").detail(), Catch::StartsWith("??[2J= is not known here"));
  const auto priority =
      world.post(R"({"name": "n", "flow": "greet", "priority": ")" + std::string(100'000, 'x') + "\"}");
  CHECK(priority.status == 422);
  CHECK(priority.detail().size() < 1'000);
}
