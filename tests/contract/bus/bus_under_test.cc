#include "tests/contract/bus/bus_under_test.h"

#include <catch2/catch.hpp>

#include "common/kafka/kafka_message_bus.h"
#include "common/kafka/topics.h"
#include "common/memory/event_loop.h"
#include "common/memory/message_bus.h"
#include "common/runtime/asio_loop.h"
#include "tests/support/own_broker.h"
#include "tests/support/services.h"

namespace baton::test {
namespace {

constexpr std::int32_t kPartitions = 3;

struct MemoryWorld final : BusWorld {
  memory::EventLoop loop;
  memory::MemoryBroker broker{kPartitions};

  std::unique_ptr<ports::MessageBus> make_bus(std::size_t queued_messages_max) override {
    return std::make_unique<memory::MemoryMessageBus>(broker, loop, loop, queued_messages_max);
  }
  void recreate_topics() override { broker.recreate_topics(); }
  void end_broker() override { broker.set_reachable(false); }
  void start_broker() override { broker.set_reachable(true); }
  bool until_or(const std::function<bool()>& holds, Millis limit) override {
    return loop.run_until(holds, limit);
  }
};

void require(const Result<void, ports::BusError>& done) {
  INFO((done.ok() ? "" : done.error().message));
  REQUIRE(done.ok());
}

struct KafkaWorld : BusWorld {
  runtime::AsioLoop loop;
  kafka::KafkaSettings settings;

  explicit KafkaWorld(std::string brokers) {
    settings.brokers = std::move(brokers);
    settings.topic_prefix = unique_name("bus");
    require(kafka::create_topics(settings, kPartitions, 1));
  }

  std::unique_ptr<ports::MessageBus> make_bus(std::size_t queued_messages_max) override {
    settings.queued_messages_max = queued_messages_max;
    return std::make_unique<kafka::KafkaMessageBus>(loop.io_context(), loop, loop, settings);
  }
  void recreate_topics() override {
    require(kafka::delete_topics(settings));
    require(kafka::create_topics(settings, kPartitions, 1));
  }
  bool until_or(const std::function<bool()>& holds, Millis limit) override {
    bool late = false;
    const auto deadline = loop.after(limit, [this, &late] {
      late = true;
      loop.stop();
    });
    while (!late && !holds()) {
      loop.post([this, &holds] { watch(holds); });
      loop.run();
    }
    loop.cancel(deadline);
    return holds();
  }
  /// Asks after each turn of the loop that had something to do: posted behind what is ready now.
  void watch(const std::function<bool()>& holds) {
    if (holds()) return loop.stop();
    loop.after(Millis{1}, [this] { loop.stop(); });
  }
};

struct SharedKafkaWorld final : KafkaWorld {
  SharedKafkaWorld() : KafkaWorld(services().kafka) {}
  ~SharedKafkaWorld() override { (void)kafka::delete_topics(settings); }
  void end_broker() override { FAIL("other tests use this broker too"); }
  void start_broker() override { FAIL("other tests use this broker too"); }
};

struct OwnKafka {  // a base: up before the world's topics are made
  OwnBroker broker;
};
struct OwnKafkaWorld final : OwnKafka, KafkaWorld {
  OwnKafkaWorld() : KafkaWorld(broker.address()) {}
  void end_broker() override { broker.signal("KILL"); }
  void start_broker() override { broker.start(); }
};

}  // namespace

std::unique_ptr<BusWorld> InMemory::make() {
  return std::make_unique<MemoryWorld>();
}
std::unique_ptr<BusWorld> OnKafka::make() {
  return std::make_unique<SharedKafkaWorld>();
}
std::unique_ptr<BusWorld> OnOwnKafka::make() {
  return std::make_unique<OwnKafkaWorld>();
}

}  // namespace baton::test
