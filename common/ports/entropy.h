#pragma once

#include <cstdint>

#include "common/model/uuid.h"

namespace baton::ports {

/// The only source of randomness. Owner's thread only.
struct Entropy {
  virtual ~Entropy() = default;
  virtual std::uint64_t next() = 0;
  /// Evenly from [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  /// A random (version 4) uuid.
  Uuid uuid();
};

}  // namespace baton::ports
