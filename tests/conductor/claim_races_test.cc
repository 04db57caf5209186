#include <catch2/catch.hpp>
#include <memory>

#include "common/memory/seeded_entropy.h"
#include "conductor/candidates.h"

using namespace baton;
using namespace baton::conductor;

namespace {

constexpr Millis kTick{1};
constexpr Millis kClaimTakes{5};
constexpr double kLostMax = 0.05;  // of the claims that were won

/// A board of more jobs than anybody has room for, and conductors that see it some tenths of a second late.
class Races {
 public:
  struct Conductor {
    std::size_t flows_max;  // held at once
    Millis flow;            // takes so long, up to twice that by chance
    bool lives = true;
    std::unique_ptr<Candidates> candidates;
    ports::Member member;
    std::size_t held = 0, in_flight = 0, won = 0, lost = 0;
    Micros looked{0};
    std::size_t news = 0;  // that it has seen
  };
  struct Job {
    ports::BoardJob posted;
    Micros at{0};                   // posted
    std::optional<std::size_t> by;  // whose claim stands
    std::optional<Micros> claimed;  // first
    bool ended = false;
  };

  explicit Races(std::vector<std::pair<std::size_t, Millis>> conductors, Millis late = Millis{200})
      : late_(late) {
    for (const auto& [flows_max, flow] : conductors) {
      Conductor one{flows_max, flow};
      one.member.incarnation = Incarnation(entropy_.uuid());
      one.candidates = std::make_unique<Candidates>(bounds);
      one.candidates->self(one.member.incarnation);
      all.push_back(std::move(one));
    }
    tell_members();
  }

  void post(std::size_t count, std::vector<Priority> priorities = {Priority::Normal}) {
    for (std::size_t i = 0; i < count; ++i) {
      Job job;
      job.at = now;
      job.posted.path = "/b/job" + std::to_string(jobs.size());
      job.posted.posting.uuid = JobId(entropy_.uuid().to_string());
      job.posted.posting.priority = priorities[i % priorities.size()];
      job.posted.czxid = static_cast<std::int64_t>(jobs.size()) + 1;
      job.posted.posted_at = TimePoint(now);
      news_.push_back(jobs.size());
      jobs.push_back(job);
    }
  }

  /// Until nothing is on the board, or so long.
  void run(Millis at_most = Millis{3'600'000}) {
    for (const Micros end = now + at_most; ended_ < jobs.size() && now < end; now += kTick) tick();
  }

  void die(std::size_t which) {
    all[which].lives = false;
    for (std::size_t i = 0; i < jobs.size(); ++i)
      if (jobs[i].by == which && !jobs[i].ended) jobs[i].by.reset(), news_.push_back(i);
    tell_members();
  }

  double lost_share() const {
    std::size_t lost = 0, won = 0;
    for (const auto& one : all) lost += one.lost, won += one.won;
    return static_cast<double>(lost) / static_cast<double>(won);
  }
  /// The longest that a job of this priority has waited for its first claim.
  Millis longest_wait(Priority priority) const {
    Micros longest{0};
    for (const auto& job : jobs)
      if (job.posted.posting.priority == priority) {
        REQUIRE(job.claimed);
        longest = std::max(longest, *job.claimed - job.at);
      }
    return std::chrono::duration_cast<Millis>(longest);
  }
  /// The share of jobs that were claimed later than one of a lower priority that was there for so long.
  double overtaken(Millis slack) const {
    std::size_t count = 0;
    std::map<Priority, Micros> first;
    for (const auto& job : jobs) {
      auto& at = first.try_emplace(job.posted.posting.priority, *job.claimed).first->second;
      at = std::min(at, *job.claimed);
    }
    for (const auto& job : jobs)
      for (const auto& [priority, at] : first)
        if (priority<job.posted.posting.priority&& * job.claimed> std::max(at, job.at) + slack) {
          ++count;
          break;
        }
    return static_cast<double>(count) / static_cast<double>(jobs.size());
  }
  std::size_t on_board() const { return jobs.size() - ended_; }

  Bounds bounds;
  std::vector<Conductor> all;
  std::vector<Job> jobs;
  Micros now{1'000'000};

 private:
  void tell_members() {
    std::vector<ports::Member> members;
    for (const auto& one : all)
      if (one.lives) members.push_back(one.member);
    for (auto& one : all) one.candidates->conductors(members, now);
  }

  void tick() {
    auto due = std::move(events_[now]);
    events_.erase(now);
    for (const auto& event : due) event();
    for (std::size_t i = 0; i < all.size(); ++i)
      if (all[i].lives) look(i), pump(i);
  }
  void after(Millis pause, std::function<void()> event) { events_[now + pause].push_back(std::move(event)); }

  void look(std::size_t which) {
    auto& one = all[which];
    // One after the other, so that they do not see the same at the same time.
    if (now < one.looked + late_ + Millis{static_cast<Millis::rep>(which * 7)}) return;
    one.looked = now;
    std::set<std::size_t> changed(news_.begin() + static_cast<std::ptrdiff_t>(one.news), news_.end());
    one.news = news_.size();
    for (const std::size_t i : changed) {
      auto& job = jobs[i];
      job.posted.claimed = job.by.has_value();
      job.ended ? one.candidates->gone(job.posted.path) : one.candidates->seen(job.posted, now);
    }
    one.candidates->listed();
  }

  void pump(std::size_t which) {
    auto& one = all[which];
    while (one.held + one.in_flight < one.flows_max && one.in_flight < bounds.claims_in_flight_max) {
      const auto job = one.candidates->next(now, one.held == 0);
      if (!job) return;
      ++one.in_flight;
      after(kClaimTakes, [this, which, i = static_cast<std::size_t>(job->czxid - 1)] { claim(which, i); });
    }
  }

  void claim(std::size_t which, std::size_t i) {
    auto& one = all[which];
    auto& job = jobs[i];
    --one.in_flight;
    if (!one.lives) return;
    if (job.ended) return ++one.lost, one.candidates->missed(job.posted.path, now);
    if (job.by) return ++one.lost, one.candidates->taken(job.posted.path, now);
    job.by = which;
    if (!job.claimed) job.claimed = now;
    ++one.won, ++one.held;
    news_.push_back(i);
    one.candidates->held(job.posted.path, now);
    const auto chance =
        static_cast<Millis::rep>(entropy_.below(static_cast<std::uint64_t>(one.flow.count())));
    after(one.flow + Millis{chance}, [this, which, i] { end(which, i); });
  }

  void end(std::size_t which, std::size_t i) {
    auto& one = all[which];
    if (!one.lives) return;
    jobs[i].ended = true;
    ++ended_, --one.held;
    news_.push_back(i);
    one.candidates->taken(jobs[i].posted.path, now);
  }

  const Millis late_;
  memory::SeededEntropy entropy_{7};
  std::map<Micros, std::vector<std::function<void()>>> events_;
  std::vector<std::size_t> news_;  // jobs that changed, in that order
  std::size_t ended_ = 0;
};

const std::vector<Priority> kThree{Priority::Low, Priority::Normal, Priority::High};

}  // namespace

TEST_CASE("two conductors at a full board seldom try the same job, and no priority waits for a lower one",
          "[claims]") {
  Races races({{200, Millis{1'000}}, {200, Millis{1'000}}});
  races.post(20'000, kThree);
  races.run();
  CHECK(races.on_board() == 0);
  INFO("lost " << races.lost_share());
  CHECK(races.lost_share() < kLostMax);
  CHECK(races.overtaken(Millis{2'000}) < 0.01);
  for (const auto& one : races.all) CHECK(one.won > 9'000);
}

TEST_CASE("a conductor with little room is helped, and the two seldom try the same job", "[claims]") {
  Races races({{400, Millis{1'000}}, {40, Millis{1'000}}});
  races.post(10'000, kThree);
  races.run();
  CHECK(races.on_board() == 0);
  INFO("lost " << races.lost_share());
  CHECK(races.lost_share() < kLostMax);
  CHECK(races.overtaken(Millis{2'000}) < 0.01);
  CHECK(races.all[0].won > 8'000);
}

TEST_CASE("three conductors, one slow, and jobs that go on coming: few lost claims, none waits much longer",
          "[claims]") {
  Races races({{100, Millis{1'000}}, {100, Millis{1'000}}, {100, Millis{3'000}}}, Millis{500});
  for (int second = 0; second < 120; ++second) {
    races.post(200, {Priority::Normal});
    races.run(Millis{1'000});
  }
  races.run();
  INFO("lost " << races.lost_share());
  CHECK(races.lost_share() < kLostMax);
  CHECK(races.longest_wait(Priority::Normal) < Millis{100'000});
}

TEST_CASE("what a conductor that died held and what was its own the other one takes at once", "[claims]") {
  Races races({{50, Millis{500}}, {50, Millis{500}}});
  races.post(40);
  races.run(Millis{300});
  races.die(1);
  const Micros died = races.now;
  races.run(Millis{60'000});
  CHECK(races.on_board() == 0);
  CHECK(races.now - died < Millis{1'500});  // one look, and one flow
}
