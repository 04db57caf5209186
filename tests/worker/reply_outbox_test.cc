#include <catch2/catch.hpp>

#include "tests/worker/runner_fixture.h"

using namespace baton;
using namespace baton::worker;
using namespace baton::worker::testing;

namespace {

/// A bus that says what the test wants it to say.
struct GrudgingBus final : ports::MessageBus {
  std::optional<ports::BusErrorCode> says;
  std::size_t largest = ~std::size_t{0};  // larger messages are TooLarge
  std::vector<wire::Message> sent;
  std::vector<std::uint64_t> tags;

  void open(Listener&) override {}
  void check(Done<void>) override {}
  void partitions(ports::InboxKind, Done<std::int32_t>) override {}
  void open_inbox(ports::InboxKind, std::int32_t, Done<ports::InboxAddress>) override {}
  Result<void, ports::BusError> send(const ports::InboxAddress&, std::string bytes,
                                     std::uint64_t tag) override {
    if (says) return Fail(ports::BusError{*says, "because"});
    if (bytes.size() > largest) return Fail(ports::BusError{ports::BusErrorCode::TooLarge, "over the limit"});
    sent.push_back(wire::decode(bytes).value());
    tags.push_back(tag);
    return {};
  }
  void catch_up(Done<void>) override {}
  void close(Millis) override {}

  std::size_t answers_in(std::size_t message) const {
    return std::get<wire::Answers>(sent.at(message).body).answers.size();
  }
};

struct OutboxStory {
  memory::EventLoop loop;
  GrudgingBus bus;
  std::vector<std::string> undeliverable;
  int emptied = 0;
  ReplyOutbox outbox{bus, loop, incarnation(9),
                     [this](const wire::DeliveryId& delivery, const std::string& why) {
                       undeliverable.push_back(delivery.atom + ": " + why);
                     },
                     [this] { ++emptied; }};
  const ReplyTo to{incarnation(1), 3};

  void add(const std::string& atom, std::size_t bytes = 1) {
    auto request = RunnerStory::request(atom, 1);
    outbox.add(to, {request.delivery, Value::of_string(std::string(bytes, 'x')), {}});
  }
};

}  // namespace

TEST_CASE_METHOD(OutboxStory, "answers wait while the bus is full, and go when it has room") {
  bus.says = ports::BusErrorCode::Full;
  add("a");
  loop.run_until_idle();
  CHECK(bus.sent.empty());
  CHECK_FALSE(outbox.empty());
  bus.says = std::nullopt;
  outbox.on_room();
  REQUIRE(bus.sent.size() == 1);
  CHECK(outbox.empty());
  CHECK(emptied == 1);
}

TEST_CASE_METHOD(OutboxStory, "many large answers are cut into messages that Kafka takes") {
  for (int i = 0; i < 10; ++i) add("a" + std::to_string(i), kMiB - 2);
  loop.run_until_idle();
  REQUIRE(bus.sent.size() == 3);
  CHECK(bus.answers_in(0) == 4);
  CHECK(bus.answers_in(2) == 2);
}

TEST_CASE_METHOD(OutboxStory, "too large together is sent one by one; too large alone is told") {
  bus.largest = 5'000;
  add("small");
  add("large", 6'000);
  loop.run_until_idle();
  REQUIRE(bus.sent.size() == 1);
  CHECK(std::get<wire::Answers>(bus.sent[0].body).answers[0].delivery.atom == "small");
  CHECK(undeliverable == std::vector<std::string>{"large: over the limit"});
}

TEST_CASE_METHOD(OutboxStory, "a message that the broker refuses later is known by its tag") {
  add("a");
  loop.run_until_idle();
  outbox.on_undeliverable(bus.tags.at(0) + 1, {ports::BusErrorCode::TooLarge, "not mine"});
  CHECK(undeliverable.empty());
  outbox.on_undeliverable(bus.tags.at(0), {ports::BusErrorCode::TooLarge, "by the topic"});
  CHECK(undeliverable == std::vector<std::string>{"a: by the topic"});
}

TEST_CASE_METHOD(OutboxStory, "words are dropped at the bound, outcomes never") {
  bus.says = ports::BusErrorCode::Full;
  const auto word = RunnerStory::request("a", 1).delivery;
  for (std::size_t i = 0; i < ReplyOutbox::kWordsWaitingMax + 5; ++i)
    outbox.add(to, {word, wire::NotRun{wire::NoOutcome::Busy, ""}, {}});
  add("outcome");
  bus.says = std::nullopt;
  outbox.on_room();
  std::size_t count = 0;
  for (std::size_t i = 0; i < bus.sent.size(); ++i) count += bus.answers_in(i);
  CHECK(count == ReplyOutbox::kWordsWaitingMax + 1);
}
