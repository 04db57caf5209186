#pragma once

#include <optional>
#include <string_view>

#include "common/model/time.h"

namespace baton::api {

/// An instant as people write it: RFC 3339 with its zone ("2026-11-26T06:00:00.5Z", "…+02:00"; a blank for
/// the T, and seconds, may be left out), or a day, its begin in UTC. nullopt: something else.
std::optional<TimePoint> read_instant(std::string_view text);

}  // namespace baton::api
