#include "tests/conductor/candidates_story.h"

using namespace baton;
using namespace baton::conductor;

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
