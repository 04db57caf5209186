#include "common/kafka/topics.h"

#include "tests/kafka/kafka_case.h"

using namespace baton;
using namespace baton::test;
using kafka::KafkaMessageBus;
using ports::BusErrorCode;

namespace {

struct TopicsTest : KafkaCase {
  /// What a daemon's check at its start says; empty: all is well.
  std::string checked(const kafka::KafkaSettings& settings) {
    KafkaMessageBus bus(loop.io_context(), loop, loop, settings);
    std::optional<std::string> said;
    bus.check([&said](auto done) { said = done.ok() ? "" : done.error().message; });
    REQUIRE(until([&said] { return said.has_value(); }));
    return *said;
  }
};

}  // namespace

TEST_CASE_METHOD(TopicsTest, "topics are made once, making them again changes nothing") {
  const auto settings = settings_for(services().kafka);
  REQUIRE(kafka::create_topics(settings, 2, 1).ok());
  REQUIRE(kafka::create_topics(settings, 5, 1).ok());
  CHECK(checked(settings).empty());
  KafkaMessageBus bus(loop.io_context(), loop, loop, settings);
  std::optional<std::int32_t> partitions;
  bus.partitions(ports::InboxKind::Replies, [&partitions](auto count) { partitions = *count; });
  REQUIRE(until([&partitions] { return partitions.has_value(); }));
  CHECK(*partitions == 2);
  REQUIRE(kafka::delete_topics(settings).ok());
  REQUIRE(kafka::delete_topics(settings).ok());
}

TEST_CASE_METHOD(TopicsTest, "topics that are missing are told, judged by the broker, and not made") {
  const auto settings = settings_for(services().kafka);
  const std::vector<std::string> both{settings.topic_prefix + ".requests",
                                      settings.topic_prefix + ".replies"};
  const auto missing = [&] {
    const auto told = kafka::missing_topics(settings, 2, 1);
    REQUIRE(told.ok());
    return *told;
  };
  CHECK(missing() == both);
  CHECK(missing() == both);
  CHECK(kafka::missing_topics(settings, 2, 99).error().code ==
        BusErrorCode::Refused);  // one broker, 99 copies
  REQUIRE(kafka::create_topics(settings, 2, 1).ok());
  CHECK(missing().empty());
  REQUIRE(kafka::delete_topics(settings).ok());
}

TEST_CASE_METHOD(TopicsTest,
                 "H11: a topic whose messages must be smaller than ours is named, with the cure") {
  const auto settings = settings_for(services().kafka);
  make_topic(settings.brokers, settings.topic_prefix + ".requests", "1048588");
  make_topic(settings.brokers, settings.topic_prefix + ".replies", "1048588");
  std::string said =
      checked(settings);  // a topic just made may not be known everywhere yet: asked again, bounded
  for (int tries = 0; tries < 200 && said.find("Unknown") != std::string::npos; ++tries)
    said = checked(settings);
  CHECK(said == "topic " + settings.topic_prefix +
                    ".requests takes messages up to 1048588 bytes, Baton sends up to 12582912: raise "
                    "its max.message.bytes (and the broker's replica.fetch.max.bytes)");
  REQUIRE(kafka::delete_topics(settings).ok());
}

TEST_CASE_METHOD(TopicsTest, "topics that were never made are named, with the cure") {
  const auto settings = settings_for(services().kafka);
  CHECK(checked(settings) == "Kafka at " + settings.brokers + ": " + settings.topic_prefix +
                                 ".requests: Broker: Unknown topic or partition\n"
                                 "  the topics were not made: 'baton admin topics' makes them");
}

TEST_CASE_METHOD(TopicsTest, "a Kafka that is not there is named, with what to look at") {
  auto settings = settings_for("127.0.0.1:1");
  settings.request_timeout = Millis{500};
  const auto refused =
      checked(settings);  // in between: librdkafka's words, which depend on what it tried last
  CHECK(refused.rfind("Kafka at 127.0.0.1:1: Local: ", 0) == 0);
  CHECK(refused.find("\n  is it running, and is this its address?") != std::string::npos);
  const auto made = kafka::create_topics(settings, 1, 1);
  REQUIRE(!made.ok());
  CHECK(made.error().code == BusErrorCode::Unavailable);
  const auto& said = made.error().message;
  CHECK(said.rfind("making topics at 127.0.0.1:1: ", 0) == 0);
  CHECK(said.find("; is Kafka running there?") != std::string::npos);
}
