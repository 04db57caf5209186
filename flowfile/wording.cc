#include "flowfile/wording.h"

#include <algorithm>
#include <array>
#include <utility>

#include "common/model/name_list.h"

namespace baton::flowfile {
namespace {

constexpr std::size_t kComparedBytesMax = 64;

using Pair = std::pair<std::string_view, std::string_view>;
/// Words of other tools for what we call otherwise.
constexpr std::array kForeign{
    Pair{"parallel", "unordered"},   Pair{"paralel", "unordered"}, Pair{"concurrent", "unordered"},
    Pair{"sequential", "linear"},    Pair{"serial", "linear"},     Pair{"dag", "graph"},
    Pair{"array", "list"},           Pair{"str", "string"},        Pair{"text", "string"},
    Pair{"int", "integer"},          Pair{"float", "number"},      Pair{"double", "number"},
    Pair{"bool", "boolean"},         Pair{"map", "object"},        Pair{"dict", "object"},
    Pair{"mapping", "object"},       Pair{"params", "parameters"}, Pair{"vars", "parameters"},
    Pair{"steps", "nodes"},          Pair{"tasks", "nodes"},       Pair{"type", "task"},
    Pair{"max_attempts", "attempts"}};

char small(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c == '-' ? '_' : c;
}

/// Letters to change, add, leave out or swap.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), row(b.size() + 1), next(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = small(a[i - 1]) == small(b[j - 1]);
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (same ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        next[j] = std::min(next[j], before[j - 2] + 1);
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

}  // namespace

std::optional<std::string> nearest(std::string_view given, std::span<const std::string> known) {
  for (const auto& [foreign, ours] : kForeign)
    if (given == foreign && std::find(known.begin(), known.end(), ours) != known.end())
      return std::string(ours);
  if (given.size() > kComparedBytesMax) return std::nullopt;
  std::size_t best = std::max<std::size_t>(1, given.size() / 3) + 1;
  std::optional<std::string> found;
  for (const std::string& name : known) {
    if (name.size() > kComparedBytesMax) continue;
    if (const auto steps = distance(given, name); steps < best) best = steps, found = name;
  }
  return found;
}

std::string known_hint(std::string_view given, std::span<const std::string> known) {
  const auto meant = nearest(given, known);
  return (meant ? "did you mean " + in_quotes(*meant) + "? " : "") +
         "known: " + name_list({known.begin(), known.end()});
}

std::string known_hint(std::string_view given, std::span<const std::string_view> known) {
  const std::vector<std::string> names(known.begin(), known.end());
  return known_hint(given, names);
}

std::string in_quotes(std::string_view name) {
  return "'" + shown_name(name, 60) + "'";
}

}  // namespace baton::flowfile
