#pragma once

#include <span>
#include <string_view>

namespace baton::doctor {

/// A check: its name for programs, and why it matters. docs/doctor.md has a row for each.
struct Check {
  std::string_view name, why;
};
std::span<const Check> checks();
std::string_view why_of(std::string_view check);

}  // namespace baton::doctor
