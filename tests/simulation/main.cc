#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>

#include "tests/simulation/simulation.h"

/// simulate [--seeds N] [--first-seed K] [--seed K]: runs so many seeds; --seed prints that one's trace.
int main(int argc, char** argv) {
  using namespace baton::simulation;
  std::uint64_t seeds = 100, first = 1;
  bool one = false;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    const auto number = std::strtoull(argv[i + 1], nullptr, 10);
    if (option == "--seeds") seeds = number;
    if (option == "--first-seed") first = number;
    if (option == "--seed") first = number, seeds = 1, one = true;
  }
  if (!std::freopen("/dev/null", "w", stderr)) return 2;
  std::uint64_t failed = 0;
  Coverage coverage;
  for (std::uint64_t seed = first; seed < first + seeds; ++seed) {
    const Outcome outcome = simulate(seed, one);
    std::cout << outcome.trace;
    coverage.add(outcome.coverage);
    if (outcome.violations.empty()) continue;
    ++failed;
    std::cout << "seed " << seed << " after " << outcome.virtual_time.count() / 1'000'000 << " s\n";
    for (const auto& violation : outcome.violations) std::cout << "  " << to_string(violation) << "\n";
  }
  std::cout << coverage.table() << seeds << " seeds, " << failed << " failed\n";
  return failed > 0 ? 1 : 0;
}
