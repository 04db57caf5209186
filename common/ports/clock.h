#pragma once

#include <cstdint>
#include <functional>

#include "common/model/time.h"

namespace baton::ports {

using TimerId = std::uint64_t;

/// Time and timers of one process. Owner's thread only. The simulator's jumps: 30 s cost nothing.
struct Clock {
  virtual ~Clock() = default;
  virtual TimePoint wall() const = 0;  // for people and logs; may jump
  virtual Micros steady()
      const = 0;  // since some start; never goes back, goes on while the machine is suspended
  /// Calls once on the owner's thread when the time has passed. Never inline, also for zero.
  virtual TimerId after(Millis delay, std::function<void()> then) = 0;
  /// Unknown and fired ids are ignored. After it returns the callback will not be called.
  virtual void cancel(TimerId) = 0;
};

}  // namespace baton::ports
