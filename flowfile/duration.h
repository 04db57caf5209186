#pragma once

#include <optional>
#include <string_view>

#include "common/model/time.h"

namespace baton::flowfile {

/// "500ms", "30s", "1.5m", "2h", "1d": more than zero, at most ten years. nullopt: something else.
std::optional<Millis> read_duration(std::string_view text);

}  // namespace baton::flowfile
