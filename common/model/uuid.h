#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace baton {

/// 128 bits, as in RFC 9562. Never made here: only ports::Entropy makes new ones, so that a simulation can
/// repeat them.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;
  bool is_nil() const { return *this == Uuid{}; }
  std::string to_string() const;                       // 8-4-4-4-12, lower case
  static std::optional<Uuid> parse(std::string_view);  // that form only, any case
};

}  // namespace baton

template <>
struct std::hash<baton::Uuid> {
  std::size_t operator()(const baton::Uuid& uuid) const noexcept;
};
