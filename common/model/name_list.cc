#include "common/model/name_list.h"

#include <algorithm>

#include "common/model/storable_text.h"

namespace baton {
namespace {

bool is_control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == '\x7F';
}

/// U+0080 to U+009F: the same commands as ESC and a letter, in two bytes of UTF-8.
bool is_long_control(std::string_view text) {
  return text.size() >= 2 && text[0] == '\xC2' && static_cast<unsigned char>(text[1]) < 0xA0;
}

/// Cut between characters, and without those that a terminal obeys, but for `kept`; a tab is a blank.
std::string fit_to_show(std::string_view text, std::size_t bytes_max, char kept) {
  std::size_t end = std::min(text.size(), bytes_max);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  const std::string storable = storable_text(text.substr(0, end));
  std::string shown;
  for (std::size_t i = 0; i < storable.size(); ++i) {
    const bool is_long = is_long_control(std::string_view(storable).substr(i));
    const bool obeyed = is_long || (is_control(storable[i]) && storable[i] != kept);
    const char instead = storable[i] == '\t' ? ' ' : '?';
    shown += obeyed ? instead : storable[i];
    if (is_long) ++i;
  }
  return end < text.size() ? shown + "…" : shown;
}

}  // namespace

std::string name_list(const std::vector<std::string>& names, std::size_t shown_max) {
  if (names.empty()) return "none";
  const std::size_t shown = std::min(names.size(), shown_max);
  std::string text;
  for (std::size_t i = 0; i < shown; ++i) text += (i > 0 ? ", " : "") + shown_name(names[i]);
  if (shown < names.size()) text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

std::string joined(const std::vector<std::string>& texts, std::string_view between) {
  std::string all;
  for (const auto& text : texts) all.append(&text == &texts.front() ? "" : between).append(text);
  return all;
}

std::string counted(std::int64_t number, std::string_view one, std::string_view many) {
  std::string text = std::to_string(number) + " ";
  if (number == 1) return text.append(one);
  return many.empty() ? text.append(one).append("s") : text.append(many);
}

std::string shown_name(std::string_view name, std::size_t bytes_max) {
  return fit_to_show(name, bytes_max, '\0');  // there is none in what can be kept
}

std::string shown_text(std::string_view text, std::size_t bytes_max) {
  return fit_to_show(text, bytes_max, '\n');
}

}  // namespace baton
