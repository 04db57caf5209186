#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "tests/client/baton_command.h"

using namespace baton::client;
using baton::test::Command;
using baton::test::http_answer;
using baton::test::kEndEvent;
using baton::test::row_event;
using baton::test::ToldServer;
using baton::test::Words;

namespace {

constexpr const char* kProblem =
    R"({"type": "urn:baton:problem:bad-request", "title": "The request cannot be understood", "status": 400, )"
    R"("detail": "?state=X is no state", "errors": [{"pointer": "/state", "detail": "known: RUNNING"}]})";

/// Every command that asks the API, and what it asks first.
const std::vector<std::pair<Words, std::string>> kAsking{
    {{"list"}, "GET /v1/jobs?limit=50"},
    {{"job", "list"}, "GET /v1/jobs?limit=50"},
    {{"show", "u"}, "GET /v1/jobs/u"},
    {{"watch", "u"}, "GET /v1/jobs/u/events"},
    {{"history", "u"}, "GET /v1/jobs/u/history"},
    {{"workers"}, "GET /v1/workers"},
    {{"conductors"}, "GET /v1/conductors"},
    {{"left-alone"}, "GET /v1/left-alone"},
    {{"hooks", "list"}, "GET /v1/hooks"},
    {{"hooks", "of", "u"}, "GET /v1/jobs/u/hooks"},
    {{"hooks", "test", "a b"}, "POST /v1/hooks/a%20b/test"},
    {{"hooks", "retry", "a b"}, "POST /v1/hook-calls/a%20b/retry"},
    {{"flow", "list"}, "GET /v1/flows"},
    {{"flow", "show", "a b"}, "GET /v1/flows/a%20b"},
    {{"post", "create-cluster"}, "GET /v1/flows/create-cluster"},
    {{"suspend", "a b"}, "POST /v1/jobs/a%20b/orders"},
    {{"job", "cancel", "u", "--keep"}, "POST /v1/jobs/u/orders"},
};

std::string no_conductor(const ToldServer& server, const std::string& asked, const std::string& with) {
  return "baton: " + server.address() + " is no Baton conductor: it answers " + asked + " with " + with +
         "\n  hint: --api, --profile or BATON_API says where a conductor is\n";
}

std::string stream(const std::string& events) {
  return http_answer("200 OK", "text/event-stream", events);
}

Words in_json(Words words) {
  words.insert(words.begin(), {"--output", "json"});
  return words;
}

}  // namespace

TEST_CASE("another HTTP server is told from a conductor, whatever is asked, and is posted nothing") {
  for (const auto& [words, asked] : kAsking) {
    CAPTURE(asked);
    const ToldServer page({{"*", http_answer("200 OK", "text/html", "<!DOCTYPE html><p>It works!</p>")}});
    const Command command(page, words);
    CHECK(command.ended == Ended::Unreachable);
    CHECK(command.err.str() == no_conductor(page, asked, "200 and text/html"));
    CHECK(command.out.str().empty());
    CHECK(page.requests() == Words{asked});

    const ToldServer lost({{"*", http_answer("404 Not Found", "text/plain", "404 page not found")}});
    CHECK(Command(lost, words).err.str() == no_conductor(lost, asked, "404 and text/plain"));
    const ToldServer json({{"*", http_answer("200 OK", "application/json", R"({"hello": [1, 2]})")}});
    const Command as_json(json, in_json(words));
    CHECK(as_json.ended == Ended::Unreachable);
    CHECK(as_json.out.str().empty());
    CHECK(boost::json::parse(as_json.err.str()).at("type") == "urn:baton:problem:unreachable");
  }
}

TEST_CASE("a member of another shape does not end the program, and nothing is shown of it") {
  const std::vector<std::pair<Words, std::string>> odd{
      {{"list"}, R"({"jobs": 7})"},
      {{"list"}, R"({"jobs": [{"uuid": "u", "atoms_done": 1e300}]})"},
      {{"show", "u"}, R"({"uuid": "u", "atoms": {}})"},
      {{"show", "u"}, R"({"uuid": "u", "conductor": 1})"},
      {{"history", "u"}, R"({"rows": 1})"},
      {{"workers"}, R"({"workers": [{"name": "w", "labels": [], "task_types": []}]})"},
      {{"left-alone"}, R"({"left_alone": []})"},
      {{"flow", "list"}, R"({"flows": {"a": 1}})"},
      {{"flow", "show", "f"}, R"({"parameters": [1]})"},
      {{"post", "f"}, R"({"parameters": 1})"},
      {{"post", "f"}, R"({"parameters": [], "posted": true})"}};
  for (const auto& [words, body] : odd) {
    CAPTURE(body);
    const ToldServer server({{"*", http_answer("200 OK", "application/json", body)}});
    const Command command(server, words);
    CHECK(command.ended == Ended::Unreachable);
    CHECK(command.out.str().empty());
    CHECK_THAT(command.err.str(), Catch::Contains("with 200 and application/json of another shape"));
  }
}

TEST_CASE("a conductor's problem is told in words, and with --output json as it is") {
  for (const auto& [words, asked] : kAsking) {
    CAPTURE(asked);
    const ToldServer server({{"*", http_answer("400 Bad Request", "application/problem+json", kProblem)}});
    const Command command(server, words);
    CHECK(command.ended == Ended::Refused);
    CHECK(command.err.str() ==
          "baton: The request cannot be understood (400)\n  ?state=X is no state\n  /state known: RUNNING\n");
    const Command json(server, in_json(words));
    CHECK(json.ended == Ended::Refused);
    CHECK(json.out.str().empty());
    CHECK(boost::json::parse(json.err.str()) == boost::json::parse(kProblem));
  }
}

TEST_CASE("a problem that is the only one is told once") {
  const ToldServer server(
      {{"*", http_answer("422 Unprocessable Entity", "application/problem+json",
                         R"({"type": "urn:baton:problem:bad-parameters", "title": "No", "detail": "colour",
                                                "errors": [{"pointer": "/parameters", "detail": "colour"}]})")}});
  CHECK(Command(server, {"list"}).err.str() == "baton: No (422)\n  colour\n");
}

TEST_CASE("what is left alone and what is parked is listed with its kind") {
  const ToldServer server({{"GET /v1/left-alone", http_answer("200 OK", "application/json", R"({
      "left_alone": [{"job": "u-1", "name": "coffee", "reason": "no module knows it", "tries": 3}],
      "parked": [{"job": "u-2", "name": "my cluster", "reason": "its node is gone"}], "seen_by": "c"})")}});
  CHECK(Command(server, {"left-alone"}).out.str() ==
        "KIND        JOB  NAME        TRIES  REASON\n"
        "left alone  u-1  coffee      3      no module knows it\n"
        "parked      u-2  my cluster         its node is gone\n");
}

TEST_CASE("a stream that a conductor cannot give now is asked for again, and the job's end is found") {
  const std::string busy =
      R"({"type": "urn:baton:problem:too-many", "title": "Too many streams", "status": 503, "detail": ""})";
  const char* nothing_more = "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
  const ToldServer server(
      {{"GET /v1/jobs/u/events #1", http_answer("503 Service Unavailable", "application/problem+json", busy)},
       {"GET /v1/jobs/u/events", nothing_more},
       {"GET /v1/jobs/u", http_answer("200 OK", "application/json", R"({"state": "REVERTED"})")}});
  CHECK(Command(server, {"watch", "u"}).ended == Ended::FlowFailed);
  CHECK(server.requests().size() == 3);
  const ToldServer over(
      {{"GET /v1/jobs/u/events", nothing_more},
       {"GET /v1/jobs/u", http_answer("200 OK", "application/json", R"({"state": "SUCCESS"})")}});
  CHECK(Command(over, {"watch", "u"}).ended == Ended::Success);
}

TEST_CASE("of a job that ends while its stream is away all rows are shown") {
  const ToldServer server(
      {{"GET /v1/jobs/u/events #1", stream(row_event(1, "first"))},
       {"GET /v1/jobs/u/events", stream(row_event(2, "second") + row_event(3, "third") + kEndEvent)},
       {"GET /v1/jobs/u", http_answer("200 OK", "application/json", R"({"state": "SUCCESS"})")}});
  const Command watched(server, {"watch", "u"});
  CHECK(watched.ended == Ended::Success);
  for (const char* what : {"first", "second", "third"}) CHECK_THAT(watched.out.str(), Catch::Contains(what));
}

TEST_CASE("a row with a value as deep as one may be is shown, and what is no row is told") {
  const std::string deep = std::string(256, '[') + std::string(256, ']');
  const std::string job = http_answer("200 OK", "application/json", R"({"state": "SUCCESS"})");
  const ToldServer server(
      {{"GET /v1/jobs/u/events", stream(row_event(1, "deep", deep) + kEndEvent)}, {"GET /v1/jobs/u", job}});
  const Command watched(server, {"watch", "u"});
  CHECK(watched.ended == Ended::Success);
  CHECK_THAT(watched.out.str(), Catch::Contains("deep"));
  const ToldServer garbled(
      {{"GET /v1/jobs/u/events", stream(row_event(1, "good") + "data: {\"row\n\n" + kEndEvent)},
       {"GET /v1/jobs/u", job}});
  const Command told(garbled, {"watch", "u"});
  CHECK(told.ended == Ended::Refused);
  CHECK_THAT(told.err.str(), Catch::Contains("behind row 1") && Catch::Contains("no row of a job's history"));
}

TEST_CASE("what was posted is told as the conductor says it") {
  const ToldServer server(
      {{"GET /v1/flows/f",
        http_answer("404 Not Found", "application/problem+json",
                    R"({"type": "urn:baton:problem:no-such-flow", "title": "No such flow"})")},
       {"GET /v1/flow-files/f",
        http_answer("404 Not Found", "application/problem+json",
                    R"({"type": "urn:baton:problem:no-such-flow-file", "title": "No such flow file"})")},
       {"POST /v1/jobs", http_answer("201 Created", "application/json",
                                     R"({"uuid": "u-1", "posted": true, "warning": "nobody knows it"})")}});
  const Command posted(server, {"post", "f", "--param", "x=1"});
  CHECK(posted.ended == Ended::Success);
  CHECK(posted.out.str() == "posted u-1\n");
  CHECK(posted.err.str() == "baton: nobody knows it\n");
  const Command json(server, in_json({"post", "f"}));
  CHECK(boost::json::parse(json.out.str()).at("warning") == "nobody knows it");
  CHECK(json.err.str().empty());
}

TEST_CASE("a dry run of a posting says what would be posted, or that the job is there") {
  const auto answers = [](const std::string& body) {
    return std::map<std::string, std::string>{
        {"GET /v1/flows/f", http_answer("200 OK", "application/json", R"({"parameters": []})")},
        {"POST /v1/jobs", http_answer("200 OK", "application/json", body)}};
  };
  const ToldServer dry(answers(
      R"({"name": "f", "priority": "HIGH", "run": 1, "posted": false, "dry_run": true, "warning": "hm"})"));
  const Command command(dry, {"post", "f", "--dry-run", "--reason", "order 4711", "--wait"});
  CHECK(command.ended == Ended::Success);
  CHECK(command.out.str() == "would post f with priority HIGH; nothing was posted\n");
  CHECK(command.err.str() == "baton: hm\n");
  CHECK(dry.requests().back() == "POST /v1/jobs?dry_run=true");
  CHECK(boost::json::parse(dry.bodies().back()).at("reason") == "order 4711");
  const ToldServer there(answers(R"({"uuid": "u-1", "posted": false})"));
  CHECK(Command(there, {"post", "f", "--uuid", "u-1", "--dry-run"}).out.str() == "already there: u-1\n");
}

TEST_CASE("a list is asked for with all that it is filtered by") {
  const ToldServer server({{"GET /v1/jobs", http_answer("200 OK", "application/json", R"({"jobs": []})")}});
  CHECK(Command(server, {"list", "--state", "RUNNING,FAILURE", "--state", "SUCCESS", "--name", "n", "--flow",
                         "f", "--priority", "HIGH", "--conductor", "c 1", "--since",
                         "2026-11-26T06:00:00+01:00", "--until", "2h", "--limit", "7"})
            .ended == Ended::Success);
  CHECK(server.requests() ==
        Words{"GET /v1/jobs?state=RUNNING%2CFAILURE%2CSUCCESS&name=n&flow=f&priority=HIGH&conductor=c%201&"
              "since=2026-11-26T06%3A00%3A00%2B01%3A00&until=2h&limit=7"});
}

TEST_CASE("a history begins with who has posted the job why") {
  const ToldServer server({{"GET /v1/jobs/u/history", http_answer("200 OK", "application/json", R"({
      "posted": {"at": "2026-11-26T06:00:00.123456Z", "reason": "order 4711"},
      "rows": [{"at": "2026-11-26T06:00:01.000000Z", "what": "RUNNING", "state": "RUNNING"}]})")}});
  CHECK(Command(server, {"history", "u"}).out.str() ==
        "2026-11-26T06:00:00.123Z  (flow)                posted: order 4711\n"
        "2026-11-26T06:00:01.000Z  (flow)                RUNNING\n");
  const Command yaml(server, {"history", "u", "-o", "yaml"});
  CHECK(yaml.out.str() ==
        "---\nat: \"2026-11-26T06:00:00.123456Z\"\nreason: order 4711\nwhat: 'posted: order 4711'\n"
        "---\nat: \"2026-11-26T06:00:01.000000Z\"\nwhat: RUNNING\nstate: RUNNING\n");
}
