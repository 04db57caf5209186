#include "common/failpoints/failpoint.h"

#include <catch2/catch.hpp>

#include "common/failpoints/failing_bus.h"
#include "common/failpoints/failing_store.h"

using namespace baton;
using namespace baton::failpoints;

namespace {

Failpoint failpoint(const std::string& text) {
  auto parsed = Failpoint::parse(text);
  REQUIRE(parsed.ok());
  return *std::move(parsed).value();
}

/// Says what reached it.
struct Bus final : ports::MessageBus {
  std::vector<std::string>& seen;
  Listener* listener = nullptr;
  explicit Bus(std::vector<std::string>& s) : seen(s) {}
  void open(Listener& l) override { listener = &l; }
  void check(Done<void>) override {}
  void partitions(ports::InboxKind, Done<std::int32_t>) override {}
  void open_inbox(ports::InboxKind, std::int32_t, Done<ports::InboxAddress>) override {}
  Result<void, ports::BusError> send(const ports::InboxAddress&, std::string bytes, std::uint64_t) override {
    seen.push_back("bus took " + bytes);
    return {};
  }
  void catch_up(Done<void>) override {}
  void close(Millis) override {}
};

struct Host final : ports::MessageBus::Listener {
  std::vector<std::string>& seen;
  explicit Host(std::vector<std::string>& s) : seen(s) {}
  void on_message(std::string_view bytes) override { seen.push_back("host heard " + std::string(bytes)); }
  void on_drained() override {}
  void on_room() override {}
  void on_undeliverable(std::uint64_t, const ports::BusError&) override {}
  void on_reachable(bool) override {}
};

std::vector<std::string> seen_with(const std::string& text) {
  std::vector<std::string> seen;
  Failpoint point = failpoint(text);
  point.on_reached([&] { seen.push_back("death"); });
  Bus bus(seen);
  Host host(seen);
  FailingBus failing(bus, point);
  failing.open(host);
  for (const std::string word : {"1", "2"}) {
    REQUIRE(failing.send({}, word, 0).ok());
    bus.listener->on_message(word);
  }
  return seen;
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("a failpoint is the n-th moment of its kind, and only that") {
  CHECK(seen_with("send:2") == Words{"bus took 1", "host heard 1", "death", "bus took 2", "host heard 2"});
  CHECK(seen_with("sent:1") == Words{"bus took 1", "death", "host heard 1", "bus took 2", "host heard 2"});
  CHECK(seen_with("receive:1") == Words{"bus took 1", "death", "host heard 1", "bus took 2", "host heard 2"});
  CHECK(seen_with("received:2") ==
        Words{"bus took 1", "host heard 1", "bus took 2", "host heard 2", "death"});
  CHECK(seen_with("commit:1") == Words{"bus took 1", "host heard 1", "bus took 2", "host heard 2"});
}

TEST_CASE("no failpoint is asked for by nothing, what is none is refused") {
  const auto none = Failpoint::parse("");
  REQUIRE(none.ok());
  CHECK_FALSE(none->has_value());
  for (const std::string text :
       {"commit", "commit:", "commit:0", "commit:x", "commit:1x", "death:1", ":1", "1"}) {
    const auto refused = Failpoint::parse(text);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error() == "BATON_FAILPOINT: '" + text +
                                 "' names no failpoint\n  hint: <moment>:<number from 1>, such as "
                                 "committed:12; the moments are commit, "
                                 "committed, ended, send, sent, receive, received");
  }
}
