#pragma once

#include <chrono>

#include "common/runtime/setting.h"

/// Where the servers are: the same settings for every daemon of a fleet, declared once.
namespace baton::runtime {

inline constexpr Setting<std::string> kZooKeeperHosts{
    .name = "zookeeper.hosts",
    .doc = "ZooKeeper servers, host:port, separated by commas.",
    .fallback = "127.0.0.1:2181"};
inline constexpr Setting<Millis> kZooKeeperSessionTimeout{
    .name = "zookeeper.session_timeout_ms",
    .doc = "Session timeout asked for: a lost host is noticed after it. The server has bounds of its own.",
    .fallback = std::chrono::milliseconds{4'000},
    .min = std::chrono::milliseconds{200},
    .max = std::chrono::milliseconds{120'000}};
inline constexpr Setting<std::string> kZooKeeperRoot{
    .name = "zookeeper.fleet_path",
    .doc = "Where this fleet's adverts and leases are; the same for its conductors and workers.",
    .fallback = "/taskflow/.baton"};
inline constexpr Setting<std::string> kKafkaBrokers{.name = "kafka.brokers",
                                                    .doc = "Kafka brokers, host:port, separated by commas.",
                                                    .fallback = "127.0.0.1:9092"};
inline constexpr Setting<std::string> kKafkaTopicPrefix{
    .name = "kafka.topic_prefix",
    .doc = "The topics are <prefix>.requests and <prefix>.replies; the same for the whole fleet.",
    .fallback = "baton"};

inline constexpr Setting<std::string> kRuntimeFolder{
    .name = "runtime.folder",
    .doc =
        "A folder of this daemon's own, where it tells baton-guardian of its session, so that others go on "
        "at once when it dies. Empty: systemd's RuntimeDirectory, else none.",
    .fallback = ""};

}  // namespace baton::runtime
