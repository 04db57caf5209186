#pragma once

#include "common/failpoints/failpoint.h"
#include "common/ports/message_bus.h"

namespace baton::failpoints {

/// A bus whose process dies at a send or a receipt. Bus and failpoint must outlive it.
class FailingBus final : public ports::MessageBus, private ports::MessageBus::Listener {
 public:
  FailingBus(ports::MessageBus& bus, Failpoint& failpoint) : bus_(bus), failpoint_(failpoint) {}

  void open(ports::MessageBus::Listener&) override;
  void check(Done<void> done) override { bus_.check(std::move(done)); }
  void partitions(ports::InboxKind kind, Done<std::int32_t> done) override {
    bus_.partitions(kind, std::move(done));
  }
  void open_inbox(ports::InboxKind kind, std::int32_t partition, Done<ports::InboxAddress> done) override {
    bus_.open_inbox(kind, partition, std::move(done));
  }
  Result<void, ports::BusError> send(const ports::InboxAddress& to, std::string bytes,
                                     std::uint64_t tag) override;
  void catch_up(Done<void> done) override { bus_.catch_up(std::move(done)); }
  void close(Millis deadline) override { bus_.close(deadline); }

 private:
  void on_message(std::string_view bytes) override;
  void on_drained() override { listener_->on_drained(); }
  void on_room() override { listener_->on_room(); }
  void on_undeliverable(std::uint64_t tag, const ports::BusError& error) override {
    listener_->on_undeliverable(tag, error);
  }
  void on_reachable(bool reachable) override { listener_->on_reachable(reachable); }

  ports::MessageBus& bus_;
  Failpoint& failpoint_;
  ports::MessageBus::Listener* listener_ = nullptr;
};

}  // namespace baton::failpoints
