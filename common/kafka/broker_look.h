#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "common/kafka/kafka_settings.h"

namespace baton::kafka {

/// One of Baton's topics as a broker sees it.
struct TopicLook {
  std::string name;
  bool there = false;
  std::int32_t partitions = 0;
  std::int32_t replicas = 0;                  // of the partition that has the fewest
  std::int32_t without_leader = 0;            // partitions that nobody can write to
  std::int32_t behind = 0;                    // partitions whose replicas are not all in sync
  std::string config_trouble;                 // why `config` is empty
  std::map<std::string, std::string> config;  // "max.message.bytes" → "12582912"
};

/// What a broker says of the cluster and of Baton's topics, for people who look for what is wrong.
struct BrokerLook {
  std::string broker;       // as it was asked for
  std::string trouble;      // why it told nothing; empty: all below is known
  std::size_t brokers = 0;  // of the cluster, that are up
  std::vector<TopicLook> topics;
};

/// Asks the one broker that the settings name (their topic_prefix says which topics). Makes no topic. Blocks
/// up to twice `deadline`.
BrokerLook look_at_broker(KafkaSettings, Millis deadline);

}  // namespace baton::kafka
