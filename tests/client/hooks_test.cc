#include <catch2/catch.hpp>

#include "tests/client/baton_command.h"

using namespace baton::client;
using baton::test::Command;
using baton::test::http_answer;
using baton::test::ToldServer;
using Catch::Matchers::Contains;

namespace {

std::string json(const std::string& body) {
  return http_answer("200 OK", "application/json", body);
}

const std::string kGivenUp =
    R"({"id": 3, "hook": "page", "event": "failed", "state": "given_up", "job": "job-1", "run": 1, "about": {}, )"
    R"("attempts": 20, "recorded_at": "r", "ended_at": "02:00", "error": "exit code 1;\nit said nothing"})";

}  // namespace

TEST_CASE("baton hooks list: who is called, whom nobody has reached, and what waits for another conductor") {
  const ToldServer server(
      {{"GET /v1/hooks", json(R"({"hooks": [{"name": "page", "events": ["failed", "stalled"], )"
                              R"("command": "/bin/page", "flows": [], "priorities": ["HIGH"], )"
                              R"("timeout_ms": 30000, "attempts": 20}], "counts": [)"
                              R"({"hook": "chat", "pending": 2, "given_up": 0, "here": false}], )"
                              R"("given_up": [)" +
                              kGivenUp + R"(], "pending": [], "seen_by": "c1"})")}});
  const Command command(server, {"hooks", "list"});
  CHECK(command.ended == Ended::Success);
  CHECK(command.out.str() ==
        "HOOK  EVENTS           ONLY  CALLS\n"
        "page  failed, stalled  HIGH  /bin/page\n"
        "\n"
        "2 calls of 'chat' wait for a conductor that has this hook; c1 has not\n"
        "\n"
        "given up, nobody has been told:\n"
        "CALL  HOOK  EVENT   JOB    TRIES  STANDS             LAST ERROR\n"
        "3     page  failed  job-1  20     given up at 02:00  exit code 1; it said nothing\n");
}

TEST_CASE("baton hooks test: 1 where the hook was called and failed") {
  const ToldServer taken({{"POST /v1/hooks/page/test", json(R"({"hook": "page", "taken": true})")}});
  const Command good(taken, {"hooks", "test", "page"});
  CHECK(good.ended == Ended::Success);
  CHECK(good.out.str() == "page: taken\n");
  const ToldServer refused(
      {{"POST /v1/hooks/page/test", json(R"({"hook": "page", "taken": false, "error": "exit code 1"})")}});
  const Command bad(refused, {"hooks", "test", "page"});
  CHECK(bad.ended == Ended::FlowFailed);
  CHECK(bad.out.str() == "page: failed: exit code 1\n");
}

TEST_CASE("baton hooks of: the calls about a job") {
  const ToldServer server(
      {{"GET /v1/jobs/job-1/hooks", json(R"({"calls": [)" + kGivenUp + R"(], "more": false})")}});
  CHECK_THAT(Command(server, {"hooks", "of", "job-1"}).out.str(), Contains("given up at 02:00"));
}

TEST_CASE("baton hooks retry: a call that was given up is made again") {
  const std::string call = R"({"call": 3, "hook": "page", "event": "failed", "job": "job-1", "run": 1, )"
                           R"("attempts": 20, "who": "ann", )";
  const ToldServer server(
      {{"POST /v1/hook-calls/3/retry",
        http_answer("202 Accepted", "application/json", call + R"("warning": "c1 has none"})")}});
  const Command command(server, {"hooks", "retry", "3", "--who", "ann", "--reason", "it is back"});
  CHECK(command.ended == Ended::Success);
  CHECK(command.out.str() == "call 3 of hook page about job job-1 will be made again\n");
  CHECK(command.err.str() == "baton: c1 has none\n");
  CHECK(server.bodies().back() == R"({"who":"ann","reason":"it is back"})");
  // An older conductor would refuse the parameter; who makes it all the same is not believed.
  CHECK(Command(server, {"hooks", "retry", "3", "--dry-run"}).ended == Ended::Unreachable);
}

TEST_CASE("baton hooks retry: a dry run changes nothing, and what is refused ends with 4") {
  const ToldServer dry({{"POST /v1/hook-calls/3/retry",
                         json(R"({"call": 3, "hook": "page", "job": "job-1", "dry_run": true})")}});
  const Command tried(dry, {"hooks", "retry", "3", "--dry-run"});
  CHECK(tried.ended == Ended::Success);
  CHECK(tried.out.str() == "call 3 of hook page about job job-1 would be made again; nothing was changed\n");
  CHECK(dry.requests() == std::vector<std::string>{"POST /v1/hook-calls/3/retry?dry_run=true"});
  const ToldServer open(
      {{"*", http_answer("409 Conflict", "application/problem+json",
                         R"({"type": "urn:baton:problem:hook-call-not-given-up", "title": "t", )"
                         R"("status": 409, "detail": "it waits"})")}});
  const Command refused(open, {"hooks", "retry", "3"});
  CHECK(refused.ended == Ended::Refused);
  CHECK_THAT(refused.err.str(), Contains("it waits"));
}
