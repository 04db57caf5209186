#include "common/model/name_list.h"

#include <algorithm>

#include "common/model/storable_text.h"

namespace baton {
namespace {

/// Cut between characters, and without bytes of which `obeyed` says that a terminal would obey them.
template <class Obeyed>
std::string fit_to_show(std::string_view text, std::size_t bytes_max, Obeyed obeyed) {
  std::size_t end = std::min(text.size(), bytes_max);
  while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  std::string shown = storable_text(text.substr(0, end));
  std::replace_if(shown.begin(), shown.end(), obeyed, '?');
  return end < text.size() ? shown + "…" : shown;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == '\x7F';
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
  return fit_to_show(name, bytes_max, is_control);
}

std::string shown_text(std::string_view text, std::size_t bytes_max) {
  return fit_to_show(text, bytes_max, [](char c) { return is_control(c) && c != '\n'; });
}

}  // namespace baton
