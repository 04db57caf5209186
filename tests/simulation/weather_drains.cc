#include "tests/simulation/weather.h"

/// Processes that are told to stop, in order; and replies of commits that get lost.
namespace baton::simulation {

void Weather::plan_drains() {
  if (world_.lot.drains) next_drain(drains_.millis(200, 2'000));
}

void Weather::next_drain(Millis gap) {
  world_.loop.after(drains_.millis(1, static_cast<std::uint64_t>(2 * gap.count())), [this, gap] {
    if (over_) return;
    drains_.one_in(3) ? lose_reply() : drain();
    next_drain(gap);
  });
}

void Weather::drain() {
  Cluster::Seat& seat = *drains_.of(cluster_.seats());
  if (!seat.node || !seat.node->alive() || seat.told_to_end == seat.who.life) return;
  met(seat.conducts ? "conductor drains" : "worker drains", *seat.node);
  cluster_.drain(seat, drains_.millis(300, 12'000));
}

/// Of the next commit; what it says was done, or was not.
void Weather::lose_reply() {
  Cluster::Seat& seat = *drains_.of(cluster_.seats());
  ConductorNode* conductor = cluster_.conductor_at(seat);
  if (!conductor) return;
  const bool done = drains_.one_in(2);
  met(done ? "reply to a commit is lost" : "commit is lost", *conductor);
  conductor->lose_next_reply(done);
}

}  // namespace baton::simulation
