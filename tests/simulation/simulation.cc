#include "tests/simulation/simulation.h"

#include "tests/simulation/people.h"

namespace baton::simulation {
namespace {

constexpr Millis kTurn{100};
constexpr Millis kWild{8'000};         // faults come for so long
constexpr Millis kQuietMost{600'000};  // then everything must end within this
constexpr Millis kEmptyMost{130'000};  // and nothing be kept after this: two of a worker's longest pauses

/// Who still waits, and for what, as conductors and boards show it.
void note_who_waits(Cluster& cluster) {
  World& world = cluster.world();
  auto& waits = world.evidence.waits;
  for (const auto& job : world.jobs) {
    const FlowState state = world.database->state_of(job.uuid, job.runs);
    if (!is_final(state))
      waits.push_back(job.uuid.value + " does not end: it is " + std::string(to_string(state)));
  }
  for (const auto& name : world.ensemble.children(World::kBoard))
    waits.push_back(name + " stays on the board");
  for (const auto& job : world.database->unnoted())
    waits.push_back(job.value + " has left the board, and nobody notes it");
  for (const Node* node : cluster.living())
    if (!node->idle()) waits.push_back(node->name() + " does not come to rest: " + node->shows());
}

}  // namespace

Outcome simulate(std::uint64_t seed, const Lot& lot, Faults faults, bool traced) {
  World world(seed, lot, traced);
  Cluster cluster(world);
  Outcome outcome;
  Weather weather(cluster, outcome.coverage);
  Verdict verdict;
  People people(cluster, outcome.coverage);
  cluster.start();
  people.begin();
  weather.begin(faults);
  const auto run_for = [&](Millis limit, const auto& done) {
    for (Millis passed{0}; passed < limit && !done(); passed += kTurn) {
      world.loop.run_for(kTurn);
      cluster.sample();
    }
    return done();
  };
  run_for(kWild, [] { return false; });
  weather.end();
  world.say("faults are over");
  if (!run_for(kQuietMost, [&] { return cluster.quiet(); })) note_who_waits(cluster);
  run_for(kEmptyMost, [&] { return cluster.is_empty(); });
  for (const auto& checker : kCheckers) verdict.ask(checker, world);
  outcome.violations = verdict.violations();
  outcome.virtual_time = world.loop.steady();
  return outcome;
}

}  // namespace baton::simulation
