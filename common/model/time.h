#pragma once

#include <chrono>
#include <string>

namespace baton {

using Millis = std::chrono::milliseconds;
using Micros = std::chrono::microseconds;

/// Wall time with microseconds. Only hosts ask a clock for it; the engine is told.
/// Deadlines that are stored are in the database's time.
using TimePoint = std::chrono::sys_time<Micros>;

/// RFC 3339 in UTC with microseconds, as the API tells it.
std::string to_rfc3339(TimePoint);

}  // namespace baton
