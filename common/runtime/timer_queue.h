#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>

#include "common/ports/clock.h"

namespace baton::runtime {

/// Timers by deadline, without a clock of its own: the caller says what time it is. One thread.
class TimerQueue {
 public:
  ports::TimerId add(Micros deadline, std::function<void()> then);
  void remove(ports::TimerId);
  std::optional<Micros> earliest() const;
  /// Calls what is due, in order of deadline, then of adding. What is added meanwhile waits for the next
  /// call, what is removed meanwhile is not called.
  void fire(Micros now);

 private:
  using Key = std::pair<Micros, ports::TimerId>;

  ports::TimerId last_id_ = 0;
  std::map<Key, std::function<void()>> by_deadline_;
  std::unordered_map<ports::TimerId, Micros> deadlines_;
};

}  // namespace baton::runtime
