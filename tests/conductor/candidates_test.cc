#include "conductor/candidates.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "common/memory/seeded_entropy.h"

using namespace baton;
using namespace baton::conductor;

namespace {

struct CandidatesStory {
  CandidatesStory() {
    for (int i = 0; i < 3; ++i) {
      ports::Member member;
      member.incarnation = Incarnation(entropy.uuid());
      members.push_back(member);
    }
    candidates.self(members[0].incarnation);
  }
  ports::BoardJob job(const std::string& uuid, Priority priority = Priority::Normal, bool claimed = false) {
    ports::BoardJob job;
    job.path = "/jobs/" + uuid;
    job.posting.uuid = JobId(uuid);
    job.posting.priority = priority;
    job.czxid = ++zxid;
    job.claimed = claimed;
    return job;
  }
  std::string next(Millis at, bool idle = false) {
    const auto found = candidates.next(at, idle);
    return found ? found->posting.uuid.value : "";
  }

  memory::SeededEntropy entropy{3};
  Bounds bounds;
  Candidates candidates{bounds};
  std::vector<ports::Member> members;
  std::int64_t zxid = 0;
};

}  // namespace

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

TEST_CASE_METHOD(CandidatesStory,
                 "what could not be run is left alone for pauses that double up to the bound") {
  candidates.conductors({members[0]}, Micros{0});
  candidates.seen(job("a"), Micros{0});
  Micros now{0};
  std::vector<std::int64_t> pauses;
  for (int i = 0; i < 9; ++i) {
    const auto found = candidates.next(now, false);
    REQUIRE(found);
    candidates.leave_alone(found->path, "no module", now, 0.0);
    CHECK(candidates.left_alone_count() == 1);
    CHECK(candidates.left_alone(now).at(0).tries == static_cast<std::uint32_t>(i + 1));
    pauses.push_back(std::chrono::duration_cast<Millis>(*candidates.due(false) - now).count());
    now = *candidates.due(false);
  }
  CHECK(pauses == std::vector<std::int64_t>{1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000, 60000});
  candidates.gone("/jobs/a");
  CHECK(candidates.left_alone_count() == 0);
  CHECK(!candidates.due(false));
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

TEST_CASE_METHOD(CandidatesStory, "what was too large waits for room, the smallest first, and is shown") {
  candidates.conductors({members[0]}, Micros{0});
  for (const char* name : {"large", "small", "middle"}) candidates.seen(job(name), Micros{0});
  while (const auto found = candidates.next(Micros{0}, false)) {
    const std::string& uuid = found->posting.uuid.value;
    candidates.no_room(found->path, uuid == "large" ? 100 : uuid == "middle" ? 50 : 10, "no room", Micros{0});
  }
  CHECK(candidates.left_alone_count() == 3);
  CHECK(candidates.left_alone(Micros{0}).size() == 3);
  candidates.room(9, Micros{0});
  CHECK(next(Millis{0}).empty());
  candidates.room(70, Micros{0});  // not enough for all three
  CHECK(next(Millis{0}) == "small");
  CHECK(next(Millis{0}) == "middle");
  CHECK(next(Millis{0}).empty());
  CHECK(candidates.atoms("/jobs/middle") == 50);
  candidates.gone("/jobs/large");
  CHECK(candidates.left_alone_count() == 0);
}

TEST_CASE_METHOD(CandidatesStory, "room is kept for the first in line, for a while, then others come to it") {
  candidates.conductors({members[0]}, Micros{0});
  candidates.seen(job("large"), Micros{0});
  REQUIRE(next(Millis{0}) == "large");
  candidates.no_room("/jobs/large", 20, "no room", Micros{0});
  candidates.seen(job("small"), Micros{0});
  const Millis patience = bounds.room_patience;
  candidates.room(15, patience - Micros{1});
  CHECK_FALSE(candidates.room_kept_for());
  candidates.room(15, patience);
  REQUIRE(candidates.room_kept_for());
  CHECK(candidates.room_kept_for()->path == "/jobs/large");
  CHECK(next(patience) == "");
  CHECK(candidates.due(false) == Micros(2 * patience));
  candidates.room(15, 2 * patience - Micros{1});
  CHECK(candidates.room_kept_for());
  candidates.room(15, 2 * patience);
  CHECK_FALSE(candidates.room_kept_for());
  CHECK(next(2 * patience) == "small");
  candidates.seen(job("urgent", Priority::High), Micros{0});
  candidates.room(15, 3 * patience - Micros{1});
  CHECK_FALSE(candidates.room_kept_for());
  candidates.room(15, 3 * patience);
  CHECK(candidates.room_kept_for());
  candidates.room(20, 3 * patience);
  CHECK_FALSE(candidates.room_kept_for());
  CHECK(next(3 * patience) == "large");
  CHECK(next(3 * patience) == "urgent");
}

/// One that always wants 20.
struct LargeJob : CandidatesStory {
  LargeJob() {
    candidates.conductors({members[0]}, Micros{0});
    candidates.seen(job("large"), Micros{0});
    REQUIRE(next(Millis{0}) == "large");
    candidates.no_room("/jobs/large", 20, "no room", Micros{0});
  }
  /// Second by second, until room is kept for it, or no longer.
  Millis until(bool kept, Millis room_grows_every) {
    const Millis before = now;
    while ((candidates.room_kept_for() != nullptr) != kept) {
      now += Millis{1'000};
      if ((now - before) % room_grows_every == Millis{0}) candidates.room(14, now);
      candidates.room(15, now);
    }
    return now - before;
  }
  static constexpr Millis kNever{1'000'000'000};
  Millis now{0};
};

TEST_CASE_METHOD(LargeJob, "where room is kept in vain the rests double up to the bound") {
  std::vector<Millis> kept, rests;
  REQUIRE(until(true, kNever) == bounds.room_patience);
  for (int i = 0; i < 6; ++i) {
    kept.push_back(until(false, kNever));
    rests.push_back(until(true, kNever));
  }
  CHECK(kept == std::vector<Millis>(6, bounds.room_patience));
  const Millis first = bounds.room_patience;
  CHECK(rests == std::vector<Millis>{first, 2 * first, 4 * first, 8 * first, bounds.room_rest_max,
                                     bounds.room_rest_max});
}

TEST_CASE_METHOD(LargeJob, "room is kept on while it grows, up to the bound, and the rest is as long") {
  const Millis grows_every = bounds.room_patience / 2;
  REQUIRE(until(true, grows_every) == bounds.room_patience);
  for (int i = 0; i < 3; ++i) {
    CHECK(until(false, grows_every) == bounds.room_kept_max);
    CHECK(until(true, grows_every) == bounds.room_kept_max);
  }
  candidates.room(20, now);
  CHECK(next(now) == "large");
}

TEST_CASE_METHOD(CandidatesStory,
                 "no room is kept for a job that belongs to another conductor, or that one has") {
  std::map<std::string, bool> kept;
  for (const auto& self : members) {
    Candidates one(bounds);
    one.self(self.incarnation);
    one.conductors(members, Micros{0});
    one.seen(job("large"), Micros{0});
    while (const auto found = one.next(bounds.foreign_delay, false))
      one.no_room(found->path, 20, "no room", Micros{0});
    one.room(15, bounds.room_patience);
    kept[self.incarnation.value.to_string()] = one.room_kept_for() != nullptr;
    one.seen(job("large", Priority::Normal, true), Micros{0});
    CHECK_FALSE(one.room_kept_for());
  }
  CHECK(std::count_if(kept.begin(), kept.end(), [](const auto& one) { return one.second; }) == 1);
}

TEST_CASE_METHOD(CandidatesStory, "what a conductor that ends leaves is taken over though room is kept") {
  candidates.conductors({members[0], members[1]}, Micros{0});
  std::optional<ports::BoardJob> large;  // one of ours
  for (int i = 0; !large; ++i) {
    const auto posted = job("large-" + std::to_string(i));
    candidates.seen(posted, Micros{0});
    large = candidates.next(Micros{0}, false);
    if (!large) candidates.gone(posted.path);
  }
  candidates.no_room(large->path, 20, "no room", Micros{0});
  candidates.seen(job("running", Priority::Normal, true), Micros{0});
  const Micros now = bounds.room_patience;
  candidates.room(15, now);
  REQUIRE(candidates.room_kept_for());
  const bool lock_first = GENERATE(true, false);
  if (lock_first) {
    candidates.seen(job("running"), now);
    CHECK(next(bounds.room_patience) == "");
  }
  candidates.conductors({members[0]}, now);
  if (!lock_first) candidates.seen(job("running"), now);
  candidates.room(15, now);
  CHECK_FALSE(candidates.room_kept_for());
  CHECK(next(bounds.room_patience) == "running");
  candidates.room(15, now + bounds.room_patience - Micros{1});
  CHECK_FALSE(candidates.room_kept_for());
  candidates.room(15, now + bounds.room_patience);
  CHECK(candidates.room_kept_for());
}

TEST_CASE_METHOD(CandidatesStory, "refused claims in a row come with pauses that double, and are shown") {
  candidates.conductors({members[0]}, Micros{0});
  candidates.seen(job("a"), Micros{0});
  Micros now{0};
  std::vector<std::int64_t> pauses, shown;
  const auto refuse = [&](Millis held_for) {
    REQUIRE(candidates.next(now, false));
    if (held_for.count() > 0) candidates.held("/jobs/a", now);
    now += held_for;
    candidates.refused("/jobs/a", "a later claim", now, 0.0);
    shown.push_back(static_cast<std::int64_t>(candidates.left_alone_count()));
    pauses.push_back(std::chrono::duration_cast<Millis>(*candidates.due(false) - now).count());
    now = *candidates.due(false);
  };
  for (int i = 0; i < 9; ++i) refuse(i % 2 ? Millis{100} : Millis{0});
  CHECK(pauses == std::vector<std::int64_t>{500, 1000, 2000, 4000, 8000, 16000, 32000, 60000, 60000});
  CHECK(shown == std::vector<std::int64_t>{0, 0, 1, 1, 1, 1, 1, 1, 1});
  pauses.clear();
  refuse(bounds.left_alone_max);  // held for long: no longer in a row
  CHECK(pauses == std::vector<std::int64_t>{500});
  CHECK(shown.back() == 0);
}

/// Two conductors: what one of them does in vain is no news for the other's pause.
struct TroubledJob : CandidatesStory {
  TroubledJob() {
    candidates.conductors({members[0], members[1]}, Micros{0});
    candidates.seen(job("a"), Micros{0});
    for (int i = 0; i < 6; ++i) {
      now = *candidates.due(false);
      REQUIRE(candidates.next(now, false));
      candidates.held("/jobs/a", now);
      candidates.leave_alone("/jobs/a", "no module", now, 0.0);
    }
    pause_end = *candidates.due(false);
    REQUIRE(pause_end - now == Millis{32'000});
  }
  void other_holds_it_until(Micros then) {
    candidates.seen(job("a", Priority::Normal, true), now);
    CHECK(!candidates.due(false));
    candidates.seen(job("a"), then);
  }
  Micros now{0}, pause_end{0};
};

TEST_CASE_METHOD(TroubledJob, "the pause of a troubled job goes on when another has tried it in vain") {
  other_holds_it_until(now + Millis{10});
  CHECK(*candidates.due(false) == pause_end);
  CHECK(candidates.left_alone(now).at(0).reason == "no module");
  CHECK(candidates.left_alone(now).at(0).tries == 6);
  CHECK(candidates.next(pause_end, false));
}

TEST_CASE_METHOD(TroubledJob, "a troubled job that another let go after our pause is offered as any other") {
  other_holds_it_until(pause_end + Millis{1});
  CHECK(candidates.next(pause_end + Millis{1} + bounds.foreign_delay, false));
}

TEST_CASE_METHOD(TroubledJob, "a troubled job of a conductor that died is taken over at once") {
  const Micros died = now + Millis{10'000};
  const bool lock_first = GENERATE(true, false);
  if (lock_first) other_holds_it_until(died);
  candidates.conductors({members[0]}, died);
  if (!lock_first) other_holds_it_until(died + Millis{500});
  CHECK(candidates.next(died + Millis{500}, false));
}

TEST_CASE_METHOD(TroubledJob, "a conductor that died long ago says nothing about a job that is let go now") {
  candidates.conductors({members[0]}, now);
  other_holds_it_until(now + bounds.conductor_end_seen);
  CHECK(*candidates.due(false) == pause_end);
}

TEST_CASE_METHOD(CandidatesStory, "a race that is lost for a job that is freed at once leaves its tries") {
  candidates.conductors({members[0]}, Micros{0});
  candidates.seen(job("a"), Micros{0});
  REQUIRE(candidates.next(Micros{0}, false));
  candidates.leave_alone("/jobs/a", "no module", Micros{0}, 0.0);
  const Micros now = *candidates.due(false);
  REQUIRE(candidates.next(now, false));
  candidates.seen(job("a", Priority::Normal, true), now);
  candidates.seen(job("a"), now);
  candidates.taken("/jobs/a", now);
  const Micros again = *candidates.due(false);
  REQUIRE(candidates.next(again, false));
  candidates.leave_alone("/jobs/a", "no module", again, 0.0);
  CHECK(*candidates.due(false) - again == 2 * bounds.left_alone_first);
}
