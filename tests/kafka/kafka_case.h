#pragma once

#include <librdkafka/rdkafka.h>

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

/// Makes a topic as somebody else would, with this limit on messages.
inline void make_topic(const std::string& brokers, const std::string& name, const char* max_message_bytes) {
  rd_kafka_conf_t* config = rd_kafka_conf_new();
  char why[256];
  REQUIRE(rd_kafka_conf_set(config, "bootstrap.servers", brokers.c_str(), why, sizeof why) ==
          RD_KAFKA_CONF_OK);
  rd_kafka_t* handle = rd_kafka_new(RD_KAFKA_PRODUCER, config, why, sizeof why);
  rd_kafka_queue_t* queue = rd_kafka_queue_new(handle);
  rd_kafka_NewTopic_t* topic = rd_kafka_NewTopic_new(name.c_str(), 1, 1, why, sizeof why);
  rd_kafka_NewTopic_set_config(topic, "max.message.bytes", max_message_bytes);
  rd_kafka_CreateTopics(handle, &topic, 1, nullptr, queue);
  rd_kafka_event_t* event = rd_kafka_queue_poll(queue, 20'000);
  CHECK(event != nullptr);
  rd_kafka_event_destroy(event);
  rd_kafka_NewTopic_destroy(topic);
  rd_kafka_queue_destroy(queue);
  rd_kafka_destroy(handle);
}

}  // namespace baton::test
