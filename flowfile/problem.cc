#include "flowfile/problem.h"

#include <algorithm>

#include "common/model/name_list.h"
#include "flowfile/limits.h"

namespace baton::flowfile {
namespace {

constexpr std::size_t kShownColumnsMax = 100;  // of a line that is longer, the part around the place

bool continues_a_character(char byte) {
  return (static_cast<unsigned char>(byte) & 0xC0) == 0x80;
}

std::string_view line_of(std::string_view text, std::size_t line) {
  for (std::size_t at = 1; at < line; ++at) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  auto found = text.substr(0, text.find('\n'));
  if (found.ends_with('\r')) found.remove_suffix(1);
  return found;
}

/// Without the first so many characters.
std::string_view behind(std::string_view line, std::size_t characters) {
  std::size_t at = 0;
  for (; at < line.size(); ++at)
    if ((at == 0 || !continues_a_character(line[at])) && characters-- == 0) break;
  return line.substr(at);
}

bool is_control(std::string_view character) {
  return character == "\x7F" || static_cast<unsigned char>(character[0]) < ' ';
}

/// Each character by itself, as a terminal may have it: one that is none stays one.
std::string shown_part(std::string_view part) {
  std::string text;
  while (!part.empty()) {
    const auto rest = behind(part, 1);
    const auto character = part.substr(0, part.size() - rest.size());
    text += is_control(character) ? " " : shown_name(character);
    part = rest;
  }
  return text;
}

/// A line may be as long as its file, and have all problems: it is looked at as far as the caret only.
std::string line_with_caret(const Place& at) {
  const auto line = line_of(at.source->text, at.line);
  if (line.empty()) return {};
  const std::size_t wanted = at.column - 1, half = kShownColumnsMax / 2;
  const bool is_long = !behind(line, kShownColumnsMax).empty();
  const std::size_t begin = is_long && wanted > half ? wanted - half : 0;
  const auto from = behind(line, begin), rest = behind(from, kShownColumnsMax);
  std::size_t caret = 0;
  for (auto part = from; begin + caret < wanted && !part.empty(); ++caret) part = behind(part, 1);
  std::string text = begin > 0 ? "\n    …" : "\n    ";
  text += shown_part(from.substr(0, from.size() - rest.size()));
  if (!rest.empty()) text += "…";
  return text + "\n    " + std::string(caret + (begin > 0 ? 1 : 0), ' ') + "^";
}

}  // namespace

std::string shown(const Problem& problem) {
  const Place& at = problem.at;
  std::string text = at.source ? at.source->path : "";
  if (at.source && at.line > 0) text += ":" + std::to_string(at.line) + ":" + std::to_string(at.column);
  const auto first = std::min(problem.what.find('\n'), problem.what.size());
  text += (text.empty() ? "" : ": ") + problem.what.substr(0, first);
  if (at.source && at.line > 0) text += line_with_caret(at);
  text += problem.what.substr(first);
  if (!problem.hint.empty()) text += "\n  hint: " + problem.hint;
  return text;
}

std::string shown(const Problems& problems) {
  std::string text;
  for (std::size_t i = 0; i < std::min(problems.size(), kProblemsMax); ++i)
    text += (i ? "\n" : "") + shown(problems[i]);
  if (problems.size() > kProblemsMax)
    text += "\n… and " + std::to_string(problems.size() - kProblemsMax) + " more";
  return text;
}

}  // namespace baton::flowfile
