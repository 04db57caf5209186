#include <algorithm>

#include "tests/conductor/candidates_story.h"

using namespace baton;
using namespace baton::conductor;

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
