#include <catch2/catch.hpp>
#include <numeric>

#include "common/model/limits.h"
#include "tests/contract/bus/party.h"

using namespace baton;
using namespace baton::test;
using ports::BusErrorCode;
using ports::InboxAddress;
using ports::InboxKind;

TEMPLATE_TEST_CASE("messages to an inbox arrive in the order of their sender, bytes intact", "[contract]",
                   InMemory, OnKafka) {
  const auto world = TestType::make();
  Party worker(*world), conductor(*world);
  const auto inbox = worker.open_inbox(InboxKind::Requests, 1);
  std::string all_bytes(256, '\0');
  std::iota(all_bytes.begin(), all_bytes.end(), '\0');
  conductor.send(inbox, all_bytes);
  for (int i = 0; i < 500; ++i) conductor.send(inbox, std::to_string(i));
  REQUIRE(worker.hears(501));
  CHECK(worker.heard[0] == all_bytes);
  for (int i = 0; i < 500; ++i) REQUIRE(worker.heard[static_cast<std::size_t>(i) + 1] == std::to_string(i));
  CHECK(world->until([&worker] { return worker.drained; }));
}

TEMPLATE_TEST_CASE("an inbox begins at the end of its partition: what was sent before is not for it",
                   "[contract]", InMemory, OnKafka) {
  const auto world = TestType::make();
  Party first(*world), later(*world), sender(*world);
  const auto inbox = first.open_inbox(InboxKind::Replies, 2);
  sender.send(inbox, "before");
  REQUIRE(first.hears(1));
  const auto again = later.open_inbox(InboxKind::Replies, 2);
  CHECK(again.offset == inbox.offset + 1);
  sender.send(again, "after");
  REQUIRE(later.hears(1));
  CHECK(later.heard[0] == "after");
  REQUIRE(first.hears(2));  // they share the partition, and filter
}

TEMPLATE_TEST_CASE("requests and replies with one partition number are different inboxes", "[contract]",
                   InMemory, OnKafka) {
  const auto world = TestType::make();
  Party worker(*world), conductor(*world);
  const auto requests = worker.open_inbox(InboxKind::Requests, 0);
  const auto replies = conductor.open_inbox(InboxKind::Replies, 0);
  conductor.send(requests, "do");
  REQUIRE(worker.hears(1));
  worker.send(replies, "done");
  REQUIRE(conductor.hears(1));
  CHECK(worker.heard == std::vector<std::string>{"do"});
  CHECK(conductor.heard == std::vector<std::string>{"done"});
}

TEMPLATE_TEST_CASE(
    "H11: a message of the largest arguments and failures passes, a larger one is refused at once",
    "[contract]", InMemory, OnKafka) {
  const auto world = TestType::make();
  Party worker(*world), conductor(*world);
  const auto inbox = worker.open_inbox(InboxKind::Requests, 0);
  conductor.send(inbox, std::string(kArgumentsBytesMax + kResultBytesMax + kRevertFailuresBytesMax, 'x'));
  REQUIRE(worker.hears(1));
  CHECK(worker.heard[0].size() == kArgumentsBytesMax + kResultBytesMax + kRevertFailuresBytesMax);
  const auto refused = conductor.bus->send(inbox, std::string(kMessageBytesMax + 1, 'x'), 7);
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == BusErrorCode::TooLarge);
  CHECK(refused.error().message.find("the message has 12582913 bytes, the limit is ") == 0);
}

TEMPLATE_TEST_CASE("catch_up returns when everything up to the present end has been heard", "[contract]",
                   InMemory, OnKafka) {
  const auto world = TestType::make();
  Party worker(*world), conductor(*world);
  const auto inbox = conductor.open_inbox(InboxKind::Replies, 1);
  for (int i = 0; i < 200; ++i) worker.send(inbox, "answer");
  worker.bus->close(Millis{5000});  // they are at the broker now
  std::optional<std::size_t> heard_then;
  conductor.bus->catch_up([&](auto done) {
    if (done.ok()) heard_then = conductor.heard.size();
  });
  REQUIRE(world->until([&heard_then] { return heard_then.has_value(); }));
  CHECK(*heard_then == 200);
}

TEMPLATE_TEST_CASE("the bus knows its partitions, its limits and that it is there", "[contract]", InMemory,
                   OnKafka) {
  const auto world = TestType::make();
  Party party(*world);
  std::optional<std::int32_t> partitions;
  std::optional<bool> checked;
  party.bus->partitions(InboxKind::Requests,
                        [&partitions](auto count) { partitions = count.ok() ? *count : -1; });
  party.bus->check([&checked](auto done) { checked = done.ok(); });
  REQUIRE(world->until([&] { return partitions && checked && party.reachable; }));
  CHECK(*partitions == 3);
  CHECK(*checked);
  CHECK(*party.reachable);
}

TEMPLATE_TEST_CASE("nothing is told after close", "[contract]", InMemory, OnKafka) {
  const auto world = TestType::make();
  Party worker(*world), conductor(*world), witness(*world);
  const auto inbox = worker.open_inbox(InboxKind::Requests, 2);
  witness.open_inbox(InboxKind::Requests, 2);
  worker.bus->close(Millis{0});
  conductor.send(inbox, "too late");
  REQUIRE(witness.hears(1));
  CHECK(worker.heard.empty());
  const auto refused = worker.bus->send(inbox, "x", 0);
  REQUIRE(!refused.ok());
  CHECK(refused.error().code == BusErrorCode::Unavailable);
}
