#pragma once

#include <string>
#include <vector>

#include "tests/simulation/coverage.h"
#include "tests/simulation/verdict.h"
#include "tests/simulation/weather.h"

namespace baton::simulation {

struct Outcome {
  std::vector<Violation> violations;
  Coverage coverage;
  Micros virtual_time{0};
};

/// The whole cluster from one seed: jobs and faults for a while, then no faults until all is quiet, then the
/// checkers.
Outcome simulate(std::uint64_t seed, const Lot&, Faults, bool traced);

}  // namespace baton::simulation
