#pragma once

#include <array>
#include <cstddef>

#include "common/ports/entropy.h"

namespace baton::runtime {

/// The kernel's randomness, fetched 4 KiB at a time. Never copied into a forked child: two processes would
/// share what is buffered (daemons spawn, they do not fork).
class OsEntropy final : public ports::Entropy {
 public:
  OsEntropy() = default;
  OsEntropy(const OsEntropy&) = delete;
  OsEntropy& operator=(const OsEntropy&) = delete;
  std::uint64_t next() override;

 private:
  void refill();

  std::array<std::uint64_t, 512> words_{};
  std::size_t used_ = words_.size();
};

}  // namespace baton::runtime
