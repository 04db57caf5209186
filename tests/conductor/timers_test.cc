#include "conductor/timers.h"

#include <catch2/catch.hpp>

#include "common/memory/event_loop.h"

using namespace baton;
using namespace baton::conductor;

namespace {

/// An inbox that is read when the story says so.
struct SlowInbox final : ports::MessageBus {
  void open(Listener&) override {}
  void check(Done<void>) override {}
  void partitions(ports::InboxKind, Done<std::int32_t>) override {}
  void open_inbox(ports::InboxKind, std::int32_t, Done<ports::InboxAddress>) override {}
  Result<void, ports::BusError> send(const ports::InboxAddress&, std::string, std::uint64_t) override {
    return {};
  }
  void catch_up(Done<void> done) override { readings.push_back(std::move(done)); }
  void close(Millis) override {}
  std::vector<Done<void>> readings;
};

/// A process that can be stopped, with timers that write down when they fire.
struct Stopped {
  Timers::Id timer(int name, Millis after) {
    return timers.after(after, [this, name] { fired.push_back(name); });
  }
  void read() {
    const auto done = std::move(inbox.readings.back());
    done({});
    loop.run_until_idle();
  }
  memory::EventLoop loop;
  SlowInbox inbox;
  Timers timers{loop, inbox, Millis{1'000}, Millis{10'000}};
  std::vector<int> fired;
};

using Names = std::vector<int>;

}  // namespace

TEST_CASE_METHOD(Stopped, "a process that runs never reads its inbox for its timers") {
  for (int i = 0; i < 100; ++i) timer(i, Millis{i * 700});
  loop.run_for(Millis{70'000});
  CHECK(fired.size() == 100);
  CHECK(inbox.readings.empty());
}

TEST_CASE_METHOD(Stopped, "all that comes late by one stop waits for one reading, and fires in its order") {
  timer(1, Millis{100});
  timer(2, Millis{200});
  const auto third = timer(3, Millis{3'000});
  timer(4, Millis{4'900});  // hardly late itself
  loop.advance(Millis{5'000});
  REQUIRE(inbox.readings.size() == 1);
  CHECK(fired.empty());
  timer(5, Millis{0});
  loop.run_for(Millis{10});
  CHECK(fired.empty());
  timers.cancel(third);  // by what the inbox says
  read();
  CHECK(fired == Names{1, 2, 4, 5});
  REQUIRE(inbox.readings.size() == 1);
}

TEST_CASE_METHOD(Stopped,
                 "H26: a timer that was due at the end of a stop is not believed before the inbox is") {
  timer(1, Millis{10'000});
  loop.run_for(Millis{5'000});
  loop.advance(Millis{5'200});
  REQUIRE(inbox.readings.size() == 1);
  CHECK(fired.empty());
  read();
  CHECK(fired == Names{1});
}

TEST_CASE_METHOD(Stopped, "stopped again while the inbox is read: it is read again, up to its new end") {
  timer(1, Millis{100});
  loop.advance(Millis{5'000});
  loop.run_for(Millis{100});
  loop.advance(Millis{5'000});
  REQUIRE(inbox.readings.size() == 1);
  read();
  CHECK(fired.empty());
  REQUIRE(inbox.readings.size() == 2);
  read();
  CHECK(fired == Names{1});
}

TEST_CASE_METHOD(Stopped, "an inbox that cannot be read does not hold timers back for ever") {
  timer(1, Millis{100});
  loop.advance(Millis{5'000});
  const auto done = inbox.readings.back();
  done(Fail(ports::BusError{ports::BusErrorCode::Unavailable, "away"}));
  CHECK(fired == Names{1});
}

TEST_CASE_METHOD(Stopped, "a reading that never ends is given up, and its late end means nothing") {
  timer(1, Millis{100});
  loop.advance(Millis{5'000});
  REQUIRE(inbox.readings.size() == 1);
  timer(2, Millis{60'000});
  loop.run_for(Millis{9'000});
  CHECK(fired.empty());
  loop.run_for(Millis{1'000});
  CHECK(fired == Names{1});
  loop.advance(Millis{60'000});
  REQUIRE(inbox.readings.size() == 2);
  inbox.readings.front()({});  // the one that was given up
  loop.run_until_idle();
  CHECK(fired == Names{1});
  read();
  CHECK(fired == Names{1, 2});
}

TEST_CASE_METHOD(Stopped, "a process that is stopped again and again believes its timers in the end") {
  timer(1, Millis{100});
  const auto stops = [this](int times) {
    for (int stop = 0; stop < times; ++stop) {
      loop.advance(Millis{1'500});
      if (fired.empty()) loop.advance(Millis{1'500}), read();
    }
  };
  stops(5);
  CHECK(inbox.readings.size() == 6);  // each was overtaken by the next stop
  CHECK(fired.empty());
  stops(10);
  CHECK(fired == Names{1});
}

TEST_CASE_METHOD(Stopped, "a long stop in the middle of a reading takes nothing from its time") {
  timer(1, Millis{100});
  loop.advance(Millis{5'000});
  loop.run_for(Millis{5'000});
  loop.advance(Millis{60'000});
  CHECK(fired.empty());
  read();
  read();  // once more, up to the end at the second waking
  CHECK(fired == Names{1});
}

TEST_CASE_METHOD(Stopped, "nothing fires after the close, and no inbox is read") {
  timer(1, Millis{100});
  timer(2, Millis{6'000});
  loop.advance(Millis{5'000});
  timers.close();
  read();
  loop.run_for(Millis{10'000});
  CHECK(fired.empty());
  REQUIRE(inbox.readings.size() == 1);
}
