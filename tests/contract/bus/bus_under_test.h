#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "common/ports/executor.h"
#include "common/ports/message_bus.h"

namespace baton::test {

/// The few things that differ between the bus in memory and the real one: how time passes and how a bus is
/// made.
struct BusWorld {
  virtual ~BusWorld() = default;
  virtual std::unique_ptr<ports::MessageBus> make_bus() = 0;
  /// Runs the owner's thread until it holds; false: it does not within the deadline.
  virtual bool until(const std::function<bool()>& holds) = 0;
};

struct InMemory {
  static std::unique_ptr<BusWorld> make();
};
struct OnKafka {
  static std::unique_ptr<BusWorld> make();  // topics of its own, removed at its end
};

}  // namespace baton::test
