#pragma once

#include <cstdint>
#include <functional>

#include "common/ports/clock.h"

namespace baton::runtime {

/// SpareMemory gives what work has left behind in the allocator back to the system once a program is quiet: a
/// burst of jobs must not be paid for until the next restart. While the program works nothing is given back,
/// since it would be asked for again.
/// Life: as long as the program serves. Owner's thread only.
class SpareMemory {
 public:
  static constexpr Millis kLookEvery{5'000};

  /// `work_done` counts anything that grows with work. `give_back`: the allocator's own way, in tests
  /// another.
  SpareMemory(ports::Clock&, std::function<std::uint64_t()> work_done,
              std::function<void()> give_back = trim);
  ~SpareMemory() { clock_.cancel(timer_); }
  SpareMemory(const SpareMemory&) = delete;

  static void trim();

 private:
  void look_later();
  void look();

  ports::Clock& clock_;
  const std::function<std::uint64_t()> work_done_;
  const std::function<void()> give_back_;
  std::uint64_t seen_ = 0;
  bool spare_ = false;  // something was done since it was given back
  ports::TimerId timer_ = 0;
};

}  // namespace baton::runtime
