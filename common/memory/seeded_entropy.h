#pragma once

#include <array>

#include "common/ports/entropy.h"

namespace baton::memory {

/// Repeatable randomness: xoshiro256** filled from the seed by splitmix64 (Blackman and Vigna). One seed, one
/// run. Not for secrets.
class SeededEntropy final : public ports::Entropy {
 public:
  explicit SeededEntropy(std::uint64_t seed);
  std::uint64_t next() override;

 private:
  std::array<std::uint64_t, 4> state_;
};

}  // namespace baton::memory
