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

bool is_control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == '\x7F';
}

/// One string a character: what a caret counts. As a terminal may have them.
std::vector<std::string> characters_of(std::string_view line) {
  std::vector<std::string> characters;
  for (const char byte : line) {
    if (continues_a_character(byte) && !characters.empty())
      characters.back() += byte;
    else
      characters.emplace_back(1, is_control(byte) ? ' ' : byte);
  }
  for (auto& character : characters) character = shown_name(character);
  return characters;
}

std::string line_with_caret(const Place& at) {
  const auto line = characters_of(line_of(at.source->text, at.line));
  if (line.empty()) return {};
  const std::size_t caret = std::min(at.column - 1, line.size());
  const std::size_t begin =
      line.size() > kShownColumnsMax && caret > kShownColumnsMax / 2 ? caret - kShownColumnsMax / 2 : 0;
  const std::size_t end = std::min(line.size(), begin + kShownColumnsMax);
  std::string text = begin > 0 ? "\n    …" : "\n    ";
  for (std::size_t i = begin; i < end; ++i) text += line[i];
  if (end < line.size()) text += "…";
  return text + "\n    " + std::string(caret - begin + (begin > 0 ? 1 : 0), ' ') + "^";
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
