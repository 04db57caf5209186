#pragma once

#include <cstdint>
#include <random>

namespace baton::fuzz {

/// Chance that follows from a seed.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed) {}
  std::size_t below(std::size_t end) { return random_() % end; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  template <class Items>
  const auto& of(const Items& items) {
    return items[below(items.size())];
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace baton::fuzz
