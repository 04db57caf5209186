#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace baton::client {

/// Characters, not bytes.
std::size_t width_of(const std::string& text);

/// With spaces behind it up to so many characters.
std::string padded(const std::string& text, std::size_t width);

/// Columns as wide as their widest cell, two blanks between, no trailing blanks.
void print_table(std::ostream&, const std::vector<std::string>& header,
                 const std::vector<std::vector<std::string>>& rows);

/// "850 ms", "12.3 s", "4 min 10 s", "2 h 5 min": for people.
std::string shown_duration(std::int64_t milliseconds);

}  // namespace baton::client
