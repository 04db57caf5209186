#include <catch2/catch.hpp>

#include "conductor/api/history_follower.h"
#include "conductor/api/sse_text.h"
#include "tests/api/api_world.h"
#include "tests/support/asio_pump.h"

using namespace baton;
using namespace baton::test;

namespace {

std::size_t count(const std::string& in, const std::string& what) {
  std::size_t found = 0;
  for (auto at = in.find(what); at != std::string::npos; at = in.find(what, at + 1)) ++found;
  return found;
}

/// A limit so long that a test which passes has not waited for it.
api::Limits no_ticks() {
  api::Limits limits;
  limits.follow_tick = limits.stream_heartbeat = Millis{60'000};
  return limits;
}

}  // namespace

TEST_CASE("a stream tells what has happened, what happens, and ends with the job", "[api]") {
  ApiWorld world;
  world.post_greeting("j1");
  world.claim("j1");
  auto stream = world.stream("/v1/jobs/j1/events");
  CHECK(stream.answer().headers.at("content-type") == "text/event-stream");
  REQUIRE(stream.wait_for("\"state\": \"RUNNING\""));
  world.run_atom("j1", 0);
  REQUIRE(stream.wait_for("event: atom"));
  world.finish("j1");
  REQUIRE(stream.wait_closed());
  CHECK(count(stream.received(), "event: flow") == 3);  // claimed, RUNNING, SUCCESS
  CHECK(count(stream.received(), "event: atom") == 2);
  CHECK_THAT(stream.received(),
             Catch::EndsWith("event: end\ndata: {\"reason\": \"the job has ended: SUCCESS\"}\n\n"));
}

TEST_CASE("the conductor's own steps wake a stream at once", "[api]") {
  ApiWorld world(no_ticks());
  world.post_greeting("j1");
  world.claim("j1");
  auto stream = world.stream("/v1/jobs/j1/events");
  REQUIRE(stream.wait_for("event: flow"));
  world.run_atom("j1", 0);
  world.tell_step("j1");
  CHECK(stream.wait_for("\"state\": \"SUCCESS\""));
}

TEST_CASE("a stream reads at its pace, and at once when the job ends", "[api]") {
  api::Limits limits = no_ticks();
  limits.follow_pace = Millis{60'000};
  ApiWorld world(limits);
  world.post_greeting("j1");
  world.claim("j1");
  auto stream = world.stream("/v1/jobs/j1/events");
  REQUIRE(stream.wait_for("event: flow"));
  world.run_atom("j1", 0);
  world.tell_step("j1");
  world.get("/v1/jobs/j1");  // a read that began later has been answered
  CHECK(count(stream.received(), "event: atom") == 0);
  world.finish("j1");
  world.tell_step("j1", true);
  REQUIRE(stream.wait_closed());
  CHECK(count(stream.received(), "event: atom") == 2);
}

TEST_CASE("a stream of a job that is not claimed yet waits for its first event", "[api]") {
  ApiWorld world;
  world.post_greeting("j1");
  auto stream = world.stream("/v1/jobs/j1/events");
  world.claim("j1");
  CHECK(stream.wait_for("event: flow"));
}

TEST_CASE("a stream resumes behind Last-Event-ID", "[api]") {
  ApiWorld world;
  world.post_greeting("j1");
  world.claim("j1");
  world.run_atom("j1", 0);
  world.finish("j1");
  const auto rows = world.get("/v1/jobs/j1/history").json().at("rows").as_array();
  REQUIRE(rows.size() == 5);
  const auto id = [&](std::size_t row) { return std::to_string(rows[row].at("id").to_number<int>()); };
  auto resumed = world.stream("/v1/jobs/j1/events", {{"Last-Event-ID", id(2)}});
  REQUIRE(resumed.wait_closed());
  CHECK(resumed.received().find("id: " + id(2) + "\n") == std::string::npos);
  CHECK(resumed.received().find("id: " + id(3) + "\n") < resumed.received().find("id: " + id(4) + "\n"));
  const auto nothing_more = world.ask("GET", "/v1/jobs/j1/events", "", {{"Last-Event-ID", id(4)}});
  CHECK(nothing_more.status == 204);
  const auto wrong = world.ask("GET", "/v1/jobs/j1/events", "", {{"Last-Event-ID", "last"}});
  CHECK(wrong.status == 400);
  CHECK(wrong.detail() == "Last-Event-ID 'last' is no id that this stream has sent");
}

TEST_CASE("the stream over all jobs begins now, and resumes where it was left", "[api]") {
  ApiWorld world;
  world.post_greeting("j1");
  world.post_greeting("j2");
  world.claim("j1");
  auto stream = world.stream("/v1/events");
  REQUIRE(stream.wait_for("retry: 1000"));
  REQUIRE(pump_loop(
      world.loop, [&] { return !world.feed.idle(); }, Millis{10'000}));
  world.get("/healthz");  // the stream has found the end of the history meanwhile
  world.claim("j2");
  world.finish("j1");
  REQUIRE(stream.wait_for("\"state\": \"SUCCESS\""));
  CHECK(count(stream.received(), "\"job\": \"j1\"") == 1);
  CHECK(count(stream.received(), "\"job\": \"j2\"") == 2);  // claimed, RUNNING
  CHECK_FALSE(stream.closed());
  auto resumed = world.stream("/v1/events", {{"Last-Event-ID", "1"}});
  CHECK(resumed.wait_for("\"state\": \"SUCCESS\""));
  CHECK(count(resumed.received(), "id: 1\n") == 0);
}

TEST_CASE("a quiet stream sends comments, also about a store that is away, and goes on", "[api]") {
  api::Limits limits;
  limits.stream_heartbeat = limits.follow_tick = Millis{20};
  ApiWorld world(limits);
  world.post_greeting("j1");
  world.claim("j1");
  auto stream = world.stream("/v1/jobs/j1/events");
  REQUIRE(stream.wait_for(": still here\n\n"));
  world.store.set_away(true);
  REQUIRE(pump_loop(
      world.loop, [&] { return count(stream.received(), "\n: ") > count(stream.received(), "still here"); },
      Millis{10'000}));
  world.store.set_away(false);
  world.finish("j1");
  CHECK(stream.wait_closed());
  CHECK(count(stream.received(), "event: flow") == 3);
}

TEST_CASE("streams are bounded, a client that goes makes room", "[api]") {
  api::Limits limits;
  limits.streams_max = 1;
  ApiWorld world(limits);
  world.post_greeting("j1");
  auto first = world.stream("/v1/jobs/j1/events");
  const auto refused = world.get("/v1/jobs/j1/events");
  CHECK(refused.status == 503);
  CHECK(refused.problem() == "too-many");
  CHECK_THAT(refused.detail(), Catch::StartsWith("this conductor serves 1 streams at once"));
  first.close();
  REQUIRE(pump_loop(
      world.loop, [&] { return world.metrics.text().find("baton_api_streams 0") != std::string::npos; },
      Millis{10'000}));
  CHECK(world.stream("/v1/jobs/j1/events").answer().status == 200);
  CHECK(world.feed.idle() == false);
}

TEST_CASE("values with line ends stay one event", "[api]") {
  ports::EventRow event;
  event.job = JobId("j1");
  event.row.id = 7;
  event.row.atom = "a";
  event.row.data = Value::parse("{\"result\":\n[1,\r\n2]}").value();
  const auto sse = api::to_sse(event);
  CHECK_THAT(sse, Catch::StartsWith("id: 7\nevent: atom\ndata: {\"job\": \"j1\""));
  CHECK(count(sse, "\n") == 4);
  CHECK(count(sse, "\r") == 0);
}
