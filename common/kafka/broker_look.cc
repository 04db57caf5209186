#include "common/kafka/broker_look.h"

#include <algorithm>
#include <array>
#include <mutex>

#include "common/kafka/client_config.h"

namespace baton::kafka {
namespace {

constexpr std::array kKinds{ports::InboxKind::Requests, ports::InboxKind::Replies};

struct MetadataCloser {
  void operator()(const rd_kafka_metadata_t* metadata) const { rd_kafka_metadata_destroy(metadata); }
};
struct EventCloser {
  void operator()(rd_kafka_event_t* event) const { rd_kafka_event_destroy(event); }
};
struct OptionsCloser {
  void operator()(rd_kafka_AdminOptions_t* options) const { rd_kafka_AdminOptions_destroy(options); }
};

/// The last that the library said of the connection: its error for a broker that is not there is only
/// "transport failure". Told from the library's threads.
class Notices {
 public:
  OnNotice listener() {
    return [this](std::string_view, std::string_view why) {
      const std::lock_guard lock(mutex_);
      // Behind the name of its thread: "[thrd:kafka-1:9092/bootstrap]: kafka-1:9092/bootstrap: Connect to …"
      const auto name_ends = why.starts_with("[thrd:") ? why.find("]: ") : std::string_view::npos;
      last_ = name_ends == std::string_view::npos ? why : why.substr(name_ends + 3);
    };
  }
  std::string last() const {
    const std::lock_guard lock(mutex_);
    return last_;
  }

 private:
  mutable std::mutex mutex_;
  std::string last_;
};

void read_partitions(const rd_kafka_metadata_topic_t& topic, TopicLook& look) {
  look.there = topic.err == RD_KAFKA_RESP_ERR_NO_ERROR;
  look.partitions = topic.partition_cnt;
  for (int i = 0; i < topic.partition_cnt; ++i) {
    const auto& partition = topic.partitions[i];
    look.replicas = i == 0 ? partition.replica_cnt : std::min(look.replicas, partition.replica_cnt);
    if (partition.leader < 0) ++look.without_leader;
    if (partition.isr_cnt < partition.replica_cnt) ++look.behind;
  }
}

void read_config(const rd_kafka_ConfigResource_t* resource, TopicLook& look) {
  if (rd_kafka_ConfigResource_error(resource)) {
    look.config_trouble = rd_kafka_ConfigResource_error_string(resource);
    return;
  }
  std::size_t count = 0;
  const auto* const* entries = rd_kafka_ConfigResource_configs(resource, &count);
  for (std::size_t i = 0; i < count; ++i)
    if (const char* value = rd_kafka_ConfigEntry_value(entries[i]))
      look.config[rd_kafka_ConfigEntry_name(entries[i])] = value;
}

/// Of the topics that are there: others would be an error each.
void describe(rd_kafka_t* handle, Millis deadline, std::vector<TopicLook>& topics) {
  const std::unique_ptr<rd_kafka_AdminOptions_t, OptionsCloser> options(
      rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS));
  char why[256] = "";
  rd_kafka_AdminOptions_set_request_timeout(options.get(), static_cast<int>(deadline.count()), why,
                                            sizeof why);
  std::vector<rd_kafka_ConfigResource_t*> resources;
  for (const auto& topic : topics)
    if (topic.there)
      resources.push_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.name.c_str()));
  if (resources.empty()) return;
  const Queue queue(rd_kafka_queue_new(handle));
  rd_kafka_DescribeConfigs(handle, resources.data(), resources.size(), options.get(), queue.get());
  rd_kafka_ConfigResource_destroy_array(resources.data(), resources.size());
  const std::unique_ptr<rd_kafka_event_t, EventCloser> event(rd_kafka_queue_poll(queue.get(), -1));
  if (rd_kafka_event_error(event.get())) {
    for (auto& topic : topics) topic.config_trouble = rd_kafka_event_error_string(event.get());
    return;
  }
  std::size_t count = 0;
  const auto** described =
      rd_kafka_DescribeConfigs_result_resources(rd_kafka_event_DescribeConfigs_result(event.get()), &count);
  for (std::size_t i = 0; i < count; ++i)
    for (auto& topic : topics)
      if (topic.name == rd_kafka_ConfigResource_name(described[i])) read_config(described[i], topic);
}

}  // namespace

BrokerLook look_at_broker(KafkaSettings settings, Millis deadline) {
  BrokerLook look;
  look.broker = settings.brokers;
  Notices notices;
  settings.on_notice = notices.listener();
  CallbackTarget target{settings.on_notice, nullptr};
  const Handle handle = make_handle(RD_KAFKA_PRODUCER, client_config(settings, {}, target));
  // Of all topics: to ask for one by its name makes it, where the broker is set to do so.
  const rd_kafka_metadata_t* told = nullptr;
  const auto code = rd_kafka_metadata(handle.get(), 1, nullptr, &told, static_cast<int>(deadline.count()));
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    look.trouble = notices.last().empty() ? rd_kafka_err2str(code) : notices.last();
    return look;
  }
  const std::unique_ptr<const rd_kafka_metadata_t, MetadataCloser> metadata(told);
  look.brokers = static_cast<std::size_t>(metadata->broker_cnt);
  for (const auto kind : kKinds) {
    TopicLook topic;
    topic.name = topic_name(settings, kind);
    for (int i = 0; i < metadata->topic_cnt; ++i)
      if (topic.name == metadata->topics[i].topic) read_partitions(metadata->topics[i], topic);
    look.topics.push_back(std::move(topic));
  }
  describe(handle.get(), deadline, look.topics);
  return look;
}

}  // namespace baton::kafka
