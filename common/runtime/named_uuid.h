#pragma once

#include <string_view>

#include "common/model/uuid.h"

namespace baton::runtime {

/// What stands for this name in that space, always and everywhere: version 5 of RFC 9562 (5.5).
Uuid named_uuid(const Uuid& space, std::string_view name);

}  // namespace baton::runtime
