#pragma once

#include <catch2/catch.hpp>
#include <optional>

#include "common/kafka/kafka_message_bus.h"
#include "common/kafka/topics.h"
#include "common/runtime/asio_loop.h"
#include "tests/support/services.h"

namespace baton::test {

/// A loop that runs until something holds, and settings with topics of this test alone.
struct KafkaCase {
  static constexpr Millis kDeadline{20'000};

  kafka::KafkaSettings settings_for(const std::string& brokers) {
    kafka::KafkaSettings settings;
    settings.brokers = brokers;
    settings.topic_prefix = unique_name("kafka");
    settings.on_notice = [this](std::string_view what, std::string_view) {
      const std::lock_guard lock(mutex);
      notices.emplace_back(what);
    };
    return settings;
  }
  bool noticed(std::string_view what) {
    const std::lock_guard lock(mutex);
    return std::find(notices.begin(), notices.end(), what) != notices.end();
  }
  /// Asked after every turn of the loop.
  bool until(const std::function<bool()>& holds) {
    bool late = false;
    const auto deadline = loop.after(kDeadline, [&] {
      late = true;
      loop.stop();
    });
    while (!late && !holds()) {
      const auto turn = loop.after(Millis{1}, [&] { loop.stop(); });
      loop.run();
      loop.cancel(turn);
    }
    loop.cancel(deadline);
    return holds();
  }

  runtime::AsioLoop loop;
  std::mutex mutex;  // notices come from librdkafka's threads
  std::vector<std::string> notices;
};

struct Heard : ports::MessageBus::Listener {
  void on_message(std::string_view bytes) override { messages.emplace_back(bytes); }
  void on_drained() override {}
  void on_room() override {}
  void on_undeliverable(std::uint64_t, const ports::BusError& error) override {
    undeliverable.push_back(error);
  }
  void on_reachable(bool answers) override { reachable = answers; }

  std::vector<std::string> messages;
  std::vector<ports::BusError> undeliverable;
  std::optional<bool> reachable;
};

}  // namespace baton::test
