#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace baton::client {

inline constexpr const char* kAgeForm = "an age is a number of hours, days or weeks, such as 36h, 30d or 12w";

/// "36h", "30d", "12w"; nothing: it is none (or over some hundred years).
std::optional<std::chrono::seconds> age_of(const std::string&);

}  // namespace baton::client
