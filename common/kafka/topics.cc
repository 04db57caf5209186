#include "common/kafka/topics.h"

#include <array>
#include <chrono>
#include <span>
#include <thread>

#include "common/kafka/client_config.h"
#include "common/model/assert.h"

namespace baton::kafka {
namespace {

using ports::BusError;
using ports::BusErrorCode;
using ports::InboxKind;
using SteadyClock = std::chrono::steady_clock;

constexpr std::array kKinds{InboxKind::Requests, InboxKind::Replies};
constexpr Millis kAskAgainAfter{10};

struct EventCloser {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};
struct OptionsCloser {
  void operator()(rd_kafka_AdminOptions_t* options) const { rd_kafka_AdminOptions_destroy(options); }
};
using Event = std::unique_ptr<rd_kafka_event_t, EventCloser>;

/// One admin request at a time: start it with handle(), options() and queue(), then wait().
class Admin {
 public:
  Admin(const KafkaSettings& settings, rd_kafka_admin_op_t operation, std::string what)
      : where_(std::move(what) + " at " + settings.brokers + ": "),
        timeout_(settings.request_timeout),
        target_{settings.on_notice, nullptr},
        handle_(make_handle(RD_KAFKA_PRODUCER, client_config(settings, {}, target_))),
        queue_(rd_kafka_queue_new(handle_.get())),
        options_(rd_kafka_AdminOptions_new(handle_.get(), operation)) {
    char why[256] = "";
    const auto set = rd_kafka_AdminOptions_set_request_timeout(
        options_.get(), static_cast<int>(timeout_.count()), why, sizeof why);
    BATON_ASSERT(set == RD_KAFKA_RESP_ERR_NO_ERROR);
  }

  rd_kafka_t* handle() const { return handle_.get(); }
  rd_kafka_queue_t* queue() const { return queue_.get(); }
  rd_kafka_AdminOptions_t* options() const { return options_.get(); }

  /// Ends by the request's own timeout at the latest.
  Result<Event, BusError> wait() const {
    Event event(rd_kafka_queue_poll(queue(), -1));
    if (rd_kafka_event_error(event.get()))
      return Fail(
          unavailable(std::string(rd_kafka_event_error_string(event.get())) + "; is Kafka running there?"));
    return event;
  }
  BusError unavailable(const std::string& why) const { return {BusErrorCode::Unavailable, where_ + why}; }

  /// The first topic whose error is not `fine`.
  Result<void, BusError> judge(const rd_kafka_topic_result_t** results, std::size_t count,
                               rd_kafka_resp_err_t fine) const {
    for (std::size_t i = 0; i < count; ++i) {
      const auto error = rd_kafka_topic_result_error(results[i]);
      if (!error || error == fine) continue;
      const char* text = rd_kafka_topic_result_error_string(results[i]);
      return Fail(BusError{BusErrorCode::Refused, where_ + rd_kafka_topic_result_name(results[i]) + ": " +
                                                      (text ? text : rd_kafka_err2str(error))});
    }
    return {};
  }

  /// The broker knows a topic a little later than the controller has made it: until each partition has its
  /// leader, whoever asks for the topic is told that there is none.
  Result<void, BusError> await_leaders(const std::string& name) const {
    const Topic topic(rd_kafka_topic_new(handle(), name.c_str(), nullptr));
    const auto deadline = SteadyClock::now() + timeout_;
    while (!has_leaders(topic.get())) {
      if (SteadyClock::now() > deadline) return Fail(unavailable(name + " was made, but has no leader yet"));
      std::this_thread::sleep_for(kAskAgainAfter);
    }
    return {};
  }

 private:
  bool has_leaders(rd_kafka_topic_t* topic) const {
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(handle(), 0, topic, &metadata, static_cast<int>(timeout_.count()))) return false;
    const auto& known = metadata->topics[0];
    bool all = !known.err && known.partition_cnt > 0;
    for (int i = 0; all && i < known.partition_cnt; ++i)
      all = !known.partitions[i].err && known.partitions[i].leader >= 0;
    rd_kafka_metadata_destroy(metadata);
    return all;
  }

  const std::string where_;
  const Millis timeout_;
  CallbackTarget target_;
  Handle handle_;
  Queue queue_;
  std::unique_ptr<rd_kafka_AdminOptions_t, OptionsCloser> options_;
};

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

namespace {

/// The broker's answer to making both.
Result<Event, BusError> ask_for_topics(const Admin& admin, const KafkaSettings& settings,
                                       std::int32_t partitions, std::int16_t replication) {
  std::array<rd_kafka_NewTopic_t*, kKinds.size()> topics{};
  char why[256] = "";
  for (std::size_t i = 0; i < kKinds.size(); ++i) {
    topics[i] = rd_kafka_NewTopic_new(topic_name(settings, kKinds[i]).c_str(), partitions, replication, why,
                                      sizeof why);
    BATON_ASSERT(topics[i] != nullptr);
    rd_kafka_NewTopic_set_config(topics[i], "max.message.bytes", std::to_string(kMessageBytesMax).c_str());
    rd_kafka_NewTopic_set_config(topics[i], "retention.ms", std::to_string(kRetention.count()).c_str());
  }
  rd_kafka_CreateTopics(admin.handle(), topics.data(), topics.size(), admin.options(), admin.queue());
  rd_kafka_NewTopic_destroy_array(topics.data(), topics.size());
  return admin.wait();
}

std::span<const rd_kafka_topic_result_t*> results_of(const Event& event) {
  std::size_t count = 0;
  const auto** results =
      rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event.get()), &count);
  return {results, count};
}

}  // namespace

Result<void, BusError> create_topics(const KafkaSettings& settings, std::int32_t partitions,
                                     std::int16_t replication) {
  const Admin admin(settings, RD_KAFKA_ADMIN_OP_CREATETOPICS, "making topics");
  const auto event = ask_for_topics(admin, settings, partitions, replication);
  if (!event) return Fail(event.error());
  const auto results = results_of(*event);
  if (auto judged = admin.judge(results.data(), results.size(), RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS);
      !judged)
    return judged;
  for (const auto kind : kKinds)
    if (auto usable = admin.await_leaders(topic_name(settings, kind)); !usable) return usable;
  return {};
}

Result<std::vector<std::string>, BusError> missing_topics(const KafkaSettings& settings,
                                                          std::int32_t partitions, std::int16_t replication) {
  const Admin admin(settings, RD_KAFKA_ADMIN_OP_CREATETOPICS, "looking for topics");
  char why[256] = "";
  const auto set = rd_kafka_AdminOptions_set_validate_only(admin.options(), 1, why, sizeof why);
  BATON_ASSERT(set == RD_KAFKA_RESP_ERR_NO_ERROR);
  const auto event = ask_for_topics(admin, settings, partitions, replication);
  if (!event) return Fail(event.error());
  const auto results = results_of(*event);
  if (auto judged = admin.judge(results.data(), results.size(), RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS);
      !judged)
    return Fail(judged.error());
  std::vector<std::string> missing;
  for (const auto* result : results)
    if (!rd_kafka_topic_result_error(result)) missing.emplace_back(rd_kafka_topic_result_name(result));
  return missing;
}

Result<void, BusError> check_limits(const KafkaSettings& settings) {
  const Admin admin(settings, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, "reading the topics' limits");
  std::array<rd_kafka_ConfigResource_t*, kKinds.size()> resources{};
  for (std::size_t i = 0; i < kKinds.size(); ++i)
    resources[i] =
        rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic_name(settings, kKinds[i]).c_str());
  rd_kafka_DescribeConfigs(admin.handle(), resources.data(), resources.size(), admin.options(),
                           admin.queue());
  rd_kafka_ConfigResource_destroy_array(resources.data(), resources.size());
  const auto event = admin.wait();
  if (!event) return Fail(event.error());
  std::size_t count = 0;
  const auto** described =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event->get()), &count);
  for (std::size_t i = 0; i < count; ++i)
    if (auto checked = check_limit(described[i]); !checked) return checked;
  return {};
}

Result<void, BusError> delete_topics(const KafkaSettings& settings) {
  const Admin admin(settings, RD_KAFKA_ADMIN_OP_DELETETOPICS, "removing topics");
  std::array<rd_kafka_DeleteTopic_t*, kKinds.size()> topics{};
  for (std::size_t i = 0; i < kKinds.size(); ++i)
    topics[i] = rd_kafka_DeleteTopic_new(topic_name(settings, kKinds[i]).c_str());
  rd_kafka_DeleteTopics(admin.handle(), topics.data(), topics.size(), admin.options(), admin.queue());
  rd_kafka_DeleteTopic_destroy_array(topics.data(), topics.size());
  const auto event = admin.wait();
  if (!event) return Fail(event.error());
  std::size_t count = 0;
  const auto** results =
      rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event->get()), &count);
  return admin.judge(results, count, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
}

}  // namespace baton::kafka
