#pragma once

#include <functional>

namespace baton::ports {

/// The one thread that owns a process's state. Adapters' own threads (ZooKeeper, librdkafka, task pools) do
/// nothing but post here.
struct Executor {
  virtual ~Executor() = default;
  /// Runs the task later on the owner's thread, in the order of posting. From any thread. Never runs it
  /// inline.
  virtual void post(std::function<void()> task) = 0;
};

}  // namespace baton::ports
