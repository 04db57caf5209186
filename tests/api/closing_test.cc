#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>

#include "tests/api/api_world.h"
#include "tests/support/asio_pump.h"

using namespace baton;
using namespace baton::test;

namespace {

constexpr Millis kLimit{10'000};

std::string keep_alive(const std::string& target) {
  return http_request("GET", target, "", {{"Connection", "keep-alive"}});
}

/// How many answers were given, streams among them.
std::string answers(const ApiWorld& world) {
  const auto text = world.metrics.text();
  const auto at = text.find("baton_api_answers_total{status=\"2xx\"} ");
  REQUIRE(at != std::string::npos);
  return text.substr(at, text.find('\n', at) - at);
}

}  // namespace

TEST_CASE("closing the server ends streams and requests that are under way", "[api]") {
  ApiWorld world;
  world.post_greeting("j1");
  auto stream = world.stream("/v1/jobs/j1/events");
  auto idle = world.peer();
  idle.say(http_request("GET", "/healthz", "", {{"Connection", "keep-alive"}}));
  REQUIRE(idle.wait_for("alive"));
  auto asking = world.peer();
  asking.say(http_request("GET", "/v1/jobs/j1"));
  world.server.reset();
  CHECK(stream.wait_closed());
  CHECK(idle.wait_closed());
  CHECK(asking.wait_closed());
  CHECK(world.feed.idle());
}

TEST_CASE("a reply that comes after the close is dropped, whenever the close comes", "[api]") {
  for (int turns = 0; turns < 40; ++turns) {
    CAPTURE(turns);
    ApiWorld world;
    world.post_greeting("j1");
    world.claim("j1");
    auto stream = world.peer();
    stream.say(http_request("GET", "/v1/jobs/j1/events"));
    auto asking = world.peer();
    asking.say(keep_alive("/v1/jobs/j1"));
    for (int turn = 0; turn < turns; ++turn) world.loop.io_context().poll_one();
    world.server->close();
    const auto before = answers(world);
    world.tell_step("j1");
    CHECK(stream.wait_closed());
    CHECK(asking.wait_closed());
    world.run_atom("j1", 0);  // what was under way in the store comes to its end, too
    CHECK(answers(world) == before);
    CHECK(world.feed.idle());
    CHECK_THAT(world.metrics.text(), Catch::Contains("baton_api_streams 0\n"));
  }
}

TEST_CASE("a server that drains answers, says that it is not ready, and takes jobs for others", "[api]") {
  ApiWorld world;
  world.inspection.measured.board = world.inspection.measured.store = world.inspection.measured.bus = true;
  world.inspection.measured.draining = true;
  const auto ready = world.get("/readyz");
  CHECK(ready.status == 503);
  CHECK(ready.json().at("draining") == true);
  CHECK(world.post(R"({"flow": "greet", "parameters": {"who": "w"}})").status == 201);
  CHECK(world.board_jobs().size() == 1);
}

TEST_CASE("at its end a server answers what is under way, and nothing else", "[api]") {
  ApiWorld world;
  world.post_greeting("j1");
  auto stream = world.stream("/v1/jobs/j1/events");
  auto idle = world.peer();
  idle.say(keep_alive("/healthz"));
  REQUIRE(idle.wait_for("alive"));
  const std::string body = R"({"flow": "greet", "parameters": {"who": "w"}})";
  const auto whole =
      http_request("POST", "/v1/jobs", body, {{"Expect", "100-continue"}, {"Connection", "keep-alive"}});
  auto posting = world.peer();
  posting.say(whole.substr(0, whole.size() - body.size()));
  REQUIRE(posting.wait_for("100 Continue"));

  bool finished = false;
  world.server->finish([&] { finished = true; });
  CHECK(idle.wait_closed());
  CHECK(stream.wait_closed());
  CHECK_FALSE(finished);
  posting.say(body);
  REQUIRE(posting.wait_closed());
  CHECK_THAT(posting.received(),
             Catch::Contains("HTTP/1.1 201 Created") && Catch::Contains("Connection: close"));
  CHECK(pump_loop(
      world.loop, [&] { return finished; }, kLimit));
}

TEST_CASE("a server that has nothing under way is finished at once, a request that hangs has its time",
          "[api]") {
  api::Limits limits;
  limits.finish_timeout = Millis{50};
  ApiWorld world(limits);
  auto hanging = world.peer();
  SECTION("nothing under way") {}
  SECTION("a body that does not come") {
    const auto whole = http_request("POST", "/v1/jobs", "{}", {{"Expect", "100-continue"}});
    hanging.say(whole.substr(0, whole.size() - 2));
    REQUIRE(hanging.wait_for("100 Continue"));
  }
  bool finished = false;
  world.server->finish([&] { finished = true; });
  CHECK(pump_loop(
      world.loop, [&] { return finished; }, kLimit));
  CHECK(hanging.wait_closed());
}
