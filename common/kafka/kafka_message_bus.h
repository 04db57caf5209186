#pragma once

#include <memory>

#include "common/kafka/kafka_settings.h"
#include "common/ports/clock.h"
#include "common/ports/executor.h"
#include "common/ports/message_bus.h"

namespace boost::asio {
class io_context;
}

namespace baton::kafka {

/// The bus over Kafka: two topics, inboxes are partitions (DESIGN.md section 6). librdkafka's threads only
/// raise eventfds in the owner's io_context. Life: made on the owner's thread; io_context, executor and clock
/// outlive it. close() first, to send what is queued.
class KafkaMessageBus final : public ports::MessageBus {
 public:
  KafkaMessageBus(boost::asio::io_context&, ports::Executor&, ports::Clock&, KafkaSettings);
  ~KafkaMessageBus() override;

  void open(Listener&) override;
  void check(Done<void>) override;
  void partitions(ports::InboxKind, Done<std::int32_t>) override;
  void open_inbox(ports::InboxKind, std::int32_t partition, Done<ports::InboxAddress>) override;
  Result<void, ports::BusError> send(const ports::InboxAddress& to, std::string bytes,
                                     std::uint64_t tag) override;
  void catch_up(Done<void>) override;
  void close(Millis deadline) override;

 private:
  struct Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace baton::kafka
