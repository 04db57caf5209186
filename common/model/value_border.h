#pragma once

#include <optional>
#include <string_view>

#include "common/model/value.h"

namespace baton {

/// The check behind Value::parse: one pass over the bytes with Boost.JSON's event parser, no tree.
std::optional<ValueError> refuse_unstorable(std::string_view json, std::size_t bytes_max);

}  // namespace baton
