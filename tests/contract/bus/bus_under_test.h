#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/ports/executor.h"
#include "common/ports/message_bus.h"

namespace baton::test {

/// The few things that differ between the bus in memory and the real one: how time passes, how a bus is made,
/// and what can happen to the broker.
struct BusWorld {
  static constexpr std::size_t kQueuedMessagesMax = 1000;
  static constexpr Millis kDeadline{20'000};

  virtual ~BusWorld() = default;
  virtual std::unique_ptr<ports::MessageBus> make_bus(
      std::size_t queued_messages_max = kQueuedMessagesMax) = 0;
  /// Removes the topics with all that is in them, and makes them again.
  virtual void recreate_topics() = 0;
  /// Only where the broker is the test's own. The end is without mercy.
  virtual void end_broker() = 0;
  virtual void start_broker() = 0;
  /// Runs the owner's thread until it holds; false: it does not within the deadline.
  virtual bool until_or(const std::function<bool()>& holds, Millis deadline) = 0;
  bool until(const std::function<bool()>& holds) { return until_or(holds, kDeadline); }
};

struct InMemory {
  static std::unique_ptr<BusWorld> make();
};
struct OnKafka {
  static std::unique_ptr<BusWorld> make();  // topics of its own, removed at its end
};
struct OnOwnKafka {
  static std::unique_ptr<BusWorld> make();  // a broker of its own, removed at its end
};

}  // namespace baton::test
