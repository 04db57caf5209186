#pragma once

#include <cstdint>
#include <vector>

#include "common/memory/seeded_entropy.h"
#include "common/model/time.h"

namespace baton::simulation {

/// What is left to chance, each in a stream of its own: that a fault falls elsewhere does not change what
/// jobs there are. What has come later draws from Later, so that seeds with a name stay what they were.
enum class Chance : std::uint64_t { Jobs = 1, Network, Faults, Servers, Processes, Clients, Later };

/// Chance that follows from a seed and nothing else.
class Dice {
 public:
  Dice(std::uint64_t seed, Chance stream, std::uint64_t number = 0)
      : entropy_(seed * 0x9E3779B97F4A7C15 + static_cast<std::uint64_t>(stream) * 0xD1B54A32D192ED03 +
                 number) {}

  ports::Entropy& entropy() { return entropy_; }
  std::uint64_t below(std::uint64_t end) { return entropy_.below(end); }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  std::uint64_t between(std::uint64_t least, std::uint64_t most) { return least + below(most - least + 1); }
  Millis millis(std::uint64_t least, std::uint64_t most) {
    return Millis{static_cast<std::int64_t>(between(least, most))};
  }
  template <class Items>
  const auto& of(const Items& items) {
    return items[below(items.size())];
  }

 private:
  memory::SeededEntropy entropy_;
};

}  // namespace baton::simulation
