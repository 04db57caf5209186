#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "common/kafka/blocking_calls.h"
#include "common/kafka/kafka_settings.h"
#include "common/model/result.h"
#include "common/ports/clock.h"
#include "common/ports/executor.h"
#include "common/ports/message_bus.h"

namespace boost::asio {
class io_context;
}

namespace baton::kafka {

/// Reads one partition from an explicit offset: no group, no rebalance, no stored offsets. After an offset
/// error (the topic was made anew, retention) it goes on from the earliest; the memory above filters what it
/// knows. Threads: the owner's only; blocking calls are made on `calls`. Its events may destroy it.
class Consumer {
 public:
  struct Events {
    std::function<void(std::string_view)> on_message;
    std::function<void()> on_drained;
  };
  Consumer(boost::asio::io_context&, ports::Executor&, ports::Clock&, BlockingCalls&, const KafkaSettings&,
           Events);
  ~Consumer();

  /// Asks for the partition's end and starts there. A partition that has no leader yet (a topic just made, a
  /// broker that restarts) is asked again for request_timeout.
  void start(ports::InboxKind, std::int32_t partition, ports::MessageBus::Done<ports::InboxAddress>);
  /// Calls back when everything up to the present end has been given to on_message. While the broker is away
  /// it is asked again for request_timeout, then Unavailable.
  void catch_up(ports::MessageBus::Done<void>);

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace baton::kafka
