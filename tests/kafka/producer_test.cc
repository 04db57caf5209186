#include "common/kafka/producer.h"

#include <set>

#include "tests/kafka/kafka_case.h"

using namespace baton;
using namespace baton::test;
using kafka::KafkaMessageBus;
using kafka::Producer;
using ports::BusErrorCode;
using ports::InboxKind;

namespace {

struct ProducerTest : KafkaCase {
  ProducerTest() {
    REQUIRE(kafka::create_topics(settings, 1, 1).ok());
    reader.open(heard);
    bool open = false;
    reader.open_inbox(InboxKind::Requests, 0, [&open](auto address) { open = address.ok(); });
    REQUIRE(until([&open] { return open; }));
  }
  ~ProducerTest() {
    reader.close(Millis{0});
    (void)kafka::delete_topics(settings);
  }
  void send(const std::string& bytes) { REQUIRE(producer.send(InboxKind::Requests, 0, bytes, 1).ok()); }

  kafka::KafkaSettings settings = settings_for(services().kafka);
  Heard heard;
  KafkaMessageBus reader{loop.io_context(), loop, loop, settings};
  std::vector<ports::BusError> undeliverable;
  Producer producer{loop.io_context(),
                    loop,
                    settings,
                    {[this](std::uint64_t, const ports::BusError& error) { undeliverable.push_back(error); },
                     [] {}, [] {}}};
};

}  // namespace

TEST_CASE_METHOD(ProducerTest,
                 "H35: a fatal error makes a new producer, which sends what the old one still had") {
  for (int i = 0; i < 100; ++i) send(std::to_string(i));
  producer.cause_fatal_error();
  for (int i = 100; i < 200; ++i) send(std::to_string(i));
  // What was under way may arrive twice; nothing is lost.
  const auto all = [this] {
    return std::set<std::string>(heard.messages.begin(), heard.messages.end()).size();
  };
  REQUIRE(until([&all] { return all() == 200; }));
  CHECK(noticed("the producer had a fatal error"));
  send("after");
  REQUIRE(until([this] { return heard.messages.back() == "after"; }));
  CHECK(undeliverable.empty());
}

TEST_CASE_METHOD(ProducerTest, "what waits to be sent again is bounded by its bytes too") {
  settings.queued_bytes_max = 4 * kMiB;
  Producer small{
      loop.io_context(), loop, settings, {[](std::uint64_t, const ports::BusError&) {}, [] {}, [] {}}};
  REQUIRE(small.send(InboxKind::Requests, 0, "metadata first", 1).ok());
  REQUIRE(until([this] { return heard.messages.size() == 1; }));
  const std::string large(kMiB, 'x');
  std::size_t taken = 0;
  std::optional<ports::BusErrorCode> refused;
  while (!refused && taken < 100) {
    const auto sent = small.send(InboxKind::Requests, 7, large, 1);  // no partition takes it
    sent.ok() ? void(++taken) : void(refused = sent.error().code);
  }
  CHECK(taken == 4);
  CHECK(refused == BusErrorCode::Full);
}

TEST_CASE_METHOD(ProducerTest,
                 "a message to a partition that is not there does not stand in the way of others") {
  REQUIRE(producer.send(InboxKind::Requests, 7, "nowhere", 1).ok());
  send("here");
  REQUIRE(until([this] { return heard.messages.size() == 1; }));
  CHECK(heard.messages[0] == "here");
  CHECK(undeliverable.empty());  // the topic may get the partition yet
}

TEST_CASE_METHOD(KafkaCase, "H11: what the broker never takes is told once, and not sent again") {
  const auto settings = settings_for(services().kafka);
  make_topic(settings.brokers, settings.topic_prefix + ".requests", "1048588");
  make_topic(settings.brokers, settings.topic_prefix + ".replies", "1048588");
  Heard heard;
  KafkaMessageBus reader(loop.io_context(), loop, loop, settings);
  reader.open(heard);
  std::optional<ports::InboxAddress> inbox;
  for (int tries = 0; tries < 200 && !inbox; ++tries) {  // a topic just made may not be known everywhere yet
    bool answered = false;
    reader.open_inbox(InboxKind::Requests, 0, [&](auto address) {
      answered = true;
      if (address.ok()) inbox = *address;
    });
    REQUIRE(until([&answered] { return answered; }));
  }
  REQUIRE(inbox);
  std::vector<std::pair<std::uint64_t, BusErrorCode>> undeliverable;
  {
    Producer producer{loop.io_context(),
                      loop,
                      settings,
                      {[&](std::uint64_t tag, const ports::BusError& error) {
                         undeliverable.emplace_back(tag, error.code);
                       },
                       [] {}, [] {}}};
    REQUIRE(producer.send(InboxKind::Requests, 0, "before", 1).ok());
    REQUIRE(producer.send(InboxKind::Requests, 0, std::string(2 * kMiB, 'x'), 2).ok());
    REQUIRE(producer.send(InboxKind::Requests, 0, "after", 3).ok());
    REQUIRE(until([&] { return heard.messages.size() == 2 && !undeliverable.empty(); }));
    CHECK(heard.messages == std::vector<std::string>{"before", "after"});
    REQUIRE(producer.send(InboxKind::Requests, 0, "much later", 4).ok());
    REQUIRE(until([&] { return heard.messages.size() == 3; }));
  }
  CHECK(undeliverable == std::vector<std::pair<std::uint64_t, BusErrorCode>>{{2, BusErrorCode::TooLarge}});
  reader.close(Millis{0});
  REQUIRE(kafka::delete_topics(settings).ok());
}
