#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "common/ports/directory.h"
#include "common/ports/job_board.h"

namespace baton::conductor {

/// Whose a job on the board is, and where it stands in this conductor's line. Every conductor sees the same
/// board, some tenths of a second late: two that went by the same order would lose every other race. So
/// - a job belongs by rendezvous hash to one of the live conductors; if that one dies, to another at once;
/// - each has a line of its own: by priority, then by age; but a job of another's stands as if it had been
///   posted `lag` later, and up to as much again by a hash that is ours alone.
/// Whoever has jobs of its own takes those, oldest first; whoever has none, or is ahead of another by the
/// lag, helps him, and seldom with the job that he is about to take. Nothing starves: what its owner cannot
/// take is overtaken by at most what was posted in the two lags behind it. No priority waits for a lower one.
/// Pure: asks nobody, not even the time.
class ClaimOrder {
 public:
  /// Lower is sooner.
  struct Place {
    int priority = 0;  // negated
    std::int64_t stands_at_ms = 0;
    std::int64_t czxid = 0;
    auto operator<=>(const Place&) const = default;
  };

  explicit ClaimOrder(Millis lag) : lag_(lag) {}

  void self(const Incarnation& self) { self_ = self; }
  /// Who lives. Nobody: not known yet, then every job is another's.
  void conductors(const std::vector<ports::Member>&);
  const std::vector<Incarnation>& conductors() const { return conductors_; }

  bool mine(const JobId&) const;
  /// Of a job that is mine(), or another's: who asks has looked.
  Place place(const ports::BoardJob&, bool mine) const;

 private:
  const Millis lag_;
  Incarnation self_;
  std::vector<Incarnation> conductors_;
};

}  // namespace baton::conductor
