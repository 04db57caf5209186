#include "common/kafka/client_config.h"

#include "common/runtime/log.h"

namespace baton::kafka {
namespace {

/// Called from librdkafka's threads; our log may be written from any.
void on_log(const rd_kafka_t*, int level, const char* facility, const char* text) {
  const runtime::Log log;
  if (level <= 3)
    log.warning("kafka client", {{"facility", facility}, {"text", text}});
  else
    log.debug("kafka client", {{"facility", facility}, {"text", text}});
}

}  // namespace

std::string topic_name(const KafkaSettings& settings, ports::InboxKind kind) {
  return settings.topic_prefix + (kind == ports::InboxKind::Requests ? ".requests" : ".replies");
}

rd_kafka_conf_t* client_config(const KafkaSettings& settings, const ConfigEntries& entries, void* opaque,
                               void (*on_error)(rd_kafka_t*, int, const char*, void*)) {
  rd_kafka_conf_t* config = rd_kafka_conf_new();
  const auto set = [config](const char* name, const std::string& value) {
    char why[256] = "";
    const auto code = rd_kafka_conf_set(config, name, value.c_str(), why, sizeof why);
    if (code != RD_KAFKA_CONF_OK)
      runtime::Log().error("kafka setting refused", {{"setting", name}, {"why", why}});
    BATON_ASSERT(code == RD_KAFKA_CONF_OK);
  };
  set("bootstrap.servers", settings.brokers);
  set("client.id", settings.client_id);
  set("socket.nagle.disable", "true");
  // A broker that restarts is found again within a second, not after the library's 10.
  set("reconnect.backoff.ms", "50");
  set("reconnect.backoff.max.ms", "500");
  set("topic.metadata.refresh.fast.interval.ms", "100");
  set("message.max.bytes", std::to_string(kMessageBytesMax));
  for (const auto& [name, value] : entries) set(name, value);
  rd_kafka_conf_set_log_cb(config, on_log);
  rd_kafka_conf_set_opaque(config, opaque);
  if (on_error) rd_kafka_conf_set_error_cb(config, on_error);
  return config;
}

Handle make_handle(rd_kafka_type_t type, rd_kafka_conf_t* config) {
  char why[256] = "";
  Handle handle(rd_kafka_new(type, config, why, sizeof why));
  if (!handle) runtime::Log().error("kafka client could not be made", {{"why", why}});
  BATON_ASSERT(handle != nullptr);
  return handle;
}

}  // namespace baton::kafka
