#include "common/memory/event_loop.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using baton::memory::EventLoop;

TEST_CASE("a posted task runs later, in the order of posting") {
  EventLoop loop;
  std::string order;
  loop.post([&] {
    order += "a";
    loop.post([&] { order += "c"; });
  });
  loop.post([&] { order += "b"; });
  CHECK(order.empty());
  CHECK_FALSE(loop.idle());
  loop.run_until_idle();
  CHECK(order == "abc");
  CHECK(loop.idle());
}

TEST_CASE("timers run at their own time, equal times in the order of asking") {
  EventLoop loop;
  std::vector<std::pair<char, std::int64_t>> seen;
  const auto note = [&](char name) {
    return [&seen, &loop, name] { seen.emplace_back(name, loop.steady().count()); };
  };
  loop.after(20ms, note('c'));
  loop.after(10ms, note('a'));
  loop.after(10ms, note('b'));
  loop.after(31ms, note('d'));
  loop.run_for(30ms);
  CHECK(seen == decltype(seen){{'a', 10'000}, {'b', 10'000}, {'c', 20'000}});
  CHECK(loop.steady() == 30ms);
  CHECK(loop.wall() - EventLoop{}.wall() == 30ms);
}

TEST_CASE("a timer of no delay is not called inline, and a cancelled one never") {
  EventLoop loop;
  int calls = 0;
  loop.after(0ms, [&] { ++calls; });
  CHECK(calls == 0);
  const auto second = loop.after(5ms, [&] { calls += 10; });
  loop.after(5ms, [&] { calls += 100; });
  loop.cancel(second);
  loop.cancel(second);
  loop.cancel(12345);
  loop.run_for(1s);
  CHECK(calls == 101);
}

TEST_CASE("a timer cancelled by an earlier one of the same instant does not run") {
  EventLoop loop;
  bool ran = false;
  baton::ports::TimerId victim = 0;
  loop.after(5ms, [&] { loop.cancel(victim); });
  victim = loop.after(5ms, [&] { ran = true; });
  loop.run_for(1s);
  CHECK_FALSE(ran);
}

TEST_CASE("after a jump timers run late, as in a process that was stopped") {
  EventLoop loop;
  baton::Micros ran_at{0};
  loop.after(10ms, [&] { ran_at = loop.steady(); });
  loop.advance(60s);
  CHECK(ran_at == 60s);
}

TEST_CASE("run_until ends with its condition, or at its limit") {
  EventLoop loop;
  int ticks = 0;
  std::function<void()> tick = [&] {
    ++ticks;
    loop.after(10ms, tick);
  };
  loop.after(10ms, tick);
  CHECK(loop.run_until([&] { return ticks == 3; }, 1s));
  CHECK(loop.steady() == 30ms);
  CHECK_FALSE(loop.run_until([&] { return ticks == 100; }, 50ms));
  CHECK(loop.steady() == 80ms);
}
