#include <catch2/catch.hpp>
#include <ctime>

#include "common/memory/flow_database.h"

using namespace baton;
using namespace baton::memory;

namespace {

constexpr int kCalls = 20'000;

ports::NewStall stall(int job) {
  return {JobId("job-" + std::to_string(job)), 1, std::nullopt, 0, {"page", ports::HookEvent::Stalled, {}}};
}

std::vector<ports::HookCall> take(FlowDatabase& database, std::uint32_t calls_max, TimePoint now) {
  const ports::HookTake take{{{"page", calls_max, Millis{1'000}}}, Incarnation{}, "c1"};
  return database.take_hook_calls(take, now).value();
}

/// Some are taken, some given up, some done, some wait.
FlowDatabase mixed() {
  FlowDatabase database;
  for (int job = 1; job <= 8; ++job)
    REQUIRE(database.record_stalls({stall(job)}, TimePoint{Micros{job}}).ok());
  const auto taken = take(database, 6, TimePoint{Micros{100}});
  const auto end = [&](std::size_t place, ports::HookEnding::How how) {
    REQUIRE(database.end_hook_call({taken.at(place), how, Millis{5}, "no"}, TimePoint{Micros{200}}).ok());
  };
  end(0, ports::HookEnding::How::Done);
  end(1, ports::HookEnding::How::GivenUp);
  end(2, ports::HookEnding::How::Again);
  return database;
}

std::vector<std::uint64_t> ids(const std::vector<ports::HookCall>& calls) {
  std::vector<std::uint64_t> all;
  for (const auto& call : calls) all.push_back(call.id);
  return all;
}

}  // namespace

TEST_CASE("calls are due, counted and listed by state, also after a restore", "[memory]") {
  using Ids = std::vector<std::uint64_t>;
  FlowDatabase database = mixed();
  if (GENERATE(false, true)) {
    FlowDatabase restored;
    restored.restore(database.tables());
    database = restored;
  }
  const auto counts = database.hook_counts().value();
  REQUIRE(counts.size() == 1);
  CHECK(counts[0].pending == 6);
  CHECK(counts[0].given_up == 1);
  CHECK(counts[0].oldest_pending == TimePoint{Micros{3}});
  CHECK(ids(database.hook_calls({.state = ports::HookCallState::GivenUp})->calls) == Ids{2});
  CHECK(ids(database.hook_calls({.state = ports::HookCallState::Done})->calls) == Ids{1});
  const auto page = database.hook_calls({.state = ports::HookCallState::Pending, .before = 8, .limit = 2});
  CHECK(ids(page->calls) == Ids{7, 6});
  CHECK(page->more);
  CHECK(ids(database.hook_calls({.job = JobId("job-4")})->calls) == Ids{4});
  CHECK(ids(take(database, 10, TimePoint{Micros{300}})) == Ids{7, 8});
  CHECK(ids(take(database, 10, TimePoint{Micros{900'000}})) == Ids{3});
  CHECK(ids(take(database, 2, TimePoint{Micros{2'000'000}})) == Ids{4, 5});
}

TEST_CASE("a look for calls that are due costs nothing of those that are over", "[memory]") {
  FlowDatabase database;
  const TimePoint now{Micros{1}};
  for (int job = 0; job < kCalls; ++job) {
    REQUIRE(database.record_stalls({stall(job)}, now).ok());
    for (const auto& call : take(database, 1, now))
      REQUIRE(database.end_hook_call({call, ports::HookEnding::How::Done, {}, {}}, now).ok());
  }
  const std::clock_t begun = std::clock();
  for (int look = 0; look < kCalls; ++look) {
    CHECK(take(database, 1, now).empty());
    CHECK(database.hook_counts()->empty());
  }
  CHECK((std::clock() - begun) / CLOCKS_PER_SEC < 5);  // at -O0 and with sanitizers
}
