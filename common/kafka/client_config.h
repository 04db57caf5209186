#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "common/kafka/kafka_settings.h"

/// Inside this folder only: librdkafka's handles with owners, and the settings that all clients share.
namespace baton::kafka {

struct HandleCloser {
  void operator()(rd_kafka_t* handle) const { rd_kafka_destroy(handle); }
};
struct TopicCloser {
  void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
};
struct QueueCloser {
  void operator()(rd_kafka_queue_t* queue) const { rd_kafka_queue_destroy(queue); }
};
using Handle = std::unique_ptr<rd_kafka_t, HandleCloser>;
using Topic = std::unique_ptr<rd_kafka_topic_t, TopicCloser>;
using Queue = std::unique_ptr<rd_kafka_queue_t, QueueCloser>;

using ConfigEntries = std::vector<std::pair<const char*, std::string>>;

/// What librdkafka's callbacks of one handle find. Lives as long as the handle.
struct CallbackTarget {
  OnNotice on_notice;
  void* self = nullptr;
};

/// Shared settings and `entries` on top. Asserts on an entry that librdkafka does not know: that is our bug.
/// `target` comes back as the opaque of callbacks; error and delivery callbacks run inside rd_kafka_poll.
rd_kafka_conf_t* client_config(const KafkaSettings&, const ConfigEntries& entries, CallbackTarget& target);
/// The handle, or an assertion: with a known configuration it fails only where threads cannot be made.
Handle make_handle(rd_kafka_type_t, rd_kafka_conf_t*);

}  // namespace baton::kafka
