#include <catch2/catch.hpp>

#include "tests/api/api_world.h"
#include "tests/support/asio_pump.h"

using namespace baton;
using namespace baton::test;

namespace {

/// Another API server in the same process, with metrics of its own.
struct SecondServer {
  SecondServer(ApiWorld& world, ports::JobBoard& board, const api::ApiSettings& settings)
      : server(world.loop.io_context(), settings,
               {world.store, board, world.inspection, world.feed, world.catalogue, world.loop, world.entropy,
                metrics}) {}
  runtime::Metrics metrics;
  api::ApiServer server;
};

}  // namespace

TEST_CASE("a body over the bound is refused before it is read", "[api]") {
  ApiWorld world;
  const auto answer =
      world.post("{\"flow\": \"greet\", \"store\": {\"x\": \"" + std::string(600'000, 'x') + "\"}}");
  CHECK(answer.status == 413);
  CHECK(answer.problem() == "body-too-large");
  CHECK(answer.detail() ==
        "a body may have 589824 bytes: keep large values elsewhere and post where they are");
}

TEST_CASE("a posting over the board's bound is refused with its size", "[api]") {
  ApiWorld world;
  const auto answer =
      world.post("{\"flow\": \"elsewhere\", \"store\": {\"x\": \"" + std::string(530'000, 'x') + "\"}}");
  CHECK(answer.status == 413);
  CHECK(answer.problem() == "posting-too-large");
  CHECK_THAT(answer.detail(), Catch::Contains("the limit is 524288"));
  CHECK(world.board_jobs().empty());
}

TEST_CASE("a header over the bound is refused", "[api]") {
  ApiWorld world;
  const auto answer = world.ask("GET", "/v1/jobs", "", {{"X-Long", std::string(20'000, 'x')}});
  CHECK(answer.status == 431);
  CHECK(answer.problem() == "header-too-large");
}

TEST_CASE("what is not HTTP is told so", "[api]") {
  ApiWorld world;
  auto peer = world.peer();
  peer.say("HELLO\r\n\r\n");
  REQUIRE(peer.wait_closed());
  CHECK(peer.answer().status == 400);
  CHECK_THAT(peer.answer().detail(), Catch::StartsWith("this is not HTTP/1.1: "));
}

TEST_CASE("a connection too many is told so, and there is room when one goes", "[api]") {
  api::Limits limits;
  limits.connections_max = 1;
  ApiWorld world(limits);
  auto first = world.peer();
  first.say(http_request("GET", "/healthz", "", {{"Connection", "keep-alive"}}));
  REQUIRE(first.wait_for("alive"));
  const auto refused = world.get("/healthz");
  CHECK(refused.status == 503);
  CHECK(refused.problem() == "too-many");
  first.close();
  REQUIRE(pump_loop(
      world.loop, [&] { return world.metrics.text().find("baton_api_connections 0") != std::string::npos; },
      Millis{10'000}));
  CHECK(world.get("/healthz").status == 200);
  CHECK_THAT(world.metrics.text(), Catch::Contains("baton_api_refused_total 1"));
}

TEST_CASE("a connection serves one request after the other", "[api]") {
  ApiWorld world;
  auto peer = world.peer();
  const auto request = http_request("GET", "/healthz", "", {{"Connection", "keep-alive"}});
  peer.say(request + request + http_request("GET", "/v1/flows"));
  REQUIRE(peer.wait_closed());
  CHECK_THAT(peer.received(), Catch::Contains("greet"));
  std::size_t answers = 0;
  for (auto at = peer.received().find("HTTP/1.1 200"); at != std::string::npos;
       at = peer.received().find("HTTP/1.1 200", at + 1))
    ++answers;
  CHECK(answers == 3);
}

TEST_CASE("who says nothing is closed after the request's time", "[api]") {
  api::Limits limits;
  limits.request_timeout = Millis{50};
  ApiWorld world(limits);
  auto peer = world.peer();
  peer.say("GET /healthz HT");
  CHECK(peer.wait_closed());
  CHECK(peer.received().empty());
}

TEST_CASE("Expect: 100-continue is answered before the body comes", "[api]") {
  ApiWorld world;
  const std::string body = R"({"flow": "greet", "parameters": {"who": "w"}})";
  const auto whole = http_request("POST", "/v1/jobs", body, {{"Expect", "100-continue"}});
  auto peer = world.peer();
  peer.say(whole.substr(0, whole.size() - body.size()));
  REQUIRE(peer.wait_for("HTTP/1.1 100 Continue\r\n\r\n"));
  peer.say(body);
  REQUIRE(peer.wait_closed());
  CHECK_THAT(peer.received(), Catch::Contains("HTTP/1.1 201 Created"));
}

TEST_CASE("a board that does not answer costs the client the answer's time, not for ever", "[api]") {
  ApiWorld world;
  memory::MemoryEnsemble slow(world.loop, world.loop, world.entropy, {Millis{4000}, Millis{60'000}});
  memory::MemorySession session(slow);
  memory::MemoryJobBoard board(session, {"/taskflow/jobs", "c"});
  api::ApiSettings settings;
  settings.port = 0;
  settings.limits.answer_timeout = Millis{50};
  SecondServer second(world, board, settings);
  REQUIRE(second.server.open().ok());
  HttpPeer peer(world.loop, second.server.port());
  peer.say(http_request("GET", "/v1/jobs"));
  REQUIRE(peer.wait_closed());
  CHECK(peer.answer().status == 504);
  CHECK(peer.answer().problem() == "no-answer");
}

TEST_CASE("a port that is taken is told in words", "[api]") {
  ApiWorld world;
  api::ApiSettings settings;
  settings.port = world.server->port();
  SecondServer second(world, world.board, settings);
  const auto opened = second.server.open();
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error() == "cannot serve HTTP at 127.0.0.1:" + std::to_string(settings.port) +
                              ": Address already in use; choose another address or port for the API, or end "
                              "what listens there ('ss -ltnp')");
  settings.address = "localhost";
  SecondServer named(world, world.board, settings);
  CHECK_THAT(named.server.open().error(), Catch::EndsWith("'localhost' is no IP address"));
}
