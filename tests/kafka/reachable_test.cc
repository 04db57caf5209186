#include "tests/kafka/kafka_case.h"
#include "tests/support/own_broker.h"

using namespace baton;
using namespace baton::test;
using kafka::KafkaMessageBus;
using ports::InboxKind;

TEST_CASE_METHOD(KafkaCase, "a broker that hangs is told within seconds, and goes on where it stopped") {
  OwnBroker broker;
  const auto settings = settings_for(broker.address());
  REQUIRE(kafka::create_topics(settings, 1, 1).ok());
  Heard heard;
  KafkaMessageBus bus(loop.io_context(), loop, loop, settings);
  bus.open(heard);
  std::optional<ports::InboxAddress> inbox;
  bus.open_inbox(InboxKind::Replies, 0, [&inbox](auto address) { inbox = *address; });
  REQUIRE(until([&] { return inbox && heard.reachable == true; }));

  broker.signal("STOP");
  const auto begun = loop.steady();
  REQUIRE(until([&] { return heard.reachable == false; }));
  CHECK(loop.steady() - begun < settings.probe_interval + settings.probe_timeout + Millis{2000});
  REQUIRE(bus.send(*inbox, "meanwhile", 1).ok());

  broker.signal("CONT");
  REQUIRE(until([&] { return heard.reachable == true && heard.messages.size() == 1; }));

  CHECK(heard.messages[0] == "meanwhile");
  CHECK(heard.undeliverable.empty());
}

TEST_CASE_METHOD(KafkaCase, "a bus whose broker was never there ends soon") {
  auto settings = settings_for("127.0.0.1:1");
  const auto begun = loop.steady();
  {
    Heard heard;
    KafkaMessageBus bus(loop.io_context(), loop, loop, settings);
    bus.open(heard);
    REQUIRE(bus.send({InboxKind::Requests, 0, 0}, "kept", 1).ok());
    REQUIRE(until([&] { return heard.reachable == false; }));
    bus.close(Millis{200});
  }
  CHECK(loop.steady() - begun < 2 * settings.probe_timeout + Millis{2000});
}
