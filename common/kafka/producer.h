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

/// Sends: idempotent, acks=all, no linger. While the broker is away messages wait in librdkafka's queue for
/// as long as it takes. What it gives back though it may pass (a topic that is being made anew) is sent again
/// here until kRepeatedFor, then dropped with a notice: the protocol above repeats what is not acknowledged.
/// What is permanent is told. A fatal error of the idempotent producer (PROTOCOL.md H35) makes a new one,
/// which sends again what the old one still had. Threads: the owner's only; its events may destroy it.
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

  /// librdkafka's handle with its topics; shared, because a blocking call on another thread may outlive the
  /// producer or its replacement.
  struct Client;
  std::shared_ptr<Client> client() const;

  /// librdkafka's own way of testing H35: what a broker that lost our sequence numbers would cause.
  void cause_fatal_error();

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

/// Asks the broker for metadata; blocks. From any thread. An empty error: it answered, and partitions is of
/// the kind's topic.
struct TopicAnswer {
  std::string error;
  bool missing = false;  // the broker answered that it has no such topic
  std::int32_t partitions = 0;
};
TopicAnswer ask_topic(Producer::Client&, ports::InboxKind, Millis timeout);

}  // namespace baton::kafka
