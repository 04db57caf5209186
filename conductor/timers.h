#pragma once

#include <cstdint>
#include <functional>
#include <map>

#include "common/ports/clock.h"
#include "common/ports/message_bus.h"
#include "conductor/alive.h"

namespace baton::conductor {

/// Timers that judge others ("this worker is silent"). One that comes much too late means that this process
/// was stopped: the words it waited for may lie unread in the inbox, so the inbox is read up to its end first
/// (PROTOCOL.md H26). Owner's thread only.
class Timers {
 public:
  using Id = std::uint64_t;

  Timers(ports::Clock& clock, ports::MessageBus& bus, Millis stall)
      : clock_(clock), bus_(bus), stall_(stall) {}

  Id after(Millis delay, std::function<void()> then);
  void cancel(Id);  // unknown and fired ones are ignored
  Micros now() const { return clock_.steady(); }

 private:
  struct Timer {
    ports::TimerId clock_timer = 0;
    Micros due{0};
    std::function<void()> then;
  };
  void fired(Id);
  void run(Id);

  ports::Clock& clock_;
  ports::MessageBus& bus_;
  const Millis stall_;
  std::map<Id, Timer> timers_;
  Id last_ = 0;
  Alive alive_;
};

}  // namespace baton::conductor
