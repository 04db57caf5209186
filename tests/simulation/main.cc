#include <sys/time.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <iostream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/runtime/log.h"
#include "tests/simulation/simulation.h"

namespace baton::simulation {
namespace {

constexpr const char* kUsage =
    "usage: simulate [--seeds N] [--first-seed K] [--calm]   N seeds from K on; calm: without faults\n"
    "       simulate --seed K [--calm]                       one, with its trace\n"
    "  --with NAME      every seed has that, too: %s\n"
    "  --random         the seeds begin somewhere, by the time; the first one is told\n"
    "  --until-broken   ends with the first seed that breaks a promise\n"
    "  --cpu-ms-max M   fails if a seed takes more CPU time than that on average\n";

constexpr int kSeedCpuSecondsMax = 120;  // far more than any seed takes: it goes round without end

struct Wanted {
  std::uint64_t first = 1, seeds = 100;
  std::optional<std::uint64_t> cpu_ms_max;
  bool traced = false, until_broken = false;
  std::vector<std::string> with;
  Faults faults = Faults::Any;
};

std::optional<std::uint64_t> number(const char* text) {
  char* end = nullptr;
  const auto read = text ? std::strtoull(text, &end, 10) : 0;
  return read > 0 && *end == '\0' ? std::optional(read) : std::nullopt;
}

/// Of a time; small enough for `running`.
std::uint64_t any_seed() {
  return 1'000'000 + static_cast<std::uint64_t>(std::time(nullptr)) % 10'000'000 * 100;
}

std::optional<Wanted> read(char** arguments) {
  Wanted wanted;
  while (*arguments) {
    const std::string_view option = *arguments++;
    if (option == "--calm") {
      wanted.faults = Faults::None;
      continue;
    }
    if (option == "--until-broken") {
      wanted.until_broken = true;
      continue;
    }
    if (option == "--random") {
      wanted.first = any_seed();
      std::cout << "random seeds: --first-seed " << wanted.first << std::endl;
      continue;
    }
    if (option == "--with") {
      Lot known;
      if (!*arguments || !add(known, *arguments)) return std::nullopt;
      wanted.with.emplace_back(*arguments++);
      continue;
    }
    const auto given = number(*arguments);
    if (!given) return std::nullopt;
    ++arguments;
    if (option == "--seeds")
      wanted.seeds = *given;
    else if (option == "--first-seed")
      wanted.first = *given;
    else if (option == "--cpu-ms-max")
      wanted.cpu_ms_max = *given;
    else if (option == "--seed")
      wanted.first = *given, wanted.seeds = 1, wanted.traced = true;
    else
      return std::nullopt;
  }
  return wanted;
}

// For the assertions of what is simulated: they end the program. So does a seed without end.
volatile std::sig_atomic_t running = 0;
void tell_seed(int) {
  std::fprintf(stderr, "simulate: in seed %ld\n", static_cast<long>(running));
}
void give_up(int) {
  std::fprintf(stderr, "simulate: no end after %d s of CPU\n", kSeedCpuSecondsMax);
  std::abort();
}
void watch_seed() {
  const itimerval limit{{}, {kSeedCpuSecondsMax, 0}};
  setitimer(ITIMER_VIRTUAL, &limit, nullptr);
}

double cpu_ms() {
  return 1'000.0 * static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

bool run(std::uint64_t seed, const Wanted& wanted, Coverage& coverage) {
  running = static_cast<std::sig_atomic_t>(seed);
  watch_seed();
  Lot lot = lot_of(seed);
  for (const auto& name : wanted.with) add(lot, name);
  const Outcome outcome = simulate(seed, lot, wanted.faults, wanted.traced);
  coverage.add(outcome.coverage);
  if (outcome.violations.empty()) return true;
  std::cout << "seed " << seed << " after " << outcome.virtual_time.count() / 1'000'000 << " s\n";
  for (const auto& violation : outcome.violations) std::cout << "  " << to_string(violation) << "\n";
  return false;
}

/// False: over the bound.
bool tell_cost(double ms_a_seed, std::optional<std::uint64_t> most) {
  const bool fast = !most || ms_a_seed <= static_cast<double>(*most);
  std::cout << static_cast<std::uint64_t>(ms_a_seed + 0.5) << " ms of CPU a seed";
  if (most) std::cout << ", the bound is " << *most << (fast ? "" : ": TOO SLOW");
  std::cout << "\n";
  return fast;
}

int run_all(const Wanted& wanted) {
  Coverage coverage;
  std::uint64_t failed = 0;
  const double began = cpu_ms();
  for (std::uint64_t seed = wanted.first; seed < wanted.first + wanted.seeds; ++seed) {
    if (!run(seed, wanted, coverage)) ++failed;
    if (failed > 0 && wanted.until_broken) return 1;
  }
  std::cout << coverage.table() << wanted.seeds << " seeds from " << wanted.first << " on"
            << (wanted.faults == Faults::None ? " without faults, " : ", ") << failed << " failed\n";
  const bool fast =
      wanted.traced || tell_cost((cpu_ms() - began) / static_cast<double>(wanted.seeds), wanted.cpu_ms_max);
  return failed > 0 || !fast ? 1 : 0;
}

}  // namespace
}  // namespace baton::simulation

int main(int, char** argv) {
  using namespace baton;
  const auto wanted = simulation::read(argv + 1);
  if (!wanted) {
    std::fprintf(stderr, simulation::kUsage, simulation::kLotNames);
    return 2;
  }
  std::signal(SIGABRT, simulation::tell_seed);
  std::signal(SIGVTALRM, simulation::give_up);
  runtime::start_logging(runtime::LogLevel::Error,
                         runtime::LogFormat::Text);  // warnings are what faults make
  return simulation::run_all(*wanted);
}
