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

TEST_CASE("a job that is to be cancelled says so, and who has asked for what") {
  const auto job = boost::json::parse(R"({
    "uuid": "u-1", "name": "my cluster", "state": "SUSPENDING", "run": 1, "flow": "f", "cancelling": true,
    "posted_at": "T", "atoms_done": 1, "atoms_total": 4, "orders": [
     {"id": 7, "order": "cancel", "keep": true, "who": "ann@ops", "reason": "by mistake", "ordered_at": "T1"},
     {"id": 8, "order": "suspend", "who": "bob@ops", "why": "", "ordered_at": "T2"}]})");
  std::ostringstream out;
  print_job(out, job, false);
  CHECK(out.str() ==
        "my cluster  SUSPENDING, cancelling  1/4 atoms\n"
        "  uuid       u-1\n"
        "  flow       f\n"
        "  posted     T\n"
        "  asked for  cancel --keep by ann@ops at T1: by mistake\n"
        "  asked for  suspend by bob@ops at T2\n");
}

TEST_CASE("a line of the history says when, of what, what happened and what came out") {
  const auto line = [](const char* row) { return history_line(boost::json::parse(row), false); };
  CHECK(line(R"({"at": "2026-11-23T10:00:00.123456Z", "atom": "create-a", "state": "RUNNING", "worker": "w1",
                 "what": "RUNNING at w1"})") ==
        "2026-11-23T10:00:00.123Z  create-a              RUNNING at w1");
  CHECK(line(R"({"at": "T", "atom": "create-a", "state": "SUCCESS", "what": "SUCCESS, attempt 2",
                 "data": {"result": {"id": 1}}})") ==
        "T  create-a              SUCCESS, attempt 2  {\"id\":1}");
  CHECK(line(R"({"at": "T", "state": "REVERTED", "what": "REVERTED: Quota: no room"})") ==
        "T  (flow)                REVERTED: Quota: no room");
  CHECK(line(R"({"at": "T", "what": "claimed by conductor-1 at epoch 1.57",
                 "claim": {"conductor": "conductor-1"}})") ==
        "T  (flow)                claimed by conductor-1 at epoch 1.57");
  CHECK(line(R"({"at": "T", "intention": "EXECUTE", "what": "PENDING again: 2 atoms reset, to be executed",
                 "range": {"first": "create-a", "last": "wait-a", "atoms": 2, "reset": true}})") ==
        "T  create-a … wait-a     PENDING again: 2 atoms reset, to be executed");
}

TEST_CASE("only the state of a history's line is coloured") {
  CHECK(history_line(boost::json::parse(R"({"at": "T", "atom": "an-atom-with-a-long-name", "state": "SUCCESS",
                                            "what": "SUCCESS, attempt 2"})"),
                     true) == "T  an-atom-with-a-long-name  \033[32mSUCCESS\033[0m, attempt 2");
}

TEST_CASE("times are shown with milliseconds") {
  CHECK(shown_time("2026-11-23T10:00:00.123456Z") == "2026-11-23T10:00:00.123Z");
  CHECK(shown_time("2026-11-23T10:00:00Z") == "2026-11-23T10:00:00Z");
  CHECK(shown_time("").empty());
}

TEST_CASE("the reason of a job is what it waits for, or what it failed of, on one line") {
  const auto reason = [](const std::string& job) { return shown_reason(boost::json::parse(job)); };
  CHECK(reason(R"({"state": "RUNNING"})").empty());
  CHECK(reason(R"({"waiting_for": "no module knows it"})") == "no module knows it");
  CHECK(reason(R"({"failure": {"type": "Trashed", "message": "it is not JSON\n  at byte 1"}})") ==
        "Trashed: it is not JSON   at byte 1");
  CHECK(reason(R"({"waiting_for": ")" + std::string(1000, 'x') + "\"}").size() < 130);
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
