#pragma once

#include <algorithm>
#include <cstdint>

#include "common/model/time.h"

namespace baton::postgres {

inline constexpr Millis kPortionMax{300};  // a transaction that took longer: the next ones are smaller

/// How much goes into one of many transactions, so that each is over in a fraction of a second whatever the
/// disk and the rows are like: begins small, doubles while they are quick, and halves behind a slow one.
class Portion {
 public:
  explicit Portion(std::int64_t most) : most_(most), now_(std::max<std::int64_t>(1, most / 16)) {}

  std::int64_t now() const { return now_; }
  void took(Millis time) {
    if (time > kPortionMax) now_ = std::max<std::int64_t>(1, now_ / 2);
    if (time < kPortionMax / 3) now_ = std::min(most_, now_ * 2);
  }

 private:
  const std::int64_t most_;
  std::int64_t now_;
};

}  // namespace baton::postgres
