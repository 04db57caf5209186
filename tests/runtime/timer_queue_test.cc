#include "common/runtime/timer_queue.h"

#include <catch2/catch.hpp>

using namespace std::chrono_literals;
using baton::runtime::TimerQueue;
using Calls = std::vector<std::string>;

TEST_CASE("timers are called in order of their deadlines, then of adding") {
  TimerQueue timers;
  Calls calls;
  timers.add(20us, [&] { calls.push_back("late"); });
  timers.add(10us, [&] { calls.push_back("first"); });
  timers.add(10us, [&] { calls.push_back("second"); });
  timers.add(21us, [&] { calls.push_back("not due"); });
  timers.fire(20us);
  CHECK(calls == Calls{"first", "second", "late"});
  CHECK(timers.earliest() == 21us);
}

TEST_CASE("a timer that another one removes is not called") {
  TimerQueue timers;
  Calls calls;
  baton::ports::TimerId victim = 0;
  timers.add(1us, [&] { timers.remove(victim); });
  victim = timers.add(2us, [&] { calls.push_back("victim"); });
  timers.add(3us, [&] { calls.push_back("other"); });
  timers.fire(3us);
  CHECK(calls == Calls{"other"});
}

TEST_CASE("a timer that is added while others are called waits for the next call") {
  TimerQueue timers;
  int calls = 0;
  std::function<void()> again = [&] {
    ++calls;
    timers.add(0us, again);
  };
  timers.add(0us, again);
  timers.fire(5us);
  CHECK(calls == 1);
  timers.fire(5us);
  CHECK(calls == 2);
}

TEST_CASE("a timer may remove itself, and unknown ids are ignored") {
  TimerQueue timers;
  baton::ports::TimerId own = 0;
  int calls = 0;
  own = timers.add(1us, [&] {
    timers.remove(own);
    ++calls;
  });
  timers.remove(own + 100);
  timers.fire(1us);
  timers.fire(1us);
  CHECK(calls == 1);
  CHECK_FALSE(timers.earliest());
}
