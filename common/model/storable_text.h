#pragma once

#include <string>
#include <string_view>

namespace baton {

/// UTF-8 without NULs: what Postgres keeps as a text, and JSON.
bool is_storable_text(std::string_view text);

/// The same text with U+FFFD in the place of every byte that could not be kept.
std::string storable_text(std::string_view text);

}  // namespace baton
