#include "common/runtime/asio_loop.h"

#include <catch2/catch.hpp>
#include <thread>

#include "common/runtime/os_entropy.h"

using namespace std::chrono_literals;
using baton::runtime::AsioLoop;
using baton::runtime::OsEntropy;

TEST_CASE("tasks run later, in the order of posting, on the thread that runs the loop") {
  AsioLoop loop;
  std::vector<int> order;
  loop.post([&] {
    order.push_back(1);
    loop.post([&] { order.push_back(3); });
    order.push_back(2);
  });
  CHECK(order.empty());
  std::thread other([&] { loop.post([&] { loop.post([&] { loop.stop(); }); }); });
  other.join();
  loop.run();
  CHECK(order == std::vector<int>{1, 2, 3});
}

TEST_CASE("a timer of no delay is not called inline") {
  AsioLoop loop;
  bool called = false;
  loop.after(0ms, [&] {
    called = true;
    loop.stop();
  });
  CHECK_FALSE(called);
  loop.run();
  CHECK(called);
}

TEST_CASE("timers wait as long as they were told, and cancelled ones are not called") {
  AsioLoop loop;
  const auto begun = loop.steady();
  std::vector<std::string> calls;
  baton::Micros ended{0};
  loop.after(40ms, [&] {
    ended = loop.steady();
    loop.stop();
  });
  const auto cancelled = loop.after(5ms, [&] { calls.push_back("cancelled"); });
  loop.after(20ms, [&] { calls.push_back("20"); });
  loop.after(10ms, [&] { calls.push_back("10"); });
  loop.cancel(cancelled);
  loop.run();
  CHECK(calls == std::vector<std::string>{"10", "20"});
  CHECK(ended - begun >= 40ms);
}

TEST_CASE("an earlier timer is not late because a later one was armed first") {
  AsioLoop loop;
  bool later = false;
  loop.after(60s, [&] { later = true; });
  loop.after(1ms, [&] { loop.stop(); });
  loop.run();
  CHECK_FALSE(later);
}

TEST_CASE("a loop can be run again after it was stopped, and keeps what was queued") {
  AsioLoop loop;
  int ran = 0;
  loop.post([&] { loop.stop(); });
  loop.post([&] {
    ++ran;
    loop.stop();
  });
  loop.run();
  CHECK(ran == 0);
  loop.run();
  CHECK(ran == 1);
}

TEST_CASE("tasks and timers that die with the loop may still use it") {
  struct Last {
    AsioLoop& loop;
    baton::ports::TimerId timer;
    ~Last() {
      loop.cancel(timer);
      loop.post([] {});
    }
  };
  AsioLoop loop;
  const auto timer = loop.after(60s, [] {});
  loop.post([last = std::make_shared<Last>(Last{loop, timer})] {});
  loop.after(60s, [last = std::make_shared<Last>(Last{loop, timer})] {});
  SUCCEED("destroying the loop is the test");
}

TEST_CASE("the kernel's randomness does not repeat over refills") {
  OsEntropy entropy;
  std::vector<std::uint64_t> words(2000);
  for (auto& word : words) word = entropy.next();
  std::sort(words.begin(), words.end());
  CHECK(std::adjacent_find(words.begin(), words.end()) == words.end());
  CHECK(entropy.uuid().to_string()[14] == '4');
}
