#include "tests/conductor/candidates_story.h"

using namespace baton;
using namespace baton::conductor;

TEST_CASE_METHOD(CandidatesStory, "alone, every job is ours: high priority first, then the oldest") {
  candidates.conductors({members[0]}, Micros{0});
  for (const auto& posted : {job("low", Priority::Low), job("old"), job("new"), job("high", Priority::High)})
    candidates.seen(posted, Micros{0});
  for (const char* expected : {"high", "old", "new", "low", ""}) CHECK(next(Millis{0}) == expected);
}

TEST_CASE_METHOD(CandidatesStory, "each job belongs to exactly one conductor, in even shares") {
  std::map<std::string, int> owners;
  for (const auto& self : members) {
    Candidates one(bounds);
    one.self(self.incarnation);
    one.conductors(members, Micros{0});
    for (int i = 0; i < 3000; ++i) one.seen(job("job-" + std::to_string(i)), Micros{0});
    int mine = 0;
    while (const auto found = one.next(Micros{0}, false)) ++owners[found->posting.uuid.value], ++mine;
    CHECK(mine > 850);
    CHECK(mine < 1150);
  }
  CHECK(owners.size() == 3000);
  for (const auto& [uuid, times] : owners) CHECK(times == 1);
}

TEST_CASE_METHOD(CandidatesStory, "others' jobs are tried after a delay, a shorter one when idle") {
  candidates.conductors({members[1]}, Micros{0});
  candidates.seen(job("a"), Micros{0});
  CHECK(next(Millis{0}, true).empty());
  CHECK(*candidates.due(false) == bounds.foreign_delay);
  CHECK(*candidates.due(true) == bounds.foreign_delay_idle);
  CHECK(next(bounds.foreign_delay_idle, false).empty());
  CHECK(next(bounds.foreign_delay_idle, true) == "a");
}

TEST_CASE_METHOD(CandidatesStory, "a dead conductor's jobs become ours with the next picture of who lives") {
  candidates.conductors({members[0], members[1], members[2]}, Micros{0});
  for (int i = 0; i < 300; ++i) candidates.seen(job("job-" + std::to_string(i)), Micros{0});
  int ours = 0;
  while (!next(Millis{0}).empty()) ++ours;
  CHECK(ours < 150);
  candidates.conductors({members[0]}, Micros{0});
  while (!next(Millis{0}).empty()) ++ours;
  CHECK(ours == 300);
}

TEST_CASE_METHOD(CandidatesStory, "a job freed while we lost the race for it is tried again") {
  candidates.conductors({members[0]}, Micros{0});
  candidates.seen(job("a"), Micros{0});
  CHECK(next(Millis{0}) == "a");
  candidates.seen(job("a"), Micros{0});  // free again, before our answer comes
  candidates.taken("/jobs/a", Micros{0});
  CHECK(next(Millis{0}).empty());
  CHECK(next(bounds.claim_retry_pause) == "a");
}

TEST_CASE_METHOD(CandidatesStory,
                 "a job that another claimed waits for its freeing, and costs nothing meanwhile") {
  candidates.conductors({members[0]}, Micros{0});
  candidates.seen(job("a"), Micros{0});
  candidates.seen(job("a", Priority::Normal, true), Micros{0});
  CHECK(next(Millis{60'000}).empty());
  CHECK(!candidates.due(false));
  candidates.seen(job("a"), Micros{0});
  CHECK(next(Millis{0}) == "a");
}

TEST_CASE_METHOD(CandidatesStory, "a job whose node goes while we hold it is forgotten once we let it go") {
  candidates.conductors({members[0]}, Micros{0});
  const auto let_go = GENERATE(0, 1, 2, 3);
  candidates.seen(job("a"), Micros{0});
  CHECK(next(Millis{0}) == "a");
  if (GENERATE(true, false)) CHECK(candidates.held("/jobs/a", Micros{0}));
  candidates.gone("/jobs/a");
  CHECK(candidates.known() == 1);
  if (let_go == 0) candidates.taken("/jobs/a", Micros{0});
  if (let_go == 1) candidates.retry("/jobs/a", Micros{0});
  if (let_go == 2) candidates.leave_alone("/jobs/a", "no module", Micros{0}, 0.0);
  if (let_go == 3) candidates.missed("/jobs/a", Micros{0});
  CHECK(candidates.known() == 0);
  CHECK(!candidates.due(true));
}

TEST_CASE_METHOD(CandidatesStory,
                 "another node at the path of one that went while we held it is tried anew") {
  candidates.conductors({members[0]}, Micros{0});
  candidates.seen(job("a"), Micros{0});
  CHECK(next(Millis{0}) == "a");
  const bool held = GENERATE(true, false);
  if (held) CHECK(candidates.held("/jobs/a", Micros{0}));
  candidates.gone("/jobs/a");
  auto other = job("b");
  other.path = "/jobs/a";
  candidates.seen(other, Micros{0});
  candidates.missed("/jobs/a", Micros{0});
  CHECK(next(Millis{0}) == "b");
}

TEST_CASE_METHOD(CandidatesStory, "a claim of a node that has gone meanwhile is told so") {
  candidates.conductors({members[0]}, Micros{0});
  candidates.seen(job("a"), Micros{0});
  CHECK(next(Millis{0}) == "a");
  candidates.gone("/jobs/a");
  if (GENERATE(true, false)) {
    auto other = job("b");
    other.path = "/jobs/a";
    candidates.seen(other, Micros{0});
  }
  CHECK_FALSE(candidates.held("/jobs/a", Micros{0}));
}

namespace {

/// Ours and another's, both ready, the other's first in line since it is older; and one more of the other's.
struct Helper : CandidatesStory {
  explicit Helper(Priority of_ours = Priority::High) {
    candidates.conductors(members, Millis{0});
    for (int i = 0; others.size() < 2 || ours.empty(); ++i) {
      ClaimOrder order(bounds.foreign_lag);
      order.self(members[0].incarnation);
      order.conductors(members);
      const auto one = job("job-" + std::to_string(i), Priority::High);
      auto later = job("job-" + std::to_string(i), of_ours);
      later.posted_at = one.posted_at + 3 * bounds.foreign_lag;
      if (!order.mine(one.posting.uuid) && others.size() < 2) others.push_back(one);
      if (order.mine(one.posting.uuid) && ours.empty()) ours.push_back(later);
    }
    for (const auto& one : others) candidates.seen(one, Millis{0});
    candidates.seen(ours[0], Millis{0});
    lost = candidates.next(bounds.foreign_delay, false).value();
    REQUIRE(lost.posting.uuid.value != ours[0].posting.uuid.value);
    candidates.taken(lost.path, bounds.foreign_delay);
  }
  bool helps() { return next(bounds.foreign_delay + Millis{1}) != ours[0].posting.uuid.value; }

  std::vector<ports::BoardJob> others, ours;
  ports::BoardJob lost;
};

}  // namespace

TEST_CASE_METHOD(Helper, "who lost a race for another's job goes on with its own") {
  CHECK_FALSE(helps());
  CHECK(next(Millis{60'000}, true).empty());
}

namespace {
struct HelperWithLow : Helper {
  HelperWithLow() : Helper(Priority::Low) {}
};
}  // namespace

TEST_CASE_METHOD(HelperWithLow, "… unless that is of a lower priority") {
  CHECK(helps());
}

TEST_CASE_METHOD(Helper, "… until the board has told it of the claim that it lost to") {
  lost.claimed = true;
  candidates.seen(lost, bounds.foreign_delay);
  CHECK(helps());
}

TEST_CASE_METHOD(Helper, "… or that the job is gone") {
  candidates.gone(lost.path);
  CHECK(helps());
}

TEST_CASE_METHOD(Helper, "… or has been listed anew") {
  candidates.listed();
  CHECK(helps());
}

TEST_CASE_METHOD(CandidatesStory,
                 "a race that is lost after the board has told of the other's claim stops nobody") {
  candidates.conductors({members[1]}, Millis{0});
  for (const std::string uuid : {"one", "two"}) candidates.seen(job(uuid), Millis{0});
  auto asked = candidates.next(bounds.foreign_delay, false).value();
  asked.claimed = true;
  candidates.seen(asked, bounds.foreign_delay);
  candidates.taken(asked.path, bounds.foreign_delay);
  CHECK_FALSE(next(bounds.foreign_delay).empty());
}
