#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>

#include "common/runtime/log.h"
#include "tests/simulation/simulation.h"

namespace baton::simulation {
namespace {

constexpr const char* kUsage =
    "usage: simulate [--seeds N] [--first-seed K] [--calm]   N seeds from K on; calm: without faults\n"
    "       simulate --seed K [--calm]                       one, with its trace\n";

struct Wanted {
  std::uint64_t first = 1, seeds = 100;
  bool traced = false;
  Faults faults = Faults::Any;
};

std::optional<std::uint64_t> number(const char* text) {
  char* end = nullptr;
  const auto read = text ? std::strtoull(text, &end, 10) : 0;
  return read > 0 && *end == '\0' ? std::optional(read) : std::nullopt;
}

std::optional<Wanted> read(char** arguments) {
  Wanted wanted;
  while (*arguments) {
    const std::string_view option = *arguments++;
    if (option == "--calm") {
      wanted.faults = Faults::None;
      continue;
    }
    const auto given = number(*arguments);
    if (!given) return std::nullopt;
    ++arguments;
    if (option == "--seeds")
      wanted.seeds = *given;
    else if (option == "--first-seed")
      wanted.first = *given;
    else if (option == "--seed")
      wanted.first = *given, wanted.seeds = 1, wanted.traced = true;
    else
      return std::nullopt;
  }
  return wanted;
}

// For the assertions of what is simulated: they end the program.
volatile std::sig_atomic_t running = 0;
void tell_seed(int) {
  std::fprintf(stderr, "simulate: in seed %ld\n", static_cast<long>(running));
}

bool run(std::uint64_t seed, const Wanted& wanted, Coverage& coverage) {
  running = static_cast<std::sig_atomic_t>(seed);
  const Outcome outcome = simulate(seed, wanted.faults, wanted.traced);
  coverage.add(outcome.coverage);
  if (outcome.violations.empty()) return true;
  std::cout << "seed " << seed << " after " << outcome.virtual_time.count() / 1'000'000 << " s\n";
  for (const auto& violation : outcome.violations) std::cout << "  " << to_string(violation) << "\n";
  return false;
}

int run_all(const Wanted& wanted) {
  Coverage coverage;
  std::uint64_t failed = 0;
  for (std::uint64_t seed = wanted.first; seed < wanted.first + wanted.seeds; ++seed)
    if (!run(seed, wanted, coverage)) ++failed;
  std::cout << coverage.table() << wanted.seeds << " seeds from " << wanted.first << " on"
            << (wanted.faults == Faults::None ? " without faults, " : ", ") << failed << " failed\n";
  return failed > 0 ? 1 : 0;
}

}  // namespace
}  // namespace baton::simulation

int main(int, char** argv) {
  using namespace baton;
  const auto wanted = simulation::read(argv + 1);
  if (!wanted) {
    std::fputs(simulation::kUsage, stderr);
    return 2;
  }
  std::signal(SIGABRT, simulation::tell_seed);
  runtime::start_logging(runtime::LogLevel::Error,
                         runtime::LogFormat::Text);  // warnings are what faults make
  return simulation::run_all(*wanted);
}
