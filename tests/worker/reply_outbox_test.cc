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
  bool instead = false;  // then a small answer is given in the place of an undeliverable one
  int emptied = 0;
  ReplyOutbox outbox{bus, loop, incarnation(9),
                     [this](const wire::DeliveryId& delivery, const std::string& why) {
                       undeliverable.push_back(delivery.atom + ": " + why);
                       if (instead) outbox.add(to, {delivery, Failure{"BadResult", why, {}}, {}});
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

TEST_CASE_METHOD(OutboxStory, "H11: too large together is sent one by one, too large alone is told") {
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

TEST_CASE_METHOD(OutboxStory, "what is said again of a delivery replaces what waits, in its place") {
  bus.says = ports::BusErrorCode::Full;
  add("first", 1'000);
  add("second", 2'000);
  for (int i = 0; i < 100; ++i) add("first", 7);
  loop.run_until_idle();
  bus.says = std::nullopt;
  outbox.on_room();
  REQUIRE(bus.sent.size() == 1);
  const auto& sent = std::get<wire::Answers>(bus.sent[0].body).answers;
  REQUIRE(sent.size() == 2);
  CHECK(sent[0].delivery.atom == "first");
  CHECK(std::get<Value>(sent[0].what).json() == "\"xxxxxxx\"");
  CHECK(sent[1].delivery.atom == "second");
  add("first", 5);  // it does not wait any more: sent again
  loop.run_until_idle();
  CHECK(bus.sent.size() == 2);
}

TEST_CASE_METHOD(OutboxStory, "outcomes over the bounds are left to the memory that repeats them") {
  bus.says = ports::BusErrorCode::Full;
  const auto send_all = [this] {
    bus.says = std::nullopt;
    outbox.on_room();
    std::size_t count = 0;
    for (std::size_t i = 0; i < bus.sent.size(); ++i) count += bus.answers_in(i);
    return count;
  };
  SECTION("by bytes") {
    for (int i = 0; i < 140; ++i) add("a" + std::to_string(i), kMiB - 2);
    CHECK(send_all() == 128);
    add("later");
    loop.run_until_idle();
    CHECK(std::get<wire::Answers>(bus.sent.back().body).answers[0].delivery.atom == "later");
  }
  SECTION("by count") {
    for (std::size_t i = 0; i < ReplyOutbox::kOutcomesWaitingMax + 5; ++i) add("a" + std::to_string(i));
    CHECK(send_all() == ReplyOutbox::kOutcomesWaitingMax);
  }
}

TEST_CASE_METHOD(OutboxStory, "what is said instead of an answer that is too large is sent") {
  bus.largest = 5'000;
  instead = true;
  add("large", 6'000);
  loop.run_until_idle();
  REQUIRE(bus.sent.size() == 1);
  const auto& sent = std::get<wire::Answers>(bus.sent[0].body).answers[0];
  CHECK(std::get<Failure>(sent.what).type == "BadResult");
  CHECK(outbox.empty());
}

TEST_CASE_METHOD(OutboxStory, "words are dropped at their bound, outcomes not there") {
  bus.says = ports::BusErrorCode::Full;
  for (std::size_t i = 0; i < ReplyOutbox::kWordsWaitingMax + 5; ++i)
    outbox.add(to, {RunnerStory::request("a", i + 1).delivery, wire::NotRun{wire::NoOutcome::Busy, ""}, {}});
  add("outcome");
  bus.says = std::nullopt;
  outbox.on_room();
  std::size_t count = 0;
  for (std::size_t i = 0; i < bus.sent.size(); ++i) count += bus.answers_in(i);
  CHECK(count == ReplyOutbox::kWordsWaitingMax + 1);
}
