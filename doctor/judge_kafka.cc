#include <algorithm>
#include <charconv>

#include "common/model/limits.h"
#include "common/model/name_list.h"
#include "doctor/bounds.h"
#include "doctor/judge.h"
#include "doctor/words.h"

namespace baton::doctor {
namespace {

constexpr const char* kMakeTopics = "run `baton admin topics --settings FILE`";
constexpr std::int64_t kInitProducerId = 22;  // API keys of Kafka's protocol
constexpr std::int64_t kProduce = 0;
constexpr std::int64_t kProduceOfIdempotence = 3;

std::int64_t whole(const std::map<std::string, std::string>& config, const char* name,
                   std::int64_t if_missing) {
  const auto found = config.find(name);
  std::int64_t number = if_missing;
  if (found != config.end())
    std::from_chars(found->second.data(), found->second.data() + found->second.size(), number);
  return number;
}

void judge_apis(const BrokerSeen& broker, Findings& findings) {
  if (!broker.apis) return;
  const auto& apis = *broker.apis;
  if (!apis.trouble.empty())
    return findings.not_looked_at("kafka.version", broker.look.broker, apis.trouble,
                                  "nothing, if it wants TLS or a login: the clients have got through");
  const auto produce = apis.max_version.find(kProduce);
  if (!apis.max_version.contains(kInitProducerId) || produce == apis.max_version.end() ||
      produce->second < kProduceOfIdempotence)
    return findings.wrong("kafka.version", broker.look.broker, "it knows no idempotent producers",
                          "bring it to 0.11 or later");
  findings.ok("kafka.version", broker.look.broker,
              "knows idempotent producers; Produce up to version " + std::to_string(produce->second));
}

void judge_broker(const BrokerSeen& broker, Findings& findings) {
  if (!broker.look.trouble.empty())
    return findings.wrong("kafka.reachable", broker.look.broker, broker.look.trouble,
                          "see whether Kafka runs there, and whether kafka.brokers is right");
  findings.ok("kafka.reachable", broker.look.broker,
              "answers; " + counted(static_cast<std::int64_t>(broker.look.brokers), "broker") + " up");
  judge_apis(broker, findings);
}

void judge_replication(const KafkaSeen& all, const kafka::TopicLook& topic, std::size_t brokers,
                       Findings& findings) {
  const auto needed = whole(topic.config, "min.insync.replicas", 1);
  const std::string seen =
      counted(topic.replicas, "replica") + ", min.insync.replicas " + std::to_string(needed);
  if (needed > topic.replicas)
    return findings.wrong(
        "kafka.replication", topic.name, seen,
        "lower min.insync.replicas, or give the topic more replicas: nothing can be written");
  if (topic.behind > 0)
    return findings.warning("kafka.replication", topic.name,
                            seen + "; " + counted(topic.behind, "partition") + " with replicas out of sync",
                            "see whether a broker is away");
  if (topic.replicas < all.replication)
    return findings.warning("kafka.replication", topic.name,
                            seen + "; kafka.replication says " + std::to_string(all.replication),
                            "give it more replicas (kafka-reassign-partitions), or lower the setting");
  if (topic.replicas < kReplicasSafe)
    return findings.warning("kafka.replication", topic.name, seen,
                            brokers > 1
                                ? "give it more replicas (kafka-reassign-partitions); kafka.replication "
                                  "says how many new topics get"
                                : "for more than a trial: three brokers, and kafka.replication = 3");
  findings.ok("kafka.replication", topic.name, seen);
}

void judge_limits(const kafka::TopicLook& topic, Findings& findings) {
  if (!topic.config_trouble.empty())
    return findings.not_looked_at("kafka.limits", topic.name, topic.config_trouble,
                                  "let this client describe the topic's settings, or look yourself");
  const auto bytes = whole(topic.config, "max.message.bytes", 0);
  const std::string seen = "messages up to " + std::to_string(bytes) + " bytes";
  if (bytes < static_cast<std::int64_t>(kMessageBytesMax))
    findings.wrong("kafka.limits", topic.name,
                   seen + ", Baton sends up to " + std::to_string(kMessageBytesMax),
                   "raise its max.message.bytes (and the broker's replica.fetch.max.bytes)");
  else
    findings.ok("kafka.limits", topic.name, seen);
  const auto kept = whole(topic.config, "retention.ms", -1);
  if (kept >= 0 && kept < kTopicRetentionMinMs)
    findings.warning("kafka.retention", topic.name, "messages are kept for " + lasting(Millis(kept)),
                     "set its retention.ms to a day (86400000)");
  else
    findings.ok("kafka.retention", topic.name,
                kept < 0 ? "messages are kept for ever" : "messages are kept for " + lasting(Millis(kept)));
}

void judge_partitions(const KafkaSeen& seen, const kafka::TopicLook& topic, Findings& findings) {
  const std::string told = counted(topic.partitions, "partition");
  if (topic.without_leader > 0)
    return findings.wrong("kafka.partitions", topic.name,
                          std::to_string(topic.without_leader) + " of " + told + " without a leader",
                          "see which brokers are away: what is in these inboxes stands");
  if (topic.partitions < seen.partitions)
    return findings.warning("kafka.partitions", topic.name,
                            told + ", kafka.partitions says " + std::to_string(seen.partitions),
                            "raise it (kafka-topics --alter --partitions " + std::to_string(seen.partitions) +
                                "), or lower the setting if fewer processes share it");
  findings.ok("kafka.partitions", topic.name, told);
}

void judge_topic(const KafkaSeen& seen, const kafka::TopicLook& topic, std::size_t brokers,
                 Findings& findings) {
  if (!topic.there)
    return findings.wrong("kafka.topics", topic.name, "there is no such topic at " + seen.brokers,
                          kMakeTopics);
  findings.ok("kafka.topics", topic.name, "there");
  judge_partitions(seen, topic, findings);
  judge_replication(seen, topic, brokers, findings);
  judge_limits(topic, findings);
}

}  // namespace

void judge_kafka(const KafkaSeen& seen, Findings& findings) {
  for (const auto& broker : seen.each) judge_broker(broker, findings);
  // All brokers tell the same of the topics: the first that tells is believed.
  const auto told = std::find_if(seen.each.begin(), seen.each.end(),
                                 [](const auto& broker) { return broker.look.trouble.empty(); });
  if (told == seen.each.end()) return;
  for (const auto& topic : told->look.topics) judge_topic(seen, topic, told->look.brokers, findings);
}

}  // namespace baton::doctor
