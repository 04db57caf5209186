#include "conductor/claim_order.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "common/memory/seeded_entropy.h"

using namespace baton;
using namespace baton::conductor;

namespace {

constexpr Millis kLag{30'000};

ClaimOrder::Place place(const ClaimOrder& line, const ports::BoardJob& job) {
  return line.place(job, line.mine(job.posting.uuid));
}

struct Line {
  Line() {
    for (int i = 0; i < 3; ++i) {
      ports::Member member;
      member.incarnation = Incarnation(entropy.uuid());
      members.push_back(member);
    }
    order.self(members[0].incarnation);
    order.conductors(members);
  }
  ports::BoardJob job(Millis posted, Priority priority = Priority::Normal) {
    ports::BoardJob made;
    made.posting.uuid = JobId(entropy.uuid().to_string());
    made.posting.priority = priority;
    made.czxid = ++zxid;
    made.posted_at = TimePoint(posted);
    return made;
  }
  ports::BoardJob ours(Millis posted, Priority priority = Priority::Normal) {
    for (;;)
      if (auto made = job(posted, priority); order.mine(made.posting.uuid)) return made;
  }
  ports::BoardJob anothers(Millis posted, Priority priority = Priority::Normal) {
    for (;;)
      if (auto made = job(posted, priority); !order.mine(made.posting.uuid)) return made;
  }
  bool before(const ports::BoardJob& one, const ports::BoardJob& other) const {
    return place(order, one) < place(order, other);
  }

  memory::SeededEntropy entropy{3};
  ClaimOrder order{kLag};
  std::vector<ports::Member> members;
  std::int64_t zxid = 0;
};

}  // namespace

TEST_CASE_METHOD(Line, "ours stand by priority, then by age", "[claims]") {
  CHECK(before(ours(Millis{1}), ours(Millis{2})));
  const auto one = ours(Millis{1});
  CHECK(before(one, ours(Millis{1})));  // the one that the board has had first
  CHECK(before(ours(Millis{2}, Priority::High), ours(Millis{1})));
  CHECK(before(ours(Millis{99'000'000}, Priority::VeryHigh), ours(Millis{1}, Priority::High)));
}

TEST_CASE_METHOD(Line, "another's stands behind ours of the same time, before what is posted two lags later",
                 "[claims]") {
  for (int i = 0; i < 1'000; ++i) {
    const auto one = anothers(Millis{0});
    REQUIRE(before(ours(kLag - Millis{1}), one));
    REQUIRE(before(one, ours(2 * kLag)));
    REQUIRE(before(one, ours(Millis{0}, Priority::Low)));
  }
}

TEST_CASE_METHOD(Line, "two who help take another's in orders of their own", "[claims]") {
  std::vector<ports::BoardJob> jobs;
  while (jobs.size() < 100)
    if (auto made = anothers(Millis{0}); [&] {
          ClaimOrder second(kLag);
          second.self(members[1].incarnation);
          second.conductors(members);
          return !second.mine(made.posting.uuid);
        }())
      jobs.push_back(made);  // of the third
  const auto order_of = [&](const ports::Member& member) {
    ClaimOrder line(kLag);
    line.self(member.incarnation);
    line.conductors(members);
    auto sorted = jobs;
    std::sort(sorted.begin(), sorted.end(),
              [&](const auto& a, const auto& b) { return place(line, a) < place(line, b); });
    std::vector<std::int64_t> numbers;
    for (const auto& job : sorted) numbers.push_back(job.czxid);
    return numbers;
  };
  const auto first = order_of(members[0]), second = order_of(members[1]), owner = order_of(members[2]);
  CHECK(std::is_sorted(owner.begin(), owner.end()));
  CHECK(first != second);
  const auto early = [](const std::vector<std::int64_t>& line) {
    return std::set<std::int64_t>(line.begin(), line.begin() + 20);
  };
  std::vector<std::int64_t> both;
  std::ranges::set_intersection(early(first), early(owner), std::back_inserter(both));
  CHECK(both.size() < 12);
}

TEST_CASE_METHOD(Line, "who lives shares all, and nobody is known to own anything before", "[claims]") {
  ClaimOrder line(kLag);
  line.self(members[0].incarnation);
  const auto one = job(Millis{0});
  CHECK_FALSE(line.mine(one.posting.uuid));
  line.conductors({members[0]});
  CHECK(line.mine(one.posting.uuid));
}
