#include "client/job_rows.h"

#include <catch2/catch.hpp>

#include "tests/client/told_server.h"

using namespace baton::client;
using baton::test::http_answer;
using baton::test::row_event;
using baton::test::ToldServer;

namespace {

constexpr Patience kThree{3, std::chrono::milliseconds{0}};

std::string stream(const std::string& events) {
  return http_answer("200 OK", "text/event-stream", events);
}

/// As its readers do it: until all was said, or nobody waits any more.
struct Following {
  explicit Following(const std::map<std::string, std::string>& answers)
      : server(answers), http({server.address()}) {
    JobRows rows(http, "/v1/jobs/j", kThree);
    while (rows.again() && last != JobRows::Read::All)
      last = rows.read([&](const std::string& id, const auto&) {
        told += id + " ";
        return true;
      });
    why = rows.why();
  }
  ToldServer server;
  HttpClient http;
  JobRows::Read last = JobRows::Read::Broken;
  std::string told, why;
};

}  // namespace

TEST_CASE("streams that break off, but say that they are there, are read on for ever") {
  std::map<std::string, std::string> answers;
  for (int i = 2; i <= 10; ++i)
    answers["GET /v1/jobs/j/events #" + std::to_string(i)] = stream(": still here\n\n");
  answers["GET /v1/jobs/j/events"] = answers["GET /v1/jobs/j/events #2"];
  answers["GET /v1/jobs/j/events #11"] = stream(row_event(7, "done") + baton::test::kEndEvent);
  const Following following(answers);
  CHECK(following.told == "7 ");
  CHECK(following.last == JobRows::Read::All);
}

TEST_CASE("streams that bring nothing are given up after so many, with what the last one ended of") {
  const Following silent({{"GET /v1/jobs/j/events", stream("")}});
  CHECK(silent.last == JobRows::Read::Broken);
  CHECK(silent.server.requests().size() == 4);  // one, and three more
  CHECK(silent.why == "the stream of events broke off 3 times; at last: GET /v1/jobs/j/events at " +
                          silent.server.address() + ": the stream ended before its event 'end'");
}

TEST_CASE("the row behind which something is no row is named bounded, and no terminal obeys it") {
  const std::string id = "7\x1b[2J\x80" + std::string(10'000, 'x');
  const ToldServer server(
      {{"GET /v1/jobs/j/events", stream("id: " + id + "\ndata: {\"row\": {}}\n\ndata: 1\n\n")}});
  const HttpClient http({server.address()});
  JobRows rows(http, "/v1/jobs/j", kThree);
  REQUIRE(rows.again());
  CHECK(rows.read([](const std::string&, const auto&) { return true; }) == JobRows::Read::Garbled);
  CHECK(rows.why().starts_with("the event behind row 7?[2J\xEF\xBF\xBDxxx"));
  CHECK(rows.why().size() < 300);
}
