#include "client/command/age_text.h"

#include <charconv>

namespace baton::client {
namespace {

constexpr std::chrono::hours kAgeMax{24 * 36'525};

std::optional<std::chrono::hours> unit_of(char letter) {
  switch (letter) {
    case 'h':
      return std::chrono::hours{1};
    case 'd':
      return std::chrono::hours{24};
    case 'w':
      return std::chrono::hours{24 * 7};
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<std::chrono::seconds> age_of(const std::string& text) {
  const auto unit = text.empty() ? std::nullopt : unit_of(text.back());
  if (!unit) return std::nullopt;
  std::int32_t count = 0;
  const char* end = text.data() + text.size() - 1;
  const auto [rest, problem] = std::from_chars(text.data(), end, count);
  if (problem != std::errc() || rest != end || count <= 0 || count > kAgeMax / *unit) return std::nullopt;
  return count * *unit;
}

}  // namespace baton::client
