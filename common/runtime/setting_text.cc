#include "common/runtime/setting_text.h"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "common/model/value.h"

namespace baton::runtime {
namespace {

template <class... Ts>
struct Overloaded : Ts... {
  using Ts::operator()...;
};
template <class... Ts>
Overloaded(Ts...) -> Overloaded<Ts...>;

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// JSON's escapes are TOML's too; it asks for one more.
std::string toml_text(const std::string& text) {
  std::string written = quoted(text);
  for (auto at = written.find('\x7F'); at != std::string::npos; at = written.find('\x7F', at))
    written.replace(at, 1, "\\u007F");
  return written;
}

/// Levenshtein's distance: insertions, deletions and replacements.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

}  // namespace

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (const auto part = trimmed(text.substr(0, end)); !part.empty()) parts.emplace_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string text;
  for (const auto& part : parts) {
    if (!text.empty()) text += separator;
    text += part;
  }
  return text;
}

std::optional<SettingValue> value_of_type(const SettingSpec& spec, std::string_view text) {
  using Value = std::optional<SettingValue>;
  return std::visit(
      Overloaded{[&](bool) {
                   return text == "true" ? Value(true) : text == "false" ? Value(false) : std::nullopt;
                 },
                 [&](std::int64_t) {
                   const auto number = whole_number(text);
                   return number ? Value(*number) : std::nullopt;
                 },
                 [&](Millis) {
                   const auto number = whole_number(text);
                   return number ? Value(Millis(*number)) : std::nullopt;
                 },
                 [&](const std::string&) { return Value(std::string(text)); },
                 [&](const std::vector<std::string>&) { return Value(split(text, ',')); }},
      spec.fallback);
}

bool accepts(const SettingSpec& spec, const SettingValue& value) {
  if (value.index() != spec.fallback.index()) return false;
  const auto within = [&](std::int64_t number) { return spec.min <= number && number <= spec.max; };
  return std::visit(
      Overloaded{[](bool) { return true; }, within, [&](Millis duration) { return within(duration.count()); },
                 [&](const std::string& text) {
                   return spec.choices.empty() ||
                          std::count(spec.choices.begin(), spec.choices.end(), text) == 1;
                 },
                 [](const std::vector<std::string>&) { return true; }},
      value);
}

std::string to_toml(const SettingValue& value) {
  return std::visit(Overloaded{[](bool flag) { return std::string(flag ? "true" : "false"); },
                               [](std::int64_t number) { return std::to_string(number); },
                               [](Millis duration) { return std::to_string(duration.count()); },
                               [](const std::string& text) { return toml_text(text); },
                               [](const std::vector<std::string>& texts) {
                                 std::vector<std::string> parts;
                                 for (const auto& text : texts) parts.push_back(toml_text(text));
                                 return "[" + join(parts, ", ") + "]";
                               }},
                    value);
}

std::optional<std::string> nearest(std::string_view wrong, const std::vector<std::string>& known) {
  const std::size_t near_enough = std::max<std::size_t>(2, wrong.size() / 3);
  std::optional<std::string> best;
  std::size_t best_distance = near_enough + 1;
  for (const auto& name : known) {
    const std::size_t d = distance(wrong, name);
    if (d < best_distance) {
      best = name;
      best_distance = d;
    }
  }
  return best;
}

}  // namespace baton::runtime
