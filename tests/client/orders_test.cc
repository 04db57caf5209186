#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "tests/client/baton_command.h"

using namespace baton::client;
using baton::test::Command;
using baton::test::http_answer;
using baton::test::ToldServer;
using baton::test::Words;

namespace {

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
  const Command people(server, {"suspend", "u", "--reason", "maintenance"});
  CHECK(people.ended == Ended::Success);
  CHECK(people.out.str() == "suspend recorded: order 7 of u\n");
  const Command program(server, {"job", "suspend", "u", "-o", "json"});
  CHECK(boost::json::parse(program.out.str()).at("id") == 7);
}

TEST_CASE("a dry run asks for one, says what would be done and waits for nothing") {
  const ToldServer server({{"POST /v1/jobs/u/orders",
                            http_answer("200 OK", "application/json",
                                        R"({"job": "u", "run": 2, "order": "rerun", "dry_run": true})")}});
  const Command command(
      server, {"rerun", "u", "--anew", "--reason", "cleaned up", "--who", "ann", "--dry-run", "--wait"});
  CHECK(command.ended == Ended::Success);
  CHECK(command.out.str() == "rerun would be recorded for run 2 of u; nothing was changed\n");
  CHECK(server.requests() == Words{"POST /v1/jobs/u/orders?dry_run=true"});
  CHECK(server.bodies().back() == R"({"order":"rerun","who":"ann","reason":"cleaned up","anew":true})");
  // An older conductor would refuse the parameter; who records it all the same is not believed.
  const ToldServer other({{"POST /v1/jobs/u/orders", recorded("suspend")}});
  CHECK(Command(other, {"suspend", "u", "--dry-run"}).ended == Ended::Unreachable);
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

namespace {

/// Run 1 has ended, and order 7 begins run 2.
std::string next_run(const std::string& order, const std::string& rest) {
  return http_answer("200 OK", "text/event-stream",
                     event(1, R"("state": "RUNNING", "what": "RUNNING")") +
                         event(2, R"("state": "FAILURE", "what": "FAILURE")") +
                         event(3, R"("what": ")" + order + R"( asked for", "order": {"id": 7})") +
                         event(4, R"("state": "RUNNING", "what": "RUNNING")") + rest);
}

std::string atom_row(int id, const std::string& state) {
  return event(id, R"("atom": "a", "state": ")" + state + R"(", "what": ")" + state + "\"");
}

std::string flow_row(int id, const std::string& state) {
  return event(id, R"("state": ")" + state + R"(", "what": ")" + state + "\"");
}

}  // namespace

TEST_CASE("an order that begins a run is followed to that run's end, whatever the one before it came to") {
  const auto waited = [](Words words, const std::string& rest) {
    const ToldServer server({{"POST /v1/jobs/u/orders", recorded(words[0])},
                             {"GET /v1/jobs/u/events", next_run(words[0], rest)}});
    words.push_back("--wait");
    return Command(server, std::move(words)).ended;
  };
  CHECK(waited({"rerun", "u"}, flow_row(6, "SUCCESS")) == Ended::Success);
  CHECK(waited({"rerun", "u", "--anew"}, flow_row(6, "REVERTED")) == Ended::FlowFailed);
  CHECK(waited({"done", "u", "a"}, flow_row(6, "SUCCESS")) == Ended::Success);
  for (const std::string word : {"retry", "skip"}) {
    CHECK(waited({word, "u", "a"}, atom_row(5, "PENDING") + flow_row(6, "SUCCESS")) == Ended::Success);
    CHECK(waited({word, "u", "a"}, atom_row(5, "PENDING") + flow_row(6, "REVERTED")) == Ended::FlowFailed);
    // A rollback that goes on has done what it is for.
    CHECK(waited({word, "u", "a"}, atom_row(5, "REVERTING") + flow_row(6, "REVERTED")) == Ended::Success);
    CHECK(waited({word, "u", "a"}, atom_row(5, "REVERTED") + flow_row(6, "FAILURE")) == Ended::FlowFailed);
  }
}

TEST_CASE("a result that a person gives is sent as it was written, or refused here") {
  const ToldServer server({{"POST /v1/jobs/u/orders", recorded("done")}});
  const Command told(server, {"done", "u", "a", "--result", R"({"id": 1.0})", "--run", "3", "--who", "ann"});
  CHECK(told.ended == Ended::Success);
  CHECK(server.bodies().back() == R"({"order":"done","who":"ann","run":3,"atom":"a","result":{"id": 1.0}})");
  const Command refused(server, {"done", "u", "a", "--result", "srv-7"});
  CHECK(refused.ended == Ended::Usage);
  CHECK(refused.err.str().find("--result is no JSON that can be kept, at byte 0") != std::string::npos);
  CHECK(refused.err.str().find("a text stands in quotes: '\"text\"'") != std::string::npos);
  CHECK(Command(server, {"retry", "u"}).ended == Ended::Usage);
  CHECK(Command(server, {"rerun", "u", "--run", "0"}).ended == Ended::Usage);
}
