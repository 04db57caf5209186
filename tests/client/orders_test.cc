#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <sstream>

#include "client/command/command_line.h"
#include "tests/client/told_server.h"

using namespace baton::client;
using baton::test::http_answer;
using baton::test::ToldServer;

namespace {

using Words = std::vector<std::string>;

struct Command {
  std::ostringstream out, err;
  Ended ended = Ended::Success;
  Command(const ToldServer& server, Words words) {
    ended = run_command({std::move(words), server.address(), false}, {}, {}, out, err);
  }
};

std::string recorded(const std::string& order) {
  return http_answer("202 Accepted", "application/json",
                     R"({"id": 7, "job": "u", "run": 1, "order": ")" + order + R"("})");
}

std::string event(int id, const std::string& row) {
  return "id: " + std::to_string(id) + "\nevent: flow\ndata: {\"job\": \"u\", \"row\": {\"at\": \"T\", " +
         row + "}}\n\n";
}

/// A job that was suspended and resumed before, and has then taken order 7.
std::string history(const std::string& order, const std::string& rest) {
  return http_answer("200 OK", "text/event-stream",
                     event(1, R"("state": "RUNNING", "what": "RUNNING")") +
                         event(2, R"("state": "SUSPENDED", "what": "SUSPENDED")") +
                         event(3, R"-("state": "RUNNING", "what": "RUNNING (resumed)")-") +
                         event(4, R"("what": ")" + order + R"( asked for", "order": {"id": 7})") + rest);
}

const std::string kSuspended = event(5, R"("state": "SUSPENDED", "what": "SUSPENDED")");
const std::string kCancelled = event(5, R"("state": "CANCELLED", "what": "CANCELLED")");
const std::string kFailure = event(5, R"("state": "FAILURE", "what": "FAILURE")");

}  // namespace

TEST_CASE("an order is sent and its record shown") {
  const ToldServer server({{"POST /v1/jobs/u/orders", recorded("suspend")}});
  const Command people(server, {"suspend", "u", "--why", "maintenance"});
  CHECK(people.ended == Ended::Success);
  CHECK(people.out.str() == "suspend recorded: order 7 of u\n");
  const Command program(server, {"job", "suspend", "u", "-o", "json"});
  CHECK(boost::json::parse(program.out.str()).at("id") == 7);
}

TEST_CASE("an order that a conductor refuses ends with 4") {
  const ToldServer server(
      {{"*",
        http_answer("409 Conflict", "application/problem+json",
                    R"({"type": "urn:baton:problem:job-ended", "title": "The job has ended", "status": 409,
                             "detail": "it is over"})")}});
  const Command command(server, {"cancel", "u"});
  CHECK(command.ended == Ended::Refused);
  CHECK(command.err.str() == "baton: The job has ended (409)\n  it is over\n");
}

TEST_CASE("the flag --wait follows a job from its order until what was asked for is there") {
  const auto waited = [](const std::string& order, const std::string& rest) {
    const ToldServer server(
        {{"POST /v1/jobs/u/orders", recorded(order)}, {"GET /v1/jobs/u/events", history(order, rest)}});
    return Command(server, {order, "u", "--wait"});
  };
  const auto suspended = waited("suspend", kSuspended);
  CHECK(suspended.ended == Ended::Success);
  CHECK(suspended.out.str() ==
        "suspend recorded: order 7 of u\n"
        "T  (flow)                suspend asked for\n"
        "T  (flow)                SUSPENDED\n");
  CHECK(waited("suspend", kFailure).ended == Ended::FlowFailed);
  CHECK(waited("resume", "").ended == Ended::Success);
  CHECK(waited("cancel", kCancelled).ended == Ended::Success);
  CHECK(waited("cancel", kFailure).ended == Ended::FlowFailed);
}
