#include <algorithm>
#include <catch2/catch.hpp>
#include <deque>
#include <set>

#include "tests/support/coordination_world.h"

using namespace baton;
using namespace baton::ports;
using namespace baton::test;

namespace {

constexpr std::size_t kJobs = 2'000;
constexpr std::size_t kClaimed = 50;
constexpr int kTriesMax = 20;

/// Who comes late to a full board: as soon as it reads, another one claims.
struct Latecomer final : JobBoard::Listener {
  std::function<void()> on_first;
  const std::set<std::string>* claimed = nullptr;
  std::map<std::string, bool> seen;  // by path: is it claimed?
  std::set<std::string>
      claimed_by_half;  // before half of the board was read: the other half is asked for later
  bool listed = false;

  void on_job(const BoardJob& job) override {
    if (listed) return;
    if (seen.empty()) on_first();
    seen[job.path] = job.claimed;
    if (seen.size() == kJobs / 2) claimed_by_half = *claimed;
  }
  void on_gone(const std::string&) override {}
  void on_unreadable(const std::string&, const std::string&) override {}
  void on_listed() override { listed = true; }
  void on_disconnected() override {}
  void on_session_lost() override {}
};

struct FullBoard {
  FullBoard() : first(world.process("first")) {
    for (std::size_t i = 0; i < kJobs; ++i)
      first.board().post(
          Posting::make(world.uuid(), "n", Priority::Normal,
                        Value::parse(R"({"factory": {"name": "f"}})").value())
              .value(),
          [this](const Result<std::string, BoardError>& path) { free.push_back(path.value()); });
    REQUIRE(world.pump([&] { return free.size() == kJobs; }, Millis{40'000}));
    std::sort(free.begin(), free.end());
  }
  void claim_some() {
    for (std::size_t i = 0; i < kClaimed; ++i) {
      first.board().claim(free.back(), [this](const Result<BoardClaim, BoardError>& claim) {
        if (claim.ok()) claimed.insert(claim->path);
      });
      free.pop_back();
    }
  }

  ZooKeeperWorld world;
  Process& first;
  std::vector<std::string> free;  // the last ones are read last
  std::set<std::string> claimed;
};

}  // namespace

TEST_CASE_METHOD(
    FullBoard, "who lists a full board for the first time does not take for free what was claimed meanwhile",
    "[board][services]") {
  bool met = false;  // a claim that was made in the first half of a listing; as a rule at the first try
  std::deque<Latecomer> latecomers;
  for (int tries = 0; tries < kTriesMax && !met; ++tries) {
    Latecomer& late = latecomers.emplace_back();
    late.claimed = &claimed;
    late.on_first = [&] {
      late.claimed_by_half.clear();
      claim_some();
    };
    const std::set<std::string> before = claimed;
    world.process("late-" + std::to_string(tries)).board().open(late);
    REQUIRE(world.pump([&] { return late.listed; }, Millis{40'000}));
    CHECK(late.seen.size() == kJobs);
    for (const auto& path : late.claimed_by_half) {
      CHECK(late.seen.at(path));
      met |= !before.contains(path);
    }
  }
  CHECK(met);
}
