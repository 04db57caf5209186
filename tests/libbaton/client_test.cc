#include <baton/client.h>

#include <catch2/catch.hpp>

#include "tests/client/told_server.h"

using namespace baton::embed;
using baton::test::http_answer;
using baton::test::row_event;
using baton::test::ToldServer;

namespace {

using Lines = std::vector<std::string>;

constexpr const char* kEvents = "GET /v1/jobs/u/events";
const std::string kEnded =
    http_answer("200 OK", "application/json", R"({"uuid": "u", "name": "n", "state": "SUCCESS", "run": 1})");

std::string stream(const std::string& events) {
  return http_answer("200 OK", "text/event-stream", events);
}

/// What `follow` tells of the job u, and how it ends.
struct Followed {
  explicit Followed(const ToldServer& server) {
    Client client(server.address());
    try {
      state = client
                  .follow("u",
                          [this](const JobEvent& event) {
                            told.push_back(event.id + " " + event.what);
                            return true;
                          })
                  .state;
    } catch (const ClientError& error) {
      trouble = error.what();
    }
  }
  Lines told;
  FlowState state = FlowState::pending;
  std::string trouble;
};

}  // namespace

TEST_CASE("of a job that ends while its stream is away all rows are told", "[libbaton]") {
  const std::string events = kEvents;
  const ToldServer server(
      {{events + " #1", stream(row_event(1, "first"))},
       {events + " #2", http_answer("503 Service Unavailable", "application/problem+json", "{}")},
       {events + " #3", stream(row_event(2, "second"))},
       {events, stream(row_event(3, "third") + baton::test::kEndEvent)},
       {"GET /v1/jobs/u", kEnded}});
  const Followed followed(server);
  CHECK(followed.told == Lines{"1 first", "2 second", "3 third"});
  CHECK(followed.state == FlowState::success);
  CHECK(followed.trouble.empty());
}

TEST_CASE("a job that has nothing more to tell has ended", "[libbaton]") {
  const ToldServer server(
      {{kEvents, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"}, {"GET /v1/jobs/u", kEnded}});
  CHECK(Followed(server).state == FlowState::success);
  CHECK(server.requests().size() == 2);
}

TEST_CASE("a row with a value as deep as one may be is told", "[libbaton]") {
  const std::string deep = std::string(256, '[') + std::string(256, ']');
  const ToldServer server(
      {{kEvents, stream(row_event(1, "deep", deep) + baton::test::kEndEvent)}, {"GET /v1/jobs/u", kEnded}});
  CHECK(Followed(server).told == Lines{"1 deep"});
}

TEST_CASE("what is no row of a history is an error, not passed over", "[libbaton]") {
  const ToldServer server(
      {{kEvents, stream(row_event(1, "good") + "data: {\"row\n\n" + baton::test::kEndEvent)},
       {"GET /v1/jobs/u", kEnded}});
  const Followed followed(server);
  CHECK(followed.told == Lines{"1 good"});
  CHECK_THAT(followed.trouble, Catch::Contains("behind row 1"));
}

TEST_CASE("what is posted by a stored flow file's name has the version that was taken", "[libbaton]") {
  const ToldServer server(
      {{"POST /v1/jobs", http_answer("201 Created", "application/json",
                                     R"({"uuid": "u", "flow_file": {"name": "create", "version": 3}})")}});
  Posting posting;
  posting.flow = "create@3";
  CHECK(Client(server.address()).post(posting).version == 3);
}
