#include "common/kafka/topics.h"

#include <array>
#include <functional>

#include "common/kafka/client_config.h"

namespace baton::kafka {
namespace {

using ports::BusError;
using ports::BusErrorCode;
using ports::InboxKind;

struct EventCloser {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};

/// Starts an admin request, waits for its event, and refuses the first topic whose error is not `fine`.
Result<void, BusError> admin_request(
    const KafkaSettings& settings, const char* what, rd_kafka_resp_err_t fine,
    const std::function<void(rd_kafka_t*, rd_kafka_queue_t*)>& start,
    const std::function<const rd_kafka_topic_result_t**(rd_kafka_event_t*, std::size_t*)>& results) {
  CallbackTarget target{settings.on_notice, nullptr};
  const Handle handle = make_handle(RD_KAFKA_PRODUCER, client_config(settings, {}, target));
  const Queue queue(rd_kafka_queue_new(handle.get()));
  start(handle.get(), queue.get());
  const std::unique_ptr<rd_kafka_event_t, EventCloser> event(
      rd_kafka_queue_poll(queue.get(), static_cast<int>(settings.request_timeout.count()) + 1000));
  const std::string where = std::string(what) + " at " + settings.brokers + ": ";
  if (!event) return Fail(BusError{BusErrorCode::Unavailable, where + "no answer; is Kafka running there?"});
  if (rd_kafka_event_error(event.get()))
    return Fail(BusError{BusErrorCode::Unavailable, where + rd_kafka_event_error_string(event.get())});
  std::size_t count = 0;
  const auto** each = results(event.get(), &count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto error = rd_kafka_topic_result_error(each[i]);
    if (!error || error == fine) continue;
    const char* text = rd_kafka_topic_result_error_string(each[i]);
    return Fail(BusError{BusErrorCode::Refused, where + rd_kafka_topic_result_name(each[i]) + ": " +
                                                    (text ? text : rd_kafka_err2str(error))});
  }
  return {};
}

constexpr std::array kKinds{InboxKind::Requests, InboxKind::Replies};

/// Of one described topic: refused if it takes less than we send.
Result<void, BusError> check_limit(const rd_kafka_ConfigResource_t* topic) {
  const std::string name = rd_kafka_ConfigResource_name(topic);
  if (rd_kafka_ConfigResource_error(topic))
    return Fail(
        BusError{BusErrorCode::Unavailable, name + ": " + rd_kafka_ConfigResource_error_string(topic)});
  std::size_t count = 0;
  const auto* const* entries = rd_kafka_ConfigResource_configs(topic, &count);
  for (std::size_t i = 0; i < count; ++i) {
    if (std::string_view(rd_kafka_ConfigEntry_name(entries[i])) != "max.message.bytes") continue;
    const char* value = rd_kafka_ConfigEntry_value(entries[i]);
    if (value && std::stoull(value) >= kMessageBytesMax) return {};
    return Fail(BusError{BusErrorCode::Refused,
                         "topic " + name + " takes messages up to " + (value ? value : "?") +
                             " bytes, Baton sends up to " + std::to_string(kMessageBytesMax) +
                             ": raise its max.message.bytes (and the broker's replica.fetch.max.bytes)"});
  }
  return Fail(
      BusError{BusErrorCode::Refused, "topic " + name + ": the broker does not tell its max.message.bytes"});
}

}  // namespace

Result<void, BusError> create_topics(const KafkaSettings& settings, std::int32_t partitions,
                                     std::int16_t replication) {
  std::array<rd_kafka_NewTopic_t*, kKinds.size()> topics{};
  char why[256] = "";
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    topics[i] = rd_kafka_NewTopic_new(topic_name(settings, kKinds[i]).c_str(), partitions, replication, why,
                                      sizeof why);
    BATON_ASSERT(topics[i] != nullptr);
    rd_kafka_NewTopic_set_config(topics[i], "max.message.bytes", std::to_string(kMessageBytesMax).c_str());
    rd_kafka_NewTopic_set_config(topics[i], "retention.ms", std::to_string(kRetention.count()).c_str());
  }
  auto made = admin_request(
      settings, "making topics", RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS,
      [&topics](rd_kafka_t* handle, rd_kafka_queue_t* queue) {
        rd_kafka_CreateTopics(handle, topics.data(), topics.size(), nullptr, queue);
      },
      [](rd_kafka_event_t* event, std::size_t* count) {
        return rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), count);
      });
  rd_kafka_NewTopic_destroy_array(topics.data(), topics.size());
  return made;
}

Result<void, BusError> check_limits(const KafkaSettings& settings) {
  std::array<rd_kafka_ConfigResource_t*, kKinds.size()> resources{};
  for (std::size_t i = 0; i < kKinds.size(); ++i)
    resources[i] =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic_name(settings, kKinds[i]).c_str());
  CallbackTarget target{settings.on_notice, nullptr};
  const Handle handle = make_handle(RD_KAFKA_PRODUCER, client_config(settings, {}, target));
  const Queue queue(rd_kafka_queue_new(handle.get()));
  rd_kafka_DescribeConfigs(handle.get(), resources.data(), resources.size(), nullptr, queue.get());
  const std::unique_ptr<rd_kafka_event_t, EventCloser> event(
      rd_kafka_queue_poll(queue.get(), static_cast<int>(settings.request_timeout.count()) + 1000));
  rd_kafka_ConfigResource_destroy_array(resources.data(), resources.size());
  const std::string where = "reading the topics' limits at " + settings.brokers + ": ";
  if (!event) return Fail(BusError{BusErrorCode::Unavailable, where + "no answer"});
  if (rd_kafka_event_error(event.get()))
    return Fail(BusError{BusErrorCode::Unavailable, where + rd_kafka_event_error_string(event.get())});
  std::size_t count = 0;
  const auto** described =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i)
    if (auto checked = check_limit(described[i]); !checked.ok()) return checked;
  return {};
}

Result<void, BusError> delete_topics(const KafkaSettings& settings) {
  std::array<rd_kafka_DeleteTopic_t*, kKinds.size()> topics{};
  for (std::size_t i = 0; i < kKinds.size(); ++i)
    topics[i] = rd_kafka_DeleteTopic_new(topic_name(settings, kKinds[i]).c_str());
  auto removed = admin_request(
      settings, "removing topics", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
      [&topics](rd_kafka_t* handle, rd_kafka_queue_t* queue) {
        rd_kafka_DeleteTopics(handle, topics.data(), topics.size(), nullptr, queue);
      },
      [](rd_kafka_event_t* event, std::size_t* count) {
        return rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), count);
      });
  rd_kafka_DeleteTopic_destroy_array(topics.data(), topics.size());
  return removed;
}

}  // namespace baton::kafka
