#include "common/model/storable_text.h"

#include <algorithm>

namespace baton {
namespace {

/// The bytes of the UTF-8 character at the text's begin; 0: there is none, or it is U+0000. As Unicode's
/// table 3-7 has them: no longer than needed, no surrogates, nothing above U+10FFFF.
std::size_t character_size(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto first = byte(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  const std::size_t size = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
  if (size == 0 || text.size() < size) return 0;
  const unsigned least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte(1) < least || byte(1) > most) return 0;
  for (std::size_t i = 2; i < size; ++i)
    if ((byte(i) & 0xC0) != 0x80) return 0;
  return size;
}

std::string replace_unstorable(std::string_view text) {
  static constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    out += size > 0 ? text.substr(0, size) : kReplacement;
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

bool plain_text(std::string_view text) {
  for (const char c : text)
    if (static_cast<unsigned char>(c) >= 0x80 || c == 0) return false;
  return true;
}

}  // namespace

bool is_storable_text(std::string_view text) {
  return plain_text(text) || replace_unstorable(text) == text;
}

std::string storable_text(std::string_view text) {
  return plain_text(text) ? std::string(text) : replace_unstorable(text);
}

}  // namespace baton
