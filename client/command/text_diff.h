#pragma once

#include <string>
#include <vector>

namespace baton::client {

/// Which lines of two texts are not in the other one: few, as a rule the fewest.
struct LineDiff {
  std::vector<std::string> before, after;  // each with its line's end
  std::vector<bool> removed, added;        // of each of them
};
LineDiff line_diff(const std::string& before, const std::string& after);

/// As `diff -u` prints it, with three lines around each change; empty: they are the same.
std::string unified_diff(const std::string& before, const std::string& after, const std::string& before_name,
                         const std::string& after_name);

}  // namespace baton::client
