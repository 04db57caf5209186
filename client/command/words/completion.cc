#include "client/command/words/completion.h"

#include <algorithm>

#include "client/command/terminal_text.h"
#include "client/command/words/completion_script.h"

namespace baton::client {
namespace {

/// What stands before the word at which Tab was pressed, as far as it matters.
class Reading {
 public:
  explicit Reading(const Word& baton) : word_(&baton) {}

  void take(const std::string& text) {
    if (const auto* option = std::exchange(awaited_, nullptr)) return keep(*option, text);
    if (text.starts_with('-') && text.size() > 1) return take_option(text);
    if (const auto* next = word_->find(text)) return void((word_ = next, arguments_ = 0));
    if (const auto* given = argument()) given_.try_emplace(given->names().back(), text);
    ++arguments_;
  }

  const Word& word() const { return *word_; }
  Before before() const { return {given_, word_->needs_nobody()}; }
  /// The option whose value comes next; null: none.
  const Given* awaited() const { return awaited_; }

  /// The argument that comes next; null: none.
  const Given* argument() const {
    std::size_t left = arguments_;
    const Given* last = nullptr;
    for (const auto& given : word_->givens()) {
      if (!given->is_argument()) continue;
      last = given.get();
      if (left-- == 0) return last;
    }
    return last && last->is_repeated() ? last : nullptr;
  }

  const Given* option(const std::string& name) const {
    for (const auto* word = word_; word; word = word->under())
      for (const auto& given : word->givens())
        if (std::find(given->names().begin(), given->names().end(), name) != given->names().end())
          return given.get();
    return nullptr;
  }

 private:
  void take_option(const std::string& text) {
    const auto equals = text.find('=');
    const auto* found = option(text.substr(0, equals));
    if (!found || found->is_flag()) return;
    if (equals == std::string::npos)
      awaited_ = found;
    else
      keep(*found, text.substr(equals + 1));
  }
  void keep(const Given& option, const std::string& value) { given_[option.names().back()] = value; }

  const Word* word_;
  std::size_t arguments_ = 0;
  const Given* awaited_ = nullptr;
  std::map<std::string, std::string> given_;
};

class Completing {
 public:
  Completing(const Reading& read, const KnownNames& known) : read_(read), known_(known) {}

  Completion at(const std::string& text) {
    if (const auto* option = read_.awaited()) return values(*option, "", text), std::move(found_);
    const auto equals = text.find('=');
    if (text.starts_with("--") && equals != std::string::npos) {
      const auto* option = read_.option(text.substr(0, equals));
      if (option && !option->is_flag()) values(*option, text.substr(0, equals + 1), text);
      return std::move(found_);
    }
    if (text.starts_with('-')) return options(text), std::move(found_);
    for (const auto& word : read_.word().words()) add(word->text().name, word->text().about, text);
    if (const auto* argument = read_.argument()) values(*argument, "", text);
    if (text.empty() && found_.candidates.empty() && !found_.files) options(text);
    return std::move(found_);
  }

 private:
  void add(const std::string& candidate, const std::string& about, const std::string& text) {
    if (candidate.starts_with(text)) found_.candidates.push_back({candidate, about});
  }

  void values(const Given& given, std::string before, const std::string& text) {
    if (given.values() == Values::Parameter) return parameters(before, text);
    if (const auto comma = text.rfind(','); given.is_repeated() && comma != std::string::npos)
      before = text.substr(0, comma + 1);  // "RUNNING,SUS"
    for (const auto& choice : given.choices()) add(before + choice, "", text);
    if (given.values() == Values::File) found_.files = true;
    if (given.values() == Values::Job || given.values() == Values::Flow || given.values() == Values::Profile)
      for (const auto& [name, about] : known_(given.values(), read_.before()))
        add(before + name, about, text);
  }

  /// Behind a name with its '=' stands what only a person knows.
  void parameters(const std::string& before, const std::string& text) {
    if (text.find('=', before.size()) != std::string::npos) return;
    for (const auto& [name, about] : known_(Values::Parameter, read_.before()))
      add(before + name + "=", about, text);
  }

  /// The long names, of the word itself first.
  void options(const std::string& text) {
    for (const auto* word = &read_.word(); word; word = word->under())
      for (const auto& given : word->givens())
        if (!given->is_argument() && !given->is_hidden()) add(given->names().back(), given->about(), text);
    add("--help", "what this word does", text);
  }

  const Reading& read_;
  const KnownNames& known_;
  Completion found_;
};

/// What a terminal would obey is no candidate.
bool is_printable(const std::string& text) {
  return text == for_terminal(text) && text.find('\n') == std::string::npos;
}

}  // namespace

Completion complete(const Word& baton, const std::vector<std::string>& line, const KnownNames& known) {
  Reading read(baton);
  for (std::size_t i = 0; i + 1 < line.size(); ++i) read.take(line[i]);
  return Completing(read, known).at(line.empty() ? "" : line.back());
}

std::string completion_lines(const Completion& completion) {
  std::string lines;
  for (const auto& [text, about] : completion.candidates)
    if (is_printable(text)) lines += text + "\t" + for_terminal(about.substr(0, about.find('\n'))) + "\n";
  if (completion.files) lines += std::string(kFilesLine) + "\n";
  return lines;
}

}  // namespace baton::client
