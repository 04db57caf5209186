#include "client/command/show_text.h"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <sstream>

#include "client/command/table.h"

using namespace baton::client;

TEST_CASE("a job is shown with its atoms as a tree of flows") {
  const auto job = boost::json::parse(R"({
    "uuid": "u-1", "name": "my cluster", "state": "RUNNING", "run": 1, "flow": "create-cluster", "conductor": "c1",
    "posted_at": "2026-11-23T10:00:00.000Z", "atoms_done": 1, "atoms_total": 4, "atoms": [
     {"name": "add-a_retry", "state": "SUCCESS", "attempt": 1, "scope": ["create-cluster", "servers", "add-a"], "duration_ms": 0},
     {"name": "create-a", "state": "RUNNING", "attempt": 2, "worker": "w1", "duration_ms": 1500, "scope": ["create-cluster", "servers", "add-a"],
      "failure": {"type": "Quota", "message": "no room"}},
     {"name": "configure", "state": "PENDING", "attempt": 0, "scope": ["create-cluster"],
      "waiting": {"for_ms": 10, "reason": "no worker advertises cluster.configure"}}]})");
  std::ostringstream out;
  print_job(out, job, false);
  CHECK(out.str() ==
        "my cluster  RUNNING  1/4 atoms\n"
        "  uuid       u-1\n"
        "  flow       create-cluster\n"
        "  posted     2026-11-23T10:00:00.000Z\n"
        "  conductor  c1\n"
        "\n"
        "create-cluster/\n"
        "  servers/\n"
        "    add-a/\n"
        "      add-a_retry  SUCCESS  0 ms\n"
        "      create-a  RUNNING  attempt 2  on w1  1.5 s\n"
        "          Quota: no room\n"
        "  configure  PENDING\n"
        "      waits: no worker advertises cluster.configure\n");
}

TEST_CASE("a line of the history says when, what, where and why") {
  const auto line = [](const char* row) { return history_line(boost::json::parse(row), false); };
  CHECK(line(R"({"at": "T", "atom": "create-a", "state": "RUNNING", "attempt": 1, "worker": "w1"})") ==
        "T  create-a  RUNNING  w1");
  CHECK(
      line(
          R"({"at": "T", "atom": "create-a", "state": "SUCCESS", "attempt": 2, "data": {"result": {"id": 1}}})") ==
      "T  create-a  SUCCESS  attempt 2  {\"id\":1}");
  CHECK(
      line(
          R"({"at": "T", "state": "REVERTED", "data": {"failure": {"type": "Quota", "message": "no room"}}})") ==
      "T  (flow)  REVERTED  Quota: no room");
  CHECK(line(R"({"at": "T", "atom": "a", "intention": "REVERT", "data": {"note": "a sibling failed"}})") ==
        "T  a  to REVERT  (a sibling failed)");
}

TEST_CASE("colours are for terminals") {
  CHECK(shown_state("SUCCESS", false) == "SUCCESS");
  CHECK(shown_state("SUCCESS", true) == "\033[32mSUCCESS\033[0m");
}

TEST_CASE("a table is as wide as what is in it, counted in characters") {
  std::ostringstream out;
  print_table(out, {"NAME", "STATE"}, {{"caf\xC3\xA9", "RUNNING"}, {"longer name", ""}});
  CHECK(out.str() == "NAME         STATE\ncaf\xC3\xA9         RUNNING\nlonger name\n");
}

TEST_CASE("durations are for people") {
  CHECK(shown_duration(850) == "850 ms");
  CHECK(shown_duration(12'340) == "12.3 s");
  CHECK(shown_duration(250'000) == "4 min 10 s");
  CHECK(shown_duration(7'500'000) == "2 h 5 min");
}
