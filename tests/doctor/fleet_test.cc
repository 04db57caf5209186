#include <boost/json/parse.hpp>

#include "doctor/fleet_answers.h"
#include "tests/doctor/found.h"

using namespace baton;
using namespace baton::doctor;
using namespace baton::test;

namespace {

ConductorSeen conductor(const std::string& name) {
  ConductorSeen seen;
  seen.name = name;
  seen.address = name + ":27080";
  seen.host = name;
  seen.version = "0.1.0";
  seen.zookeeper = seen.kafka = seen.postgres = true;
  seen.session_asked = seen.session_granted = Millis{4000};
  seen.settings = {{"kafka.topic_prefix", "baton"}, {"postgres.schema", "baton"}};
  return seen;
}

FleetSeen healthy() {
  FleetSeen fleet;
  fleet.named = true;
  fleet.conductors = {conductor("c1"), conductor("c2")};
  fleet.told_by = "c1";
  WorkerSeen worker;
  worker.name = worker.host = "w1";
  worker.state = "READY";
  worker.version = "0.1.0";
  worker.task_types = {"server.create"};
  worker.slots = 8;
  fleet.workers = {worker};
  return fleet;
}

template <class Change>
Lines trouble_with(Change change) {
  FleetSeen fleet = healthy();
  change(fleet);
  Findings findings;
  judge_conductors(fleet, "0.1.0", findings);
  judge_workers(fleet, "0.1.0", findings);
  judge_jobs(fleet, findings);
  return trouble_in(findings.list());
}

}  // namespace

TEST_CASE("a healthy fleet has no trouble", "[doctor]") {
  CHECK(trouble_with([](FleetSeen&) {}).empty());
}

TEST_CASE("a conductor that does not answer is wrong where somebody said that it is there", "[doctor]") {
  const auto silent = [](FleetSeen& fleet) {
    fleet.conductors[1].trouble = "Connection refused";
    fleet.conductors[1].name.clear();
    fleet.conductors[1].version.clear();
    fleet.conductors[1].settings.clear();
  };
  CHECK(trouble_with(silent) ==
        Lines{"wrong conductor.reachable c2:27080: Connection refused -> start one (systemctl start "
              "baton-conductor), or say with --api where one is"});
  CHECK(
      trouble_with([&](FleetSeen& fleet) { silent(fleet), fleet.named = false; }) ==
      Lines{
          "not looked at conductor.reachable c2:27080: no conductor there: Connection refused -> --api says "
          "where one is"});
  CHECK(trouble_with([&](FleetSeen& fleet) {  // others list it: it should be there
          silent(fleet), fleet.named = false, fleet.conductors[1].name = "c2";
        }) ==
        Lines{"wrong conductor.reachable c2 (c2:27080): Connection refused -> start one (systemctl start "
              "baton-conductor), or say with --api where one is"});
  const auto elsewhere = trouble_with([](FleetSeen& fleet) { fleet.conductors[1].elsewhere = true; });
  REQUIRE(elsewhere.size() == 1);
  CHECK_THAT(elsewhere[0],
             Catch::StartsWith("not looked at conductor.reachable c2 (c2:27080): its API listens on "
                               "the loopback of c2 only -> run `baton doctor` there too"));
}

TEST_CASE("versions that differ are told with who has them", "[doctor]") {
  CHECK(
      trouble_with([](FleetSeen& fleet) { fleet.conductors[1].version = "0.2.0"; }) ==
      Lines{"warning conductor.version all conductors: 0.1.0 (c1) and 0.2.0 (c2) -> if no rolling restart is "
            "under way: bring all to the same version"});
  const auto all = trouble_with([](FleetSeen& fleet) {
    for (auto& one : fleet.conductors) one.version = "0.2.0";
  });
  CHECK(all ==
        Lines{"warning conductor.version all conductors: version 0.2.0, this command is 0.1.0 -> use the "
              "command of the fleet's version: another one may not know what it tells"});
  CHECK(
      trouble_with([](FleetSeen& fleet) { fleet.workers[0].version = "0.2.0"; }) ==
      Lines{
          "warning worker.version all workers: 0.2.0 (w1); this command is 0.1.0 -> if no rolling restart is "
          "under way: bring all to the same version"});
  const auto old = trouble_with(
      [](FleetSeen& fleet) { fleet.conductors[1].tells = false, fleet.conductors[1].settings.clear(); });
  CHECK(old ==
        Lines{"not looked at conductor.servers c2 (c2:27080): version 0.1.0 does not tell of itself (GET "
              "/v1/self) -> bring it to this command's version"});
}

TEST_CASE("a conductor's servers, pauses and session are told", "[doctor]") {
  const auto with = [](auto change) {
    return trouble_with([&](FleetSeen& fleet) { change(fleet.conductors[0]); });
  };
  CHECK(
      with([](ConductorSeen& one) { one.kafka = one.postgres = false; }) ==
      Lines{"wrong conductor.servers c1 (c1:27080): it does not reach Kafka and Postgres -> see whether they "
            "run, and the network between; with --settings FILE this command asks them itself"});
  CHECK(with([](ConductorSeen& one) { one.draining = true; }) ==
        Lines{"warning conductor.servers c1 (c1:27080): it drains: it claims nothing more -> nothing, if "
              "somebody "
              "restarts it"});
  CHECK(with([](ConductorSeen& one) { one.claiming_paused = "at its bound"; }) ==
        Lines{"warning conductor.servers c1 (c1:27080): it claims nothing: at its bound -> if this lasts for "
              "more "
              "than a minute: see its log"});
  CHECK(
      with([](ConductorSeen& one) { one.session_granted = Millis{40'000}; }) ==
      Lines{
          "warning conductor.session c1 (c1:27080): session timeout 40 s, asked for were 4 s -> bring "
          "zookeeper.session_timeout_ms and the server's minSessionTimeout and maxSessionTimeout together"});
  CHECK(with([](ConductorSeen& one) { one.session_silent = Millis{12'300}; }) ==
        Lines{"wrong conductor.session c1 (c1:27080): ZooKeeper has said nothing for 12.3 s -> see whether "
              "ZooKeeper, its disk or the network is slow"});
  CHECK(with([](ConductorSeen& one) { one.session_asked = one.session_granted = Millis{0}; }).empty());
  CHECK(with([](ConductorSeen& one) { one.can_lose = "fsync is off"; }) ==
        Lines{"warning postgres.standbys seen by c1 (c1:27080): fsync is off -> see its settings; with "
              "--settings "
              "FILE this command asks the server itself"});
}

TEST_CASE("settings that conductors do not have alike are named, with who has which", "[doctor]") {
  CHECK(trouble_with([](FleetSeen& fleet) { fleet.conductors[1].settings["postgres.schema"] = "other"; }) ==
        Lines{"wrong conductor.settings postgres.schema: baton (c1) and other (c2) -> give all conductors of "
              "this "
              "fleet the same; two fleets differ in all of these settings"});
}

TEST_CASE("a list that did not come hides nothing else", "[doctor]") {
  CHECK(
      trouble_with([](FleetSeen& fleet) {
        fleet.workers.clear(), fleet.workers_trouble = "no answer in 5 s";
        fleet.conductors[0].waiting = {{"gpu.train", "j1", "no worker", 2, Millis{90'000}}};
      }) ==
      Lines{
          "not looked at worker.there the fleet: the list of workers: no answer in 5 s -> ask again; if it "
          "stays so, see the log of c1",
          "warning jobs.waiting gpu.train: 2 atoms of type 'gpu.train' wait, the longest for 90 s (job j1): "
          "no worker -> more workers or slots would help, if this lasts"});
  CHECK(
      trouble_with([](FleetSeen& fleet) { fleet.left_alone_trouble = "c2: no answer in 5 s"; }) ==
      Lines{
          "not looked at jobs.left_alone the board: a list of jobs left alone did not come: c2: no answer in "
          "5 s -> ask again"});
}

TEST_CASE("workers: none, cut off, draining", "[doctor]") {
  const auto none = trouble_with([](FleetSeen& fleet) { fleet.workers.clear(); });
  CHECK(none == Lines{"warning worker.there the fleet: no worker is there -> start one (systemctl start "
                      "baton-worker); its zookeeper.fleet_path must be the conductors'"});
  CHECK(trouble_with([](FleetSeen& fleet) { fleet.workers[0].state = "UNREACHABLE"; }) ==
        Lines{"wrong worker.state w1: it has lost its servers (UNREACHABLE) -> see its log on w1, and the "
              "network "
              "between it and Kafka"});
  CHECK(
      trouble_with([](FleetSeen& fleet) { fleet.workers[0].state = "DRAINING"; }) ==
      Lines{"warning worker.state w1: it drains: it takes nothing more -> nothing, if somebody restarts it"});
  CHECK(trouble_with([](FleetSeen& fleet) {
          fleet.told_by.clear(), fleet.workers.clear(), fleet.trouble = "no conductor answers";
        }) ==
        Lines{"not looked at worker.there the fleet: no conductor answers -> ask again when a conductor "
              "answers"});
}

TEST_CASE("a task type that nobody offers while atoms wait is wrong, a long wait a warning", "[doctor]") {
  const auto waiting = [](const std::string& type, Millis longest) {
    return [=](FleetSeen& fleet) {
      fleet.conductors[0].waiting = {{type, "j1", "no worker", 2, Millis{10}}};
      fleet.conductors[1].waiting = {{type, "j2", "no worker has room", 1, longest}};
    };
  };
  CHECK(
      trouble_with(waiting("gpu.train", Millis{90'000})) ==
      Lines{
          "wrong jobs.waiting gpu.train: 3 atoms of type 'gpu.train' wait, the longest for 90 s (job j2): no "
          "worker has room -> start a worker that offers 'gpu.train' (worker.modules, worker.commands)"});
  CHECK(trouble_with(waiting("server.create", Millis{90'000})) ==
        Lines{"warning jobs.waiting server.create: 3 atoms of type 'server.create' wait, the longest for 90 "
              "s (job "
              "j2): no worker has room -> more workers or slots would help, if this lasts"});
  CHECK(trouble_with(waiting("server.create", Millis{900})).empty());
}

TEST_CASE("jobs that nobody runs are told with their reason", "[doctor]") {
  CHECK(trouble_with([](FleetSeen& fleet) {
          fleet.left_alone = {{"left-alone", "j1", "coffee", "no module knows 'brew'"},
                              {"parked", "j2", "", "its node is gone"}};
        }) ==
        Lines{"warning jobs.left_alone j1 (coffee): left alone: no module knows 'brew' -> see `baton "
              "left-alone`; cancel it, or bring what it needs",
              "warning jobs.left_alone j2: parked: its node is gone -> post it again under its uuid if it "
              "shall go on"});
}

TEST_CASE("a conductor's answers are read, and what is missing or odd is not told", "[doctor]") {
  ConductorSeen seen;
  read_self(boost::json::parse(R"({"name": "c1", "host": "h", "version": "0.1.0", "incarnation": "i",
      "now": "2026-11-26T05:58:20.250001Z", "draining": true, "claiming_paused": "why",
      "zookeeper": {"reachable": true, "session_timeout_asked_ms": 4000, "session_timeout_ms": 5000,
                    "silent_for_ms": 7},
      "kafka": {"reachable": true}, "postgres": {"reachable": false, "can_lose": "fsync is off"},
      "schema_version": 6, "settings": {"postgres.schema": "baton", "odd": 7},
      "waiting": [{"task_type": "say", "atoms": 2, "longest_ms": 9, "job": "j", "reason": "full"}]})"),
            seen);
  CHECK(seen.name == "c1");
  CHECK(to_rfc3339(seen.clock.said) == "2026-11-26T05:58:20.250001Z");
  CHECK((seen.zookeeper && seen.kafka && !seen.postgres && seen.draining));
  CHECK(seen.session_asked == Millis{4000});
  CHECK(seen.session_granted == Millis{5000});
  CHECK(seen.session_silent == Millis{7});
  CHECK(seen.can_lose == "fsync is off");
  CHECK(seen.schema_version == 6);
  CHECK(seen.settings == std::map<std::string, std::string>{{"postgres.schema", "baton"}});
  REQUIRE(seen.waiting.size() == 1);
  CHECK(seen.waiting[0].atoms == 2);

  ConductorSeen odd;
  read_self(boost::json::parse(R"({"name": 7, "now": "yesterday", "waiting": {}, "kafka": []})"), odd);
  CHECK((odd.name.empty() && !odd.clock.known() && odd.waiting.empty() && !odd.kafka));
  ConductorSeen many;  // of numbers that are none of anything, sums do not overflow
  read_self(boost::json::parse(
                R"({"waiting": [{"task_type": "x", "atoms": 9223372036854775807, "longest_ms": -1}]})"),
            many);
  REQUIRE(many.waiting.size() == 1);
  CHECK(many.waiting[0].atoms == 1'000'000'000'000);
  CHECK(many.waiting[0].longest == Millis{0});
  CHECK(read_conductors(boost::json::value()).empty());
  CHECK(read_workers(boost::json::parse(R"({"workers": [{"name": "w", "task_types": ["a", 1]}]})"))[0]
            .task_types == std::set<std::string>{"a"});
  const auto jobs = read_left_alone(boost::json::parse(
      R"({"left_alone": [{"kind": "left-alone", "job": "a"}], "parked": [{"kind": "parked", "job": "b"}]})"));
  REQUIRE(jobs.size() == 2);
  CHECK(jobs[1].kind == "parked");
  CHECK_FALSE(read_time("2026-13-40T00:00:00Z"));
  CHECK_FALSE(read_time("2026-11-26T05:58:1e300Z"));
}
