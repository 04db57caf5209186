#include "client/command/words/man_page.h"

#include <algorithm>
#include <cctype>
#include <sstream>

#include "client/command/words/everywhere.h"
#include "client/command/words/help_text.h"
#include "common/model/version.h"

namespace baton::client {
namespace {

/// As troff reads it: in ASCII, nothing of it a command.
std::string plain(const std::string& text) {
  static const std::string kDots = "…";
  std::string safe;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.compare(i, kDots.size(), kDots) == 0)
      safe += "...", i += kDots.size() - 1;
    else if (text[i] == '\\')
      safe += "\\e";
    else if (text[i] == '-')
      safe += "\\-";
    else
      safe += text[i];
  }
  if (safe.starts_with('.') || safe.starts_with('\'')) safe.insert(0, "\\&");
  return safe;
}

std::string dashed(const Word& word) {
  std::string name = word.path();
  std::replace(name.begin(), name.end(), ' ', '-');
  return name;
}

const Word& root_of(const Word& word) {
  return word.under() ? root_of(*word.under()) : word;
}

/// The word whose page tells about this one.
const Word& page_of(const Word& word) {
  if (word.stands_for().empty()) return word;
  const Word* found = &root_of(word);
  std::istringstream names(word.stands_for());
  for (std::string name; found && names >> name;) found = found->find(name);
  return found ? *found : word;
}

void add_item(std::string& page, const std::string& head, const std::string& text) {
  page += ".TP\n\\fB" + plain(head) + "\\fR\n" + plain(text) + "\n";
}

void add_givens(std::string& page, const char* title, const Word& word) {
  std::string items;
  for (const auto& given : word.givens())
    if (!given->is_hidden()) add_item(items, names_text(*given), about_text(*given));
  if (!word.under()) add_item(items, "-h, --help", "the help of a word");
  if (!items.empty()) page += std::string(".SH \"") + title + "\"\n" + items;
}

void add_words(std::string& page, const Word& word) {
  if (word.words().empty()) return;
  page += ".SH WORDS\n";
  for (const auto& next : word.words())
    add_item(page, next->text().name,
             next->stands_for().empty() ? next->text().about : "short for: baton " + next->stands_for());
}

void add_details(std::string& page, const Word& word) {
  std::string about = word.text().about;
  about[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(about[0])));
  page += ".SH DESCRIPTION\n" + plain(about) + ".\n";
  std::istringstream details(word.text().details);
  if (!word.text().details.empty()) page += ".PP\n";
  for (std::string line; std::getline(details, line);) page += line.empty() ? ".PP\n" : plain(line) + "\n";
}

void add_everywhere(std::string& page, const Word& word) {
  page += ".SH EXAMPLES\n.nf\n";
  for (const auto& example : word.text().examples) page += plain(example) + "\n";
  page += ".fi\n.SH \"EXIT STATUS\"\n";
  for (const auto& [ended, means] : kEndings) add_item(page, std::to_string(static_cast<int>(ended)), means);
  page += ".SH ENVIRONMENT\n";
  for (const auto& [name, means] : kEnvironment) add_item(page, name, means);
}

void add_see_also(std::string& page, const Word& word) {
  std::vector<const Word*> others;
  if (word.under()) others.push_back(word.under());
  for (const auto& next : word.words())
    if (next->stands_for().empty()) others.push_back(next.get());
  page += ".SH \"SEE ALSO\"\n";
  for (const auto* other : others)
    page += ".BR " + plain(dashed(*other)) + " (1)" + (other == others.back() ? "\n" : ",\n");
}

}  // namespace

std::string man_page_name(const Word& word) {
  return dashed(page_of(word)) + ".1";
}

std::string man_page(const Word& asked) {
  const Word& word = page_of(asked);
  const std::string name = dashed(word);
  std::string title = name;
  std::transform(title.begin(), title.end(), title.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  std::string page = ".\\\" written by `baton help --man`\n.TH \"" + title + "\" 1 " + kVersionDay +
                     " \"baton " + kBatonVersion + "\" \"Baton\"\n.SH NAME\n" + plain(name) + " \\- " +
                     plain(word.text().about) + "\n.SH SYNOPSIS\n\\fB" + plain(word.path()) + "\\fR " +
                     plain(behind_text(word)) + "\n";
  add_details(page, word);
  add_words(page, word);
  if (word.under()) add_givens(page, "OPTIONS", word);
  add_givens(page, "OPTIONS OF EVERY WORD", root_of(word));
  add_everywhere(page, word);
  add_see_also(page, word);
  return page;
}

}  // namespace baton::client
