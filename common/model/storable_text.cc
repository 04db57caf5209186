#include "common/model/storable_text.h"

#include "common/model/value_border.h"

namespace baton {
namespace {

std::string replace_unstorable(std::string_view text) {
  static constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    const std::size_t length = c < 0x80                ? 1
                               : c >= 0xC2 && c < 0xE0 ? 2
                               : c >= 0xE0 && c < 0xF0 ? 3
                               : c >= 0xF0 && c < 0xF5 ? 4
                                                       : 0;
    const std::string_view part = text.substr(i, length);
    const bool whole =
        length > 0 && part.size() == length && c != 0 &&
        !refuse_unstorable("\"" + (length > 1 ? std::string(part) : std::string("x")) + "\"", 16);
    out += whole ? part : kReplacement;
    i += whole ? length : 1;
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
