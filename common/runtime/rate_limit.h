#pragma once

#include <cstdint>
#include <optional>

#include "common/runtime/log.h"

namespace baton::runtime {

/// Lets a message that repeats (a server is away, a bound was hit) through once a period, and then says how
/// many were held back. One per kind of message; owner's thread only.
class RateLimit {
 public:
  explicit RateLimit(Millis period = Millis{60'000}) : period_(period) {}

  /// True at most once a period; `now` is Clock::steady().
  bool pass(Micros now);
  /// Messages refused by pass() before it let the last one through.
  std::uint64_t held_back() const { return reported_; }

  /// pass(), then a record with the field held_back where there is something to tell.
  void write(const Log&, LogLevel, Micros now, std::string_view message, LogFields fields = {});

 private:
  Micros period_;
  std::optional<Micros> last_;
  std::uint64_t refused_ = 0;
  std::uint64_t reported_ = 0;
};

}  // namespace baton::runtime
