#include "flowfile/stored_name.h"

#include <algorithm>
#include <charconv>

#include "common/model/limits.h"

namespace baton::flowfile {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

}  // namespace

bool is_stored_name(std::string_view name) {
  if (name.empty() || name.size() > kNameBytesMax || !is_letter_or_digit(name.front())) return false;
  for (const char* ending : {".yaml", ".yml", ".json"})
    if (name.ends_with(ending)) return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

std::optional<StoredName> stored_name_from(std::string_view text) {
  const auto at = text.find('@');
  StoredName stored{std::string(text.substr(0, at)), 0};
  if (!is_stored_name(stored.name)) return std::nullopt;
  if (at == std::string_view::npos) return stored;
  const auto digits = text.substr(at + 1);
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), stored.version);
  if (wrong != std::errc() || end != digits.data() + digits.size() || stored.version == 0)
    return std::nullopt;
  return stored;
}

}  // namespace baton::flowfile
