#include "common/kafka/client_config.h"

#include <cstdio>

namespace baton::kafka {
namespace {

constexpr int kWarning = 4;  // syslog's

/// Called from librdkafka's threads.
void on_log(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
  const auto* target = static_cast<const CallbackTarget*>(rd_kafka_opaque(handle));
  if (level <= kWarning && target) target->on_notice(facility, text);
}

}  // namespace

std::string topic_name(const KafkaSettings& settings, ports::InboxKind kind) {
  return settings.topic_prefix + (kind == ports::InboxKind::Requests ? ".requests" : ".replies");
}

rd_kafka_conf_t* client_config(const KafkaSettings& settings, const ConfigEntries& entries,
                               CallbackTarget& target) {
  rd_kafka_conf_t* config = rd_kafka_conf_new();
  const auto set = [config](const char* name, const std::string& value) {
    char why[256] = "";
    const auto code = rd_kafka_conf_set(config, name, value.c_str(), why, sizeof why);
    if (code != RD_KAFKA_CONF_OK) std::fprintf(stderr, "baton: kafka setting %s: %s\n", name, why);
    BATON_ASSERT(code == RD_KAFKA_CONF_OK);
  };
  set("bootstrap.servers", settings.brokers);
  set("client.id", settings.client_id);
  set("socket.nagle.disable", "true");
  // A broker that restarts is found again within a second, not after the library's 10.
  set("reconnect.backoff.ms", "50");
  set("reconnect.backoff.max.ms", "500");
  set("topic.metadata.refresh.fast.interval.ms", "100");
  // A broker that hangs, or a network that swallows, is given up after seconds, not after the library's
  // minute.
  set("socket.timeout.ms", "10000");
  set("socket.connection.setup.timeout.ms", "5000");
  set("socket.keepalive.enable", "true");
  set("message.max.bytes", std::to_string(kMessageBytesMax));
  for (const auto& [name, value] : entries) set(name, value);
  rd_kafka_conf_set_log_cb(config, on_log);
  rd_kafka_conf_set_opaque(config, &target);
  return config;
}

Handle make_handle(rd_kafka_type_t type, rd_kafka_conf_t* config) {
  char why[256] = "";
  Handle handle(rd_kafka_new(type, config, why, sizeof why));
  if (!handle) std::fprintf(stderr, "baton: kafka client could not be made: %s\n", why);
  BATON_ASSERT(handle != nullptr);
  return handle;
}

}  // namespace baton::kafka
