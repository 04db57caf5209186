#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "common/ports/clock.h"
#include "common/ports/message_bus.h"
#include "conductor/alive.h"

namespace baton::conductor {

/// Timers that judge others ("this worker is silent"). When this process was stopped, the words that they
/// waited for may lie unread in the inbox: then it is read once, up to its end at waking, before any of them
/// fires (PROTOCOL.md H26), unless that takes longer than `reading_max`. A stop shows in a timer that comes
/// much too late, and in the look that is taken every half a stall while there are timers: a timer that was
/// due at the end of the stop is not late itself. Owner's thread only.
class Timers {
 public:
  using Id = std::uint64_t;

  Timers(ports::Clock& clock, ports::MessageBus& bus, Millis stall, Millis reading_max)
      : clock_(clock), bus_(bus), stall_(stall), reading_max_(reading_max) {}

  Id after(Millis delay, std::function<void()> then);
  void cancel(Id);  // unknown and fired ones are ignored
  /// Before the bus is closed: nothing fires any more.
  void close();
  Micros now() const { return clock_.steady(); }

 private:
  struct Timer {
    ports::TimerId clock_timer = 0;
    Micros due{0};
    std::function<void()> then;
  };
  void fired(Id);
  void run(Id);
  void look_later();
  void looked();
  void check(Micros due);
  void read_inbox();
  void inbox_read();
  void believe_timers();

  ports::Clock& clock_;
  ports::MessageBus& bus_;
  const Millis stall_, reading_max_;
  std::map<Id, Timer> timers_;
  Id last_ = 0;
  ports::TimerId look_ = 0;
  Micros look_due_{0};
  bool reading_ = false;        // the inbox, since we were stopped …
  Micros reading_since_{0};     // … and have been awake
  bool read_again_ = false;     // … and were stopped again meanwhile
  std::uint64_t readings_ = 0;  // the number of the present one: an earlier one's end says nothing
  Millis read_for_{0};          // in looks of ours, repeated readings included
  std::vector<Id> held_back_;   // until it is read, in the order of firing
  Alive alive_;
};

}  // namespace baton::conductor
