#include "flowfile/duration.h"

#include <array>
#include <charconv>

#include "flowfile/limits.h"

namespace baton::flowfile {
namespace {

struct Unit {
  std::string_view name;
  double millis;
};
constexpr std::array<Unit, 5> kUnits{{{"ms", 1}, {"s", 1e3}, {"m", 60e3}, {"h", 3600e3}, {"d", 86400e3}}};

}  // namespace

std::optional<Millis> read_duration(std::string_view text) {
  double number = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number, std::chars_format::fixed);
  if (error != std::errc()) return std::nullopt;
  const std::string_view unit(stopped, static_cast<std::size_t>(end - stopped));
  for (const auto& [name, millis] : kUnits) {
    if (unit != name) continue;
    const double total = number * millis;
    if (!(total >= 1) || total > double{kMillisMax}) return std::nullopt;
    return Millis(static_cast<std::int64_t>(total + 0.5));
  }
  return std::nullopt;
}

}  // namespace baton::flowfile
