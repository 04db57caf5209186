#include "tests/contract/bus/bus_under_test.h"

#include <catch2/catch.hpp>

#include "common/kafka/kafka_message_bus.h"
#include "common/kafka/topics.h"
#include "common/memory/event_loop.h"
#include "common/memory/message_bus.h"
#include "common/runtime/asio_loop.h"
#include "tests/support/services.h"

namespace baton::test {
namespace {

constexpr std::int32_t kPartitions = 3;
constexpr Millis kDeadline{20'000};

struct MemoryWorld final : BusWorld {
  memory::EventLoop loop;
  memory::MemoryBroker broker{kPartitions};

  std::unique_ptr<ports::MessageBus> make_bus() override {
    return std::make_unique<memory::MemoryMessageBus>(broker, loop, loop);
  }
  bool until(const std::function<bool()>& holds) override { return loop.run_until(holds, kDeadline); }
};

struct KafkaWorld final : BusWorld {
  runtime::AsioLoop loop;
  kafka::KafkaSettings settings;

  KafkaWorld() {
    settings.brokers = services().kafka;
    settings.topic_prefix = unique_name("bus");
    const auto made = kafka::create_topics(settings, kPartitions, 1);
    INFO((made.ok() ? "" : made.error().message));
    REQUIRE(made.ok());
  }
  ~KafkaWorld() override { (void)kafka::delete_topics(settings); }

  std::unique_ptr<ports::MessageBus> make_bus() override {
    return std::make_unique<kafka::KafkaMessageBus>(loop.io_context(), loop, loop, settings);
  }
  bool until(const std::function<bool()>& holds) override {
    bool late = false;
    const auto deadline = loop.after(kDeadline, [this, &late] {
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

}  // namespace

std::unique_ptr<BusWorld> InMemory::make() {
  return std::make_unique<MemoryWorld>();
}
std::unique_ptr<BusWorld> OnKafka::make() {
  return std::make_unique<KafkaWorld>();
}

}  // namespace baton::test
