#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/model/ids.h"
#include "common/ports/clock.h"

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

/// The one place where bytes from outside that cannot be taken are counted, by kind, and told: the first of a
/// kind at once, those of the minute behind it together when it is over, with from where they came. Whoever
/// reads them skips them, or answers `unsupported`. Owner's thread only. The clock must outlive it.
class Unreadables {
 public:
  static constexpr Millis kTogether{60'000};

  explicit Unreadables(ports::Clock& clock) : clock_(clock) {}
  ~Unreadables();
  Unreadables(const Unreadables&) = delete;
  Unreadables& operator=(const Unreadables&) = delete;

  /// `why`: with what to do, where there is something. `from`: a path or a process; may be empty.
  void saw(UnreadableKind, std::string_view why, std::string_view from);
  /// Of a process; nil: nobody knows of which.
  void saw(UnreadableKind, std::string_view why, const Incarnation& from);
  const UnreadableCounts& counts() const { return counts_; }

 private:
  /// What was not told yet of a kind.
  struct HeldBack {
    std::optional<ports::TimerId> timer;  // of the minute that is under way
    std::uint64_t number = 0;
    std::string why;                // of the last one
    std::vector<std::string> from;  // each once, as many as are shown
    bool others = false;            // there were more places
  };

  void begin_minute(UnreadableKind);
  void end_minute(UnreadableKind);
  HeldBack& held_back(UnreadableKind kind) { return held_back_[static_cast<std::size_t>(kind)]; }

  ports::Clock& clock_;
  UnreadableCounts counts_;
  std::array<HeldBack, kUnreadableKinds> held_back_;
};

}  // namespace baton::runtime
