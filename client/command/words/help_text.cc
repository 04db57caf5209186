#include "client/command/words/help_text.h"

#include <algorithm>
#include <sstream>
#include <utility>

#include "client/command/table.h"
#include "client/command/words/everywhere.h"
#include "common/model/name_list.h"

namespace baton::client {
namespace {

constexpr std::size_t kWidth = 100;         // of a line
constexpr std::size_t kNamesWidthMax = 34;  // longer names have their text below them

using Row = std::pair<std::string, std::string>;

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(c == '-' ? '_' : std::toupper(c)); });
  return text;
}

/// What stands for an option's value.
std::string value_text(const Given& given) {
  switch (given.values()) {
    case Values::Pair:
    case Values::Parameter:
      return "NAME=VALUE";
    case Values::Number:
      return "NUMBER";
    case Values::File:
      return "FILE";
    case Values::Job:
      return "UUID";
    case Values::Flow:
      return "FLOW";
    case Values::Profile:
      return "NAME";
    case Values::Addresses:
      return "HOST:PORT,…";
    case Values::Text:
      break;
  }
  return given.choices().empty() ? "TEXT" : "WORD";
}

/// Lines of at most `kWidth`, the later ones behind `indent`; `begun`: how much the first one holds already.
std::string wrapped(const std::string& text, std::size_t begun, std::size_t indent) {
  std::string lines;
  std::size_t width = begun;
  bool fresh = true;
  std::istringstream words(text);
  for (std::string word; words >> word; fresh = false) {
    const std::size_t wide = width_of(word);
    if (!fresh && width + 1 + wide > kWidth)
      lines += "\n" + std::string(indent, ' '), width = indent, fresh = true;
    if (!fresh) lines += " ", ++width;
    lines += word, width += wide;
  }
  return lines;
}

void add_rows(std::string& text, const char* title, const std::vector<Row>& rows) {
  if (rows.empty()) return;
  std::size_t wide = 0;
  for (const auto& [name, about] : rows)
    if (const auto width = width_of(name); width <= kNamesWidthMax) wide = std::max(wide, width);
  text += std::string("\n") + title + ":\n";
  for (const auto& [name, about] : rows) {
    text += "  " + padded(name, wide);
    if (width_of(name) > wide) text += "\n" + std::string(wide + 2, ' ');
    text += "  " + wrapped(about, wide + 4, wide + 4) + "\n";
  }
}

std::vector<Row> rows_of(const Word& word, bool arguments) {
  std::vector<Row> rows;
  for (const auto& given : word.givens())
    if (!given->is_hidden() && given->is_argument() == arguments)
      rows.emplace_back(names_text(*given), about_text(*given));
  if (!arguments && !word.under()) rows.emplace_back("-h, --help", "this help, of any word");
  return rows;
}

const Word& root_of(const Word& word) {
  return word.under() ? root_of(*word.under()) : word;
}

/// How many letters must be added, taken away or changed, or stand in each other's place.
std::size_t changes_between(const std::string& a, const std::string& b) {
  std::vector<std::vector<std::size_t>> steps(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      if (i == 0 || j == 0) {
        steps[i][j] = i + j;
        continue;
      }
      steps[i][j] = std::min(
          {steps[i - 1][j] + 1, steps[i][j - 1] + 1, steps[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        steps[i][j] = std::min(steps[i][j], steps[i - 2][j - 2] + 1);
    }
  }
  return steps[a.size()][b.size()];
}

constexpr std::size_t kChangesMax = 2;  // more make another word of it

/// The one that is most like it; empty: none is.
std::string nearest(const std::vector<std::string>& known, const std::string& name) {
  std::string found;
  std::size_t least = kChangesMax + 1;
  for (const auto& one : known)
    if (const auto changes = changes_between(name, one); changes < least && changes < one.size())
      least = changes, found = one;
  return found;
}

void add_words(std::string& text, const Word& word) {
  std::vector<Row> own, shorts;
  for (const auto& next : word.words())
    (next->stands_for().empty() ? own : shorts)
        .emplace_back(next->text().name, next->stands_for().empty()
                                             ? next->text().about
                                             : "short for: baton " + next->stands_for());
  add_rows(text, "words", own);
  add_rows(text, "short words", shorts);
}

void add_environment(std::string& text) {
  std::vector<Row> rows;
  for (const auto& [name, means] : kEnvironment) rows.emplace_back(name, means);
  add_rows(text, "environment", rows);
}

void add_endings(std::string& text) {
  std::vector<Row> rows;
  for (const auto& [ended, means] : kEndings)
    rows.emplace_back(std::to_string(static_cast<int>(ended)), means);
  add_rows(text, "exit codes", rows);
}

}  // namespace

std::string names_text(const Given& given) {
  if (given.is_argument()) return upper(given.names().front());
  const std::string text = joined(given.names());
  if (given.may_have_number()) return text + "[=NUMBER]";
  return given.is_flag() ? text : text + " " + value_text(given);
}

std::string about_text(const Given& given) {
  std::string text = given.about();
  if (!given.choices().empty()) text += ": " + joined(given.choices(), " ");
  if (given.is_repeated()) text += given.is_argument() ? "" : " (again for each)";
  return text;
}

std::string unknown_word(const Word& word, const std::string& name) {
  std::vector<std::string> known;
  for (const auto& next : word.words()) known.push_back(next->text().name);
  const auto meant = nearest(known, name);
  return word.path() + " has no word '" + name + "'\n  hint: " +
         (meant.empty() ? "see " + word.path() + " --help"
                        : "did you mean " + word.path() + " " + meant + "?");
}

std::string unknown_option(const Word& word, const std::string& text) {
  const std::string name = text.substr(0, text.find('='));
  std::vector<std::string> known;
  for (const auto* of = &word; of; of = of->under())
    for (const auto& given : of->givens())
      if (!given->is_argument() && !given->is_hidden())
        known.insert(known.end(), given->names().begin(), given->names().end());
  const auto meant = name.starts_with("--") ? nearest(known, name) : std::string();
  return word.path() + " has no option '" + name +
         "'\n  hint: " + (meant.empty() ? "see " + word.path() + " --help" : "did you mean " + meant + "?");
}

std::string behind_text(const Word& word) {
  std::string text = word.words().empty() ? "" : "WORD";
  for (const auto& given : word.givens()) {
    if (!given->is_argument() || given->is_hidden()) continue;
    const auto name = names_text(*given) + (given->is_repeated() ? "…" : "");
    text += (text.empty() ? "" : " ") + (given->is_required() ? name : "[" + name + "]");
  }
  return text + (text.empty() ? "" : " ") + "[OPTION]…";
}

std::string help_text(const Word& word) {
  const auto& about = word.text();
  std::string text = word.path() + ": " + wrapped(about.about, width_of(word.path()) + 2, 2) + "\n";
  if (!word.stands_for().empty()) text += "short for: baton " + word.stands_for() + "\n";
  text += "\nusage: " + word.path() + " " + behind_text(word) + "\n";
  std::istringstream details(about.details);
  if (!about.details.empty()) text += "\n";
  for (std::string line; std::getline(details, line);) text += wrapped(line, 0, 0) + "\n";
  add_words(text, word);
  add_rows(text, "arguments", rows_of(word, true));
  add_rows(text, word.under() ? "options" : "options of every word", rows_of(word, false));
  if (word.under()) add_rows(text, "options of every word", rows_of(root_of(word), false));
  if (!about.examples.empty()) text += "\nexamples:\n";
  for (const auto& example : about.examples) text += "  " + example + "\n";
  add_endings(text);
  if (!word.under()) add_environment(text);
  return text;
}

}  // namespace baton::client
