#include <catch2/catch.hpp>

#include "common/memory/event_loop.h"
#include "common/memory/message_bus.h"

/// What a simulator may do to the bus in memory: the faults that the real one has by itself.
using namespace baton;
using memory::MemoryBroker;
using memory::MemoryMessageBus;
using ports::InboxAddress;
using ports::InboxKind;

namespace {

struct MemoryFatesTest : ports::MessageBus::Listener {
  MemoryFatesTest() {
    bus.open(*this);
    bus.open_inbox(InboxKind::Replies, 0, [this](auto address) { inbox = *address; });
    loop.run_until_idle();
  }
  void send(const std::string& bytes) { REQUIRE(bus.send(inbox, bytes, 0).ok()); }

  void on_message(std::string_view bytes) override { heard.emplace_back(bytes); }
  void on_drained() override {}
  void on_room() override {}
  void on_undeliverable(std::uint64_t, const ports::BusError&) override {}
  void on_reachable(bool reachable) override { reachables.push_back(reachable); }

  memory::EventLoop loop;
  MemoryBroker broker{1};
  MemoryMessageBus bus{broker, loop, loop};
  InboxAddress inbox;
  std::vector<std::string> heard;
  std::vector<bool> reachables;
};

}  // namespace

TEST_CASE_METHOD(MemoryFatesTest, "messages are lost, doubled and overtaken as the test wants") {
  broker.set_fates([](const InboxAddress& to, std::string_view bytes) {
    CHECK(to.kind == InboxKind::Replies);
    if (bytes == "lost") return MemoryBroker::Fate{.copies = 0};
    if (bytes == "twice") return MemoryBroker::Fate{.copies = 2};
    return MemoryBroker::Fate{.copies = 1, .delay = bytes == "late" ? Millis{50} : Millis{0}};
  });
  for (const char* bytes : {"late", "lost", "twice", "plain"}) send(bytes);
  loop.run_until_idle();
  CHECK(heard == std::vector<std::string>{"twice", "twice", "plain"});
  loop.run_for(Millis{50});
  CHECK(heard.back() == "late");
  CHECK(broker.sent() == 4);
}

TEST_CASE_METHOD(MemoryFatesTest, "catch_up waits for what is late") {
  broker.set_fates(
      [](const InboxAddress&, std::string_view) { return MemoryBroker::Fate{.delay = Millis{50}}; });
  send("late");
  std::size_t heard_then = 99;
  bus.catch_up([&](auto) { heard_then = heard.size(); });
  loop.run_until_idle();
  CHECK(heard_then == 99);
  loop.run_for(Millis{50});
  CHECK(heard_then == 1);
}

TEST_CASE_METHOD(MemoryFatesTest, "one process is cut off: what it sends waits in its queue") {
  bus.set_cut(true);
  send("waits");
  loop.run_until_idle();
  CHECK(heard.empty());
  CHECK(bus.queued() == 1);
  bool believed = false;
  bus.catch_up([&](const auto& done) { believed = !done.ok(); });
  bus.set_cut(false);
  loop.run_until_idle();
  CHECK(believed);
  CHECK(heard == std::vector<std::string>{"waits"});
  CHECK(reachables == std::vector<bool>{true, false, true});
}
