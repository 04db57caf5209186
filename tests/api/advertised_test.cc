#include "conductor/api/advertised.h"

#include <catch2/catch.hpp>

using baton::api::problem_of_advertised;
using baton::api::reachable_address;

TEST_CASE("what is advertised is the address that is bound, and of a wildcard the host's name", "[api]") {
  CHECK(reachable_address("", "127.0.0.1", 27080, "node-1") == "127.0.0.1:27080");
  CHECK(reachable_address("", "0.0.0.0", 27080, "node-1") == "node-1:27080");
  CHECK(reachable_address("", "::", 4000, "node-1") == "node-1:4000");
  CHECK(reachable_address("", "::1", 4000, "node-1") == "[::1]:4000");
}

TEST_CASE("what the operator says is advertised, with the port that is bound unless he says one", "[api]") {
  CHECK(reachable_address("baton.example.com", "0.0.0.0", 27080, "node-1") == "baton.example.com:27080");
  CHECK(reachable_address("baton.example.com:443", "127.0.0.1", 27080, "node-1") == "baton.example.com:443");
  CHECK(reachable_address("fd00::7", "::", 27080, "node-1") == "[fd00::7]:27080");
  CHECK(reachable_address("[fd00::7]:80", "::", 27080, "node-1") == "[fd00::7]:80");
}

TEST_CASE("what can be no address of others is refused", "[api]") {
  for (const char* good :
       {"", "node-1", "node_1.example.com:1", "10.0.0.7", "10.0.0.7:65535", "fd00::7", "[fd00::7]"})
    CHECK(problem_of_advertised(good).empty());
  for (const char* bad : {"http://node-1", "node-1:", "node-1:0", "node-1:65536", "node-1:http", "node 1",
                          ":80", "[node]:1", "node-1:80/x"}) {
    CAPTURE(bad);
    CHECK(
        problem_of_advertised(bad) ==
        "api.advertised: '" + std::string(bad) +
            "' is no host or host:port\n  hint: such as conductor-1.example.com, or 10.0.0.7:27080; nothing "
            "before or behind it");
  }
}
