#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "common/model/limits.h"
#include "common/model/time.h"
#include "common/ports/directory.h"

namespace baton::kafka {

/// Told what the client met that nobody has to act on (a broker that went away, a producer made anew): for
/// the log. From any thread; copied into librdkafka's callbacks, so it must outlive the bus.
using OnNotice = std::function<void(std::string_view what, std::string_view why)>;

/// How a process reaches Kafka. The bounds are named here; what happens at each is said beside it.
struct KafkaSettings {
  std::string brokers;                 // "127.0.0.1:9092,…"
  std::string topic_prefix = "baton";  // topics <prefix>.requests and <prefix>.replies
  std::string client_id = "baton";

  std::size_t queued_messages_max = 100'000;  // not yet taken by the broker; at the bound send() says Full
  std::size_t queued_bytes_max = 256 * kMiB;  // likewise
  std::size_t fetched_bytes_max = 64 * kMiB;  // read ahead; at the bound fetching pauses
  Millis probe_interval{1000};                // how often the broker is asked whether it is there
  Millis probe_timeout{2000};                 // no answer for so long: unreachable
  Millis request_timeout{10'000};             // of metadata, offsets and admin requests
  OnNotice on_notice = [](std::string_view, std::string_view) {};
};

std::string topic_name(const KafkaSettings&, ports::InboxKind);

}  // namespace baton::kafka
