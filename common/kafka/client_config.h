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

/// Shared settings and `entries` on top. Asserts on an entry that librdkafka does not know: that is our bug.
/// `opaque` comes back in error callbacks, which run inside rd_kafka_poll on the owner's thread.
rd_kafka_conf_t* client_config(const KafkaSettings&, const ConfigEntries& entries, void* opaque,
                               void (*on_error)(rd_kafka_t*, int, const char*, void*));
/// The handle, or an assertion: with a known configuration it fails only where threads cannot be made.
Handle make_handle(rd_kafka_type_t, rd_kafka_conf_t*);

}  // namespace baton::kafka
