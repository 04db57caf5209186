#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "common/kafka/kafka_settings.h"
#include "common/model/result.h"
#include "common/ports/message_bus.h"

namespace baton::kafka {

/// Partitions a topic: one inbox each. Processes beyond it share and filter.
inline constexpr std::int32_t kPartitionsDefault = 64;
/// How long messages are kept: inboxes are read at once; what is lost is sent again.
inline constexpr Millis kRetention{24 * 3600 * 1000};

/// Makes both topics with max.message.bytes and retention as Baton needs them; those that exist are left as
/// they are. Returns when they can be used. Blocks up to request_timeout: for `baton admin topics` and
/// launchers, not for a daemon's loop.
Result<void, ports::BusError> create_topics(const KafkaSettings&, std::int32_t partitions,
                                            std::int16_t replication);
/// Those that create_topics() would make: the broker judges the request without carrying it out. Blocks
/// likewise.
Result<std::vector<std::string>, ports::BusError> missing_topics(const KafkaSettings&,
                                                                 std::int32_t partitions,
                                                                 std::int16_t replication);
/// Both topics take messages of kMessageBytesMax; else a message that says which does not, and what to do.
/// Blocks likewise.
Result<void, ports::BusError> check_limits(const KafkaSettings&);
/// Removes both topics and what is in them. Blocks likewise.
Result<void, ports::BusError> delete_topics(const KafkaSettings&);

}  // namespace baton::kafka
