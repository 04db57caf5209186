#include <catch2/catch.hpp>

#include "common/memory/event_loop.h"
#include "conductor/dispatcher.h"

using namespace baton;
using namespace baton::conductor;

namespace {

/// A bus that is full when the story says so, and writes down what it took.
struct NarrowBus final : ports::MessageBus {
  void open(Listener&) override {}
  void check(Done<void>) override {}
  void partitions(ports::InboxKind, Done<std::int32_t>) override {}
  void open_inbox(ports::InboxKind, std::int32_t, Done<ports::InboxAddress>) override {}
  Result<void, ports::BusError> send(const ports::InboxAddress&, std::string bytes, std::uint64_t) override {
    if (full) return Fail(ports::BusError{ports::BusErrorCode::Full, "full"});
    ++messages;
    total_bytes += bytes.size();
    return {};
  }
  void catch_up(Done<void> done) override { done({}); }
  void close(Millis) override {}
  bool full = false;
  std::size_t messages = 0, total_bytes = 0;
};

/// A flow whose deliveries are all open, each with a large argument.
struct OpenFlow final : FlowInbox {
  void take(engine::Event, Incarnation) override {}
  void order(const ports::OrderRecord&) override {}
  void grant(AtomIndex, Incarnation, const std::string&) override {}
  bool may_start(AtomIndex) const override { return false; }
  AtomIndex find(std::string_view) const override { return kNoAtom; }
  bool wants_start(AtomIndex) const override { return false; }
  void step() override {}
  std::optional<wire::Request> request(AtomIndex atom, Dispatch dispatch) const override {
    wire::Request request;
    request.delivery = {id, "atom-" + std::to_string(atom), Intention::Execute, 1, dispatch};
    request.arguments = Value::of_string(std::string(bytes, 'x'));
    return request;
  }
  FlowId id{Uuid{{1}}};
  std::size_t bytes = 10;
};

struct Sending {
  Sending() {
    flows.add(flow.id, flow);
    ports::Advert advert;
    advert.incarnation = worker;
    advert.inbox.emplace();
    outbox.workers({advert});
    dispatcher.workers({advert});
  }
  void send(AtomIndex atom) {
    dispatcher.send({flow.id, atom, 1}, worker, *flow.request(atom, 1), std::nullopt);
  }
  void room() {
    bus.full = false;
    outbox.on_room();
  }

  memory::EventLoop loop;
  NarrowBus bus;
  Bounds bounds;
  Counters counters;
  Timers timers{loop, bus, bounds.stall, bounds.inbox_reading_max};
  Flows flows{loop};
  Outbox outbox{loop, loop, bus, bounds, counters};
  Dispatcher dispatcher{timers, outbox, flows, bounds, counters};
  OpenFlow flow;
  Incarnation worker{Uuid{{2}}};
};

}  // namespace

TEST_CASE_METHOD(Sending, "a request that waited for room is sent again a second after it left, not before") {
  bus.full = true;
  send(0);
  loop.run_for(Millis{900});
  room();
  CHECK(bus.messages == 1);
  loop.run_for(Millis{999});
  CHECK(bus.messages == 1);
  loop.run_for(Millis{1'001});
  CHECK(bus.messages == 2);
  CHECK(counters.requests_resent == 1);
}

TEST_CASE_METHOD(Sending, "while Kafka is away no second copy is handed to the bus, which keeps the first") {
  send(0);
  loop.run_for(Millis{100});
  dispatcher.reachable(false);
  loop.run_for(Millis{20'000});
  CHECK(bus.messages == 1);
  dispatcher.reachable(true);
  loop.run_for(Millis{999});
  CHECK(bus.messages == 1);
  loop.run_for(Millis{2'001});
  CHECK(bus.messages >= 2);
  CHECK(counters.deliveries_lost == 0);
}

TEST_CASE_METHOD(Sending,
                 "what waits for room is bounded by its bytes, what was over it is sent in its turn") {
  bounds.unsent_bytes_max = 4 * kMiB;
  bounds.requests_per_message = 1;
  flow.bytes = kMiB;
  bus.full = true;
  for (AtomIndex atom = 0; atom < 100; ++atom) send(atom);
  loop.run_for(Millis{10});
  room();
  CHECK(bus.messages == 3);  // a message is a little more than its arguments
  CHECK(bus.total_bytes <= bounds.unsent_bytes_max);
  loop.run_for(Millis{2'500});
  CHECK(bus.messages >= 100);
}

TEST_CASE_METHOD(Sending, "where Kafka comes and goes every moment, a request is sent again all the same") {
  send(0);
  loop.run_for(Millis{10});
  REQUIRE(bus.messages == 1);
  for (int i = 0; i < 10; ++i) {
    dispatcher.reachable(false);
    loop.run_for(Millis{200});
    dispatcher.reachable(true);
    loop.run_for(Millis{600});
  }
  CHECK(bus.messages >= 4);
  CHECK(bus.messages <= 5);  // every other second at most
  CHECK(counters.deliveries_lost == 0);
}

TEST_CASE_METHOD(Sending,
                 "where the queue to Kafka is full every moment, a cancel is sent again all the same") {
  dispatcher.cancel({flow.id, 0, 1}, worker, {flow.id, "atom-0", Intention::Execute, 1, 1}, "asked for");
  REQUIRE(bus.messages == 1);
  for (int i = 0; i < 10; ++i) {
    bus.full = true;
    outbox.cancel(worker, {});  // any message finds it full
    loop.run_for(Millis{200});
    room();
    loop.run_for(Millis{600});
  }
  const std::size_t others = 10;
  CHECK(bus.messages >= 4 + others);
  CHECK(bus.messages <= 5 + others);
}

TEST_CASE_METHOD(Sending, "re-sends count as silence once anything has come into the inbox behind them") {
  bounds.heartbeat = Millis{2'000};
  send(0);
  loop.run_for(Millis{10'000});
  REQUIRE(counters.deliveries_lost == 0);
  dispatcher.inbox_brought();
  loop.run_for(bounds.resend_after);
  CHECK(counters.deliveries_lost == 1);
}

TEST_CASE_METHOD(Sending, "re-sends behind which nothing came before the inbox was judged count no more") {
  bounds.heartbeat = Millis{2'000};
  send(0);
  loop.run_for(Millis{5'000});
  dispatcher.reachable(false);
  loop.run_for(Millis{5'000});
  dispatcher.inbox_brought();
  dispatcher.reachable(true);
  for (int i = 0; i < 3; ++i) {
    CHECK(counters.deliveries_lost == 0);
    loop.run_for(bounds.resend_after);
    dispatcher.inbox_brought();
  }
  loop.run_for(3 * bounds.resend_after);
  CHECK(counters.deliveries_lost == 1);
}
