#include "doctor/server_asking.h"
#include "doctor/srvr_text.h"
#include "tests/doctor/found.h"

using namespace baton;
using namespace baton::doctor;
using namespace baton::test;

namespace {

std::string srvr(const std::string& mode, const std::string& version = "3.8.0") {
  return "Zookeeper version: " + version +
         "-${mvngit.commit.id}, built on 2022-09-06\nLatency min/avg/max: " +
         "0/0.5/10\nReceived: 1\nMode: " + mode + "\nNode count: 5\n";
}

ZooKeeperSeen healthy() {
  ZooKeeperSeen seen;
  seen.hosts = "z1:2181,z2:2181,z3:2181";
  seen.asked = Millis{4000};
  seen.servers = {{"z1:2181", "", srvr("follower"), Millis{2}},
                  {"z2:2181", "", srvr("leader"), Millis{2}},
                  {"z3:2181", "", srvr("follower"), Millis{2}}};
  zookeeper::EnsembleLook session;
  session.server = "10.0.0.1:2181";
  session.granted = Millis{4000};
  session.paths = {{"/taskflow/.baton", true, true, ""}};
  seen.session = session;
  return seen;
}

template <class Change>
Lines trouble_with(Change change) {
  ZooKeeperSeen seen = healthy();
  change(seen);
  Findings findings;
  judge_zookeeper(seen, findings);
  return trouble_in(findings.list());
}

constexpr const char* kAway = "see whether ZooKeeper runs there, and whether zookeeper.hosts is right";

}  // namespace

TEST_CASE("the words of srvr are read, and its refusals", "[doctor]") {
  const auto word = read_srvr(srvr("leader", "3.4.14"));
  CHECK(word.version == "3.4.14");
  CHECK(word.mode == "leader");
  CHECK(word.is_older_than(3, 5));
  CHECK_FALSE(read_srvr(srvr("leader", "3.10.1")).is_older_than(3, 5));
  CHECK_FALSE(read_srvr(srvr("leader", "4.0")).is_older_than(3, 5));
  const auto refused = read_srvr("srvr is not executed because it is not in the whitelist.\n");
  CHECK(refused.version.empty());
  CHECK(refused.refusal == "srvr is not executed because it is not in the whitelist.");
  CHECK(read_srvr("").refusal == "it closes the connection");
  CHECK(read_srvr("This ZooKeeper instance is currently serving read-only requests").mode == "read-only");
  const auto idle = read_srvr("This ZooKeeper instance is not currently serving requests\n");
  CHECK(idle.mode == "not serving");
  CHECK(idle.refusal == "This ZooKeeper instance is not currently serving requests");
  CHECK(read_srvr("\033[2J\x07 \xc3\xa4\x9b \xc2\x9b\nmore").refusal == "?[2J? \xc3\xa4\xef\xbf\xbd ?");
}

TEST_CASE("a healthy ensemble has no trouble", "[doctor]") {
  CHECK(trouble_with([](ZooKeeperSeen&) {}).empty());
}

TEST_CASE("servers that are away are told, and whether a majority is left", "[doctor]") {
  CHECK(trouble_with([](ZooKeeperSeen& seen) {
          seen.servers[0] = {"z1:2181", "refused", "", {}};
        }) ==
        Lines{std::string("wrong zookeeper.reachable z1:2181: refused -> ") + kAway,
              "warning zookeeper.quorum z1:2181,z2:2181,z3:2181: follower: z3:2181 and leader: z2:2181; 1 "
              "server away -> bring it back: the next one that is lost may cost the majority"});
  CHECK(
      trouble_with([](ZooKeeperSeen& seen) {
        seen.servers[0] = {"z1:2181", "refused", "", {}};
        seen.servers[1] = {"z2:2181", "refused", "", {}};
        seen.session->trouble = "no session in 3750 ms";
      }) ==
      Lines{
          std::string("wrong zookeeper.reachable z1:2181: refused -> ") + kAway,
          std::string("wrong zookeeper.reachable z2:2181: refused -> ") + kAway,
          "wrong zookeeper.quorum z1:2181,z2:2181,z3:2181: 2 of 3 servers away: no majority -> bring them "
          "back: until then nothing is claimed",
          "wrong zookeeper.session z1:2181,z2:2181,z3:2181: no session in 3750 ms -> it accepts connections "
          "and gives no session: it has no majority, or is stuck; see its log"});
}

TEST_CASE("servers that are up and serve nobody count as away", "[doctor]") {
  const std::string idle = "This ZooKeeper instance is not currently serving requests\n";
  const std::string unsaid =
      ": it serves nobody (This ZooKeeper instance is not currently serving requests) -> see its log: it "
      "does "
      "not find the others, or has lost them";
  CHECK(trouble_with([&](ZooKeeperSeen& seen) { seen.servers[0].said = idle; }) ==
        Lines{"not looked at zookeeper.version z1:2181" + unsaid,
              "warning zookeeper.quorum z1:2181,z2:2181,z3:2181: follower: z3:2181, leader: z2:2181 and not "
              "serving: z1:2181; 1 server away -> bring it back: the next one that is lost may cost the "
              "majority"});
  const auto lost = trouble_with([&](ZooKeeperSeen& seen) {
    for (auto& server : seen.servers) server.said = idle;
    seen.session->trouble = "no session in 3750 ms";
  });
  REQUIRE(lost.size() == 5);
  CHECK(
      lost[3] ==
      "wrong zookeeper.quorum z1:2181,z2:2181,z3:2181: 3 of 3 servers away: no majority -> bring them back: "
      "until then nothing is claimed");
}

TEST_CASE("a list may name a part of an ensemble that gives sessions", "[doctor]") {
  const auto part = trouble_with([](ZooKeeperSeen& seen) {
    seen.servers.pop_back();
    seen.servers[0] = {"z1:2181", "refused", "", {}};
  });
  REQUIRE(part.size() == 2);
  CHECK_THAT(part[1], Catch::StartsWith("warning zookeeper.quorum"));
}

TEST_CASE("files of one ensemble are asked about together, with the folders of all", "[doctor]") {
  SettingsSeen worker, conductor;
  worker.zookeeper_hosts = conductor.zookeeper_hosts = "z1,z2:2182/root";
  worker.session_timeout = conductor.session_timeout = Millis{4000};
  worker.fleet_path = conductor.fleet_path = "/fleet";
  conductor.board_path = "/jobs";
  conductor.board_shards = 1;
  for (const auto& files : {std::vector{worker, conductor}, std::vector{conductor, worker}}) {
    const auto asked = zookeepers_of(files);
    REQUIRE(asked.size() == 1);
    CHECK(asked[0].paths == Lines{"/fleet", "/jobs"});
    CHECK(asked[0].servers.size() == 2);
    CHECK(asked[0].boards == std::map<std::string, std::int64_t>{{"/jobs", 1}});
  }
  worker.session_timeout = Millis{60'000};
  const auto asked = zookeepers_of({conductor, worker});
  REQUIRE(asked.size() == 2);
  CHECK(asked[1].asked == Millis{60'000});
}

TEST_CASE("one that is stopped alone is said once", "[doctor]") {
  CHECK(trouble_with([](ZooKeeperSeen& seen) {
          seen.servers = {{"z1:2181", "no connection: Connection refused", "", {}}};
          seen.session->trouble = "no session in 3750 ms";
        }) == Lines{std::string("wrong zookeeper.reachable z1:2181: no connection: Connection refused -> ") +
                    kAway});
}

TEST_CASE("odd ensembles: one alone, several alone, no leader, read only", "[doctor]") {
  CHECK(trouble_with([](ZooKeeperSeen& seen) {
          seen.servers = {{"z1:2181", "", srvr("standalone"), {}}};
        }) ==
        Lines{"warning zookeeper.quorum z1:2181,z2:2181,z3:2181: one server only (standalone: z1:2181) -> "
              "for more than a trial: three or five servers on different hosts"});
  CHECK(trouble_with([](ZooKeeperSeen& seen) {
          for (auto& server : seen.servers) server.said = srvr("standalone");
        }) ==
        Lines{"wrong zookeeper.quorum z1:2181,z2:2181,z3:2181: standalone: z1:2181, z2:2181 and z3:2181 -> "
              "these are several ZooKeepers, not one: give each its server.N lines, or name one"});
  CHECK(
      trouble_with([](ZooKeeperSeen& seen) { seen.servers[1].said = srvr("follower"); }) ==
      Lines{
          "warning zookeeper.quorum z1:2181,z2:2181,z3:2181: follower: z1:2181, z2:2181 and z3:2181; none of "
          "these leads -> name all servers in zookeeper.hosts; if these are all: see their logs"});
  CHECK(trouble_with([](ZooKeeperSeen& seen) { seen.servers[0].said = srvr("leader"); }) ==
        Lines{"wrong zookeeper.quorum z1:2181,z2:2181,z3:2181: follower: z3:2181 and leader: z1:2181 and "
              "z2:2181 -> only one may lead: these are several ZooKeepers, name those of one"});
  const auto read_only = trouble_with([](ZooKeeperSeen& seen) { seen.servers[0].said = srvr("read-only"); });
  REQUIRE(read_only.size() == 1);
  CHECK_THAT(read_only[0], Catch::Contains("this server has lost the majority"));
}

TEST_CASE("a server that may not say its version is not looked at, an old one is warned of", "[doctor]") {
  const auto silent = trouble_with([](ZooKeeperSeen& seen) {
    for (auto& server : seen.servers)
      server.said = "srvr is not executed because it is not in the whitelist.\n";
  });
  REQUIRE(silent.size() == 3);
  CHECK_THAT(silent[0],
             Catch::StartsWith("not looked at zookeeper.version z1:2181: it may not say (srvr is not "
                               "executed because it is not in the whitelist.) -> let it: add srvr to "
                               "4lw.commands.whitelist"));
  CHECK(trouble_with([](ZooKeeperSeen& seen) { seen.servers[0].said = srvr("follower", "3.4.6"); }) ==
        Lines{"warning zookeeper.version z1:2181: version 3.4.6 -> bring it to 3.5 or later"});
}

TEST_CASE("the session's timeout: granted otherwise, short, long", "[doctor]") {
  CHECK(
      trouble_with([](ZooKeeperSeen& seen) { seen.session->granted = Millis{40'000}; }) ==
      Lines{
          "warning zookeeper.session z1:2181,z2:2181,z3:2181: granted 40 s, asked for 4 s -> bring "
          "zookeeper.session_timeout_ms and the server's minSessionTimeout and maxSessionTimeout together"});
  CHECK(trouble_with([](ZooKeeperSeen& seen) { seen.session->granted = seen.asked = Millis{500}; }) ==
        Lines{"warning zookeeper.session z1:2181,z2:2181,z3:2181: granted 500 ms, asked for 500 ms -> set "
              "zookeeper.session_timeout_ms to 4000: a host that is busy for so long is taken for dead"});
  CHECK(trouble_with([](ZooKeeperSeen& seen) { seen.session->granted = seen.asked = Millis{60'000}; }) ==
        Lines{"warning zookeeper.session z1:2181,z2:2181,z3:2181: granted 60 s, asked for 60 s -> set "
              "zookeeper.session_timeout_ms to 4000: a host that vanishes goes unnoticed for so long"});
}

TEST_CASE("a board in other folders than the settings say, and jobs where nobody looks", "[doctor]") {
  const auto board = [](ZooKeeperSeen& seen) -> zookeeper::ShardsLook& {
    seen.boards = {{"/taskflow/jobs", 4}};
    zookeeper::ShardsLook look;
    look.board = "/taskflow/jobs";
    look.there = true;
    look.noted = 4;
    return seen.session->boards.emplace_back(look);
  };
  CHECK(trouble_with(board) == Lines{});
  CHECK(trouble_with([&](ZooKeeperSeen& seen) { board(seen).there = false; }) == Lines{});
  CHECK(
      trouble_with([&](ZooKeeperSeen& seen) { board(seen).noted = 1; }) ==
      Lines{"wrong zookeeper.shards /taskflow/jobs: it is in 1 folder, conductor.board_shards says 4 -> set "
            "conductor.board_shards = 1; or end all conductors and run baton admin shards. Until then a "
            "conductor with that file claims nothing"});
  CHECK(
      trouble_with([&](ZooKeeperSeen& seen) {
        board(seen).strays = {{"/taskflow.7/jobs", 2}};
      }) ==
      Lines{
          "wrong zookeeper.shards /taskflow.7/jobs: 2 jobs in a folder that the board had once, and that no "
          "conductor lists -> post them again to the API, under their uuids, and remove the nodes; see who "
          "posts there"});
  CHECK(trouble_with([&](ZooKeeperSeen& seen) { board(seen).trouble = "connection loss"; }) ==
        Lines{"not looked at zookeeper.shards /taskflow/jobs: connection loss -> ask again"});
}

TEST_CASE("folders: missing, closed to us, not told", "[doctor]") {
  const auto missing = trouble_with([](ZooKeeperSeen& seen) { seen.session->paths[0].there = false; });
  REQUIRE(missing.size() == 1);
  CHECK_THAT(missing[0], Catch::StartsWith("warning zookeeper.paths /taskflow/.baton: it is not there"));
  CHECK(
      trouble_with([](ZooKeeperSeen& seen) { seen.session->paths[0].open = false; }) ==
      Lines{
          "wrong zookeeper.paths /taskflow/.baton: its access list does not let everybody read, write, make "
          "and remove nodes -> Baton does not authenticate itself: setAcl /taskflow/.baton "
          "world:anyone:crwda"});
  CHECK(trouble_with([](ZooKeeperSeen& seen) { seen.session->paths[0].trouble = "connection loss"; }) ==
        Lines{"not looked at zookeeper.paths /taskflow/.baton: connection loss -> ask again"});
}
