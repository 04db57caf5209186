#include <catch2/catch.hpp>

#include "tests/contract/bus/party.h"

/// What the bus does when the broker or its topics go away under it.
using namespace baton;
using namespace baton::test;
using ports::BusErrorCode;
using ports::InboxKind;

TEMPLATE_TEST_CASE(
    "a broker that went away is told, and so is that it is back, what was sent meanwhile arrives",
    "[contract]", InMemory, OnOwnKafka) {
  const auto world = TestType::make();
  Party worker(*world), conductor(*world, 50);
  const auto inbox = worker.open_inbox(InboxKind::Requests, 1);
  conductor.send(inbox, "before");
  REQUIRE(worker.hears(1));
  REQUIRE(world->until([&] { return conductor.reachable == true; }));

  world->end_broker();
  REQUIRE(world->until([&] { return conductor.reachable == false && worker.reachable == false; }));
  for (int i = 0; i < 50; ++i) conductor.send(inbox, std::to_string(i));
  const auto full = conductor.bus->send(inbox, "one too many", 1);
  REQUIRE(!full.ok());
  CHECK(full.error().code == BusErrorCode::Full);
  CHECK(conductor.rooms == 0);

  world->start_broker();
  REQUIRE(worker.hears(51));
  for (std::size_t i = 0; i < 50; ++i) CHECK(worker.heard[i + 1] == std::to_string(i));
  REQUIRE(world->until(
      [&] { return conductor.rooms == 1 && conductor.reachable == true && worker.reachable == true; }));
  conductor.send(inbox, "after");
  REQUIRE(worker.hears(52));
  CHECK(conductor.undeliverable.empty());
}

TEMPLATE_TEST_CASE("H36: an inbox is not open before the broker has said where it ends", "[contract]",
                   InMemory, OnOwnKafka) {
  const auto world = TestType::make();
  Party worker(*world), earlier(*world);
  const auto inbox = earlier.open_inbox(InboxKind::Requests, 1);
  for (int i = 0; i < 3; ++i) earlier.send(inbox, "of before");
  REQUIRE(earlier.hears(3));
  world->end_broker();
  REQUIRE(world->until([&] { return worker.reachable == false; }));
  const auto early = worker.try_inbox(InboxKind::Requests, 1);
  REQUIRE_FALSE(early.ok());
  CHECK(early.error().code == BusErrorCode::Unavailable);
  world->start_broker();
  REQUIRE(world->until([&] { return worker.reachable == true; }));
  const auto opened = worker.try_inbox(InboxKind::Requests, 1);
  REQUIRE(opened.ok());
  CHECK(opened->offset == inbox.offset + 3);
  earlier.send(*opened, "after");
  REQUIRE(worker.hears(1));
  CHECK(worker.heard[0] == "after");
}

TEMPLATE_TEST_CASE("H8: an inbox whose topic was made anew goes on", "[contract]", InMemory, OnKafka) {
  const auto world = TestType::make();
  Party worker(*world), conductor(*world);
  const auto inbox = worker.open_inbox(InboxKind::Requests, 1);
  for (int i = 0; i < 20; ++i) conductor.send(inbox, "before");
  REQUIRE(worker.hears(20));

  world->recreate_topics();
  // Messages may be lost meanwhile: the protocol above sends again what is not acknowledged, and so does
  // this.
  std::size_t sent = 0;
  const auto heard_after = [&worker] { return worker.heard.size() > 20; };
  while (sent < 100 && !heard_after()) {
    conductor.send(inbox, "after " + std::to_string(sent++));
    world->until_or([&] { return heard_after(); }, Millis{200});
  }
  REQUIRE(heard_after());
  CHECK(worker.heard[20].rfind("after", 0) == 0);

  bool caught_up = false;
  worker.bus->catch_up([&caught_up](auto done) { caught_up = done.ok(); });
  CHECK(world->until([&caught_up] { return caught_up; }));
}

TEMPLATE_TEST_CASE("a bus may be closed and destroyed by what it tells", "[contract]", InMemory, OnKafka) {
  const auto world = TestType::make();
  Party worker(*world), conductor(*world), witness(*world);
  const auto inbox = worker.open_inbox(InboxKind::Requests, 0);
  witness.open_inbox(InboxKind::Requests, 0);
  worker.then = [&worker] {
    worker.bus->close(Millis{0});
    worker.bus.reset();
  };
  for (int i = 0; i < 10; ++i) conductor.send(inbox, std::to_string(i));
  REQUIRE(witness.hears(10));
  REQUIRE(worker.hears(1));
  CHECK(worker.heard == std::vector<std::string>{"0"});
}
