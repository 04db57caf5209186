#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "common/ports/clock.h"
#include "common/runtime/rate_limit.h"

namespace baton::runtime {

/// What bytes from outside were that could not be taken.
enum class UnreadableKind : std::uint8_t {
  Message,      // no envelope, or not what its kind says
  Version,      // a message of a version or kind that is not known here
  Misplaced,    // a message of ours that nobody says to this kind of process
  Unsupported,  // the other side's word that it could not read a message of ours
  Posting,      // a node of the board that is no job
  Advert        // a node of the directory that says nothing of its process
};
inline constexpr std::size_t kUnreadableKinds = 6;
std::string_view to_string(UnreadableKind);  // "message", as the metric's label has it

struct UnreadableCounts {
  std::array<std::uint64_t, kUnreadableKinds> by_kind{};
  std::uint64_t of(UnreadableKind kind) const { return by_kind[static_cast<std::size_t>(kind)]; }
  bool operator==(const UnreadableCounts&) const = default;
};

/// The one place where bytes from outside that cannot be taken are counted, by kind, and told: each kind at
/// most once a minute, with how many there were. Whoever reads them skips them, or answers `unsupported`.
/// Owner's thread only. The clock must outlive it.
class Unreadables {
 public:
  explicit Unreadables(const ports::Clock& clock) : clock_(clock) {}

  /// `from`: where they came from, a path or a process; may be empty.
  void saw(UnreadableKind, std::string_view why, std::string_view from);
  const UnreadableCounts& counts() const { return counts_; }

 private:
  const ports::Clock& clock_;
  UnreadableCounts counts_;
  std::array<RateLimit, kUnreadableKinds> told_;
};

}  // namespace baton::runtime
