#pragma once

#include <catch2/catch.hpp>
#include <optional>

#include "tests/contract/bus/bus_under_test.h"

namespace baton::test {

/// A process on the bus that keeps what it hears.
struct Party : ports::MessageBus::Listener {
  explicit Party(BusWorld& where, std::size_t queued_messages_max = BusWorld::kQueuedMessagesMax)
      : world(where), bus(where.make_bus(queued_messages_max)) {
    bus->open(*this);
  }
  ~Party() override {
    if (bus) bus->close(Millis{0});
  }

  using Opened = Result<ports::InboxAddress, ports::BusError>;
  Opened try_inbox(ports::InboxKind kind, std::int32_t partition) {
    std::optional<Opened> opened;
    bus->open_inbox(kind, partition, [&opened](Opened how) { opened = std::move(how); });
    REQUIRE(world.until([&opened] { return opened.has_value(); }));
    return *opened;
  }
  ports::InboxAddress open_inbox(ports::InboxKind kind, std::int32_t partition) {
    const auto opened = try_inbox(kind, partition);
    REQUIRE(opened.ok());
    return *opened;
  }
  bool hears(std::size_t count) {
    return world.until([this, count] { return heard.size() >= count; });
  }
  void send(const ports::InboxAddress& to, std::string bytes) {
    REQUIRE(bus->send(to, std::move(bytes), 0).ok());
  }

  void on_message(std::string_view bytes) override {
    heard.emplace_back(bytes);
    drained = false;
    if (then) then();
  }
  void on_drained() override { drained = true; }
  void on_room() override { ++rooms; }
  void on_undeliverable(std::uint64_t tag, const ports::BusError&) override { undeliverable.push_back(tag); }
  void on_reachable(bool answers) override { reachable = answers; }

  BusWorld& world;
  std::unique_ptr<ports::MessageBus> bus;
  std::vector<std::string> heard;
  std::function<void()> then;  // after each message
  std::vector<std::uint64_t> undeliverable;
  std::optional<bool> reachable;
  int rooms = 0;
  bool drained = false;
};

}  // namespace baton::test
