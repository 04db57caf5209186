#pragma once

#include <string>
#include <string_view>

namespace baton::wire {

/// Texts that tasks and people wrote, as both sides can keep them: what is no UTF-8 and NULs become U+FFFD.
/// Protobuf refuses a whole message for one wrong byte in a string, and Postgres a NUL: an answer must not be
/// lost for the words of its failure.
std::string clean_text(const std::string& text);

}  // namespace baton::wire
