#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "common/kafka/kafka_settings.h"
#include "common/model/result.h"
#include "common/ports/clock.h"
#include "common/ports/message_bus.h"

namespace boost::asio {
class io_context;
}

namespace baton::kafka {

/// Sends: idempotent, acks=all, no linger. What may pass (broker away, leader change, a topic that is being
/// made anew) is repeated here for as long as it takes; what is permanent is told. A fatal error of the
/// idempotent producer (PROTOCOL.md H35) makes a new one, and what the old one still had is sent again by it.
/// Threads: the owner's only.
class Producer {
 public:
  struct Events {
    std::function<void(std::uint64_t tag, const ports::BusError&)> on_undeliverable;
    std::function<void()> on_room;  // after a Full
    std::function<void()> on_all_brokers_down;
  };
  Producer(boost::asio::io_context&, ports::Clock&, const KafkaSettings&, Events);
  ~Producer();

  Result<void, ports::BusError> send(ports::InboxKind, std::int32_t partition, std::string_view bytes,
                                     std::uint64_t tag);
  /// Waits for queued messages, at most so long; blocks. The last thing that is done.
  void flush(Millis deadline);

  /// librdkafka's handle, for metadata requests from another thread; null after flush().
  struct Impl;
  std::shared_ptr<Impl> impl() const { return impl_; }

 private:
  std::shared_ptr<Impl> impl_;
};

/// Asks the broker for metadata; blocks. From any thread. Empty: it answered; partitions is of the kind's
/// topic.
struct TopicAnswer {
  std::string error;
  std::int32_t partitions = 0;
};
TopicAnswer ask_topic(Producer::Impl&, ports::InboxKind, Millis timeout);

}  // namespace baton::kafka
