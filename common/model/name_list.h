#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

/// The names that a message lists as known, bounded: "a, b, c", "a, b and 17 more", "none".
std::string name_list(const std::vector<std::string>& names, std::size_t shown_max = 20);

/// All of them: "a, b, c"; "" where there are none.
std::string joined(const std::vector<std::string>& texts, std::string_view between = ", ");

/// "1 task", "3 tasks"; `many`: where it is not the one with an s.
std::string counted(std::int64_t number, std::string_view one, std::string_view many = "");

/// A name that somebody else gave, for a message: cut between characters where it is longer, and without what
/// a terminal would obey.
std::string shown_name(std::string_view name, std::size_t bytes_max = 100);

/// A whole message, in lines, that may quote what somebody else gave.
std::string shown_text(std::string_view text, std::size_t bytes_max);

}  // namespace baton
