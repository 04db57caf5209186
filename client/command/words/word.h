#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "client/command/context.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace baton::client {

using Action = std::function<Ended(const Context&)>;

/// What a value stands for: completion offers such ones, and help shows it so.
enum class Values { Text, Pair, Parameter, Number, File, Job, Flow, Profile, Addresses };

/// An option or argument of a word. The setters give it back, to go on with.
class Given {
 public:
  Given(CLI::Option&, std::vector<std::string> names, std::string about, Values);

  Given& required();
  Given& one_of(std::vector<std::string> choices);   // any other is refused
  Given& such_as(std::vector<std::string> choices);  // offered; what else is right somebody else knows
  Given& between(std::int64_t least, std::int64_t most);
  Given& positive();
  Given& single();  // of arguments(): one after all
  Given& are(Values values) { return values_ = values, *this; }
  Given& hidden() { return hidden_ = true, *this; }  // an older name, which goes on working

  const std::vector<std::string>& names() const { return names_; }  // "-f", "--file"; of an argument "file"
  const std::string& about() const { return about_; }
  Values values() const { return values_; }
  const std::vector<std::string>& choices() const { return choices_; }
  bool is_argument() const { return !names_.front().starts_with('-'); }
  bool is_flag() const { return flag_; }
  bool may_have_number() const { return number_; }
  bool is_required() const { return required_; }
  bool is_repeated() const { return repeated_; }
  bool is_hidden() const { return hidden_; }

 private:
  friend class Word;
  CLI::Option& option_;
  std::vector<std::string> names_;
  std::string about_;
  Values values_;
  std::vector<std::string> choices_;
  bool flag_ = false, number_ = false, required_ = false, repeated_ = false, hidden_ = false;
};

/// A word of `baton`, and the words behind it: the one source of how it is understood, and of what --help,
/// the man pages and the shells' completion say about it. Only word.cc knows the library that reads
/// arguments.
class Word {
 public:
  struct Text {
    std::string name;
    std::string about;                  // one line, begins small
    std::vector<std::string> examples;  // whole command lines; "# …" behind one says what for
    std::string details = {};           // paragraphs, a blank line between them; empty: none
  };

  /// `chosen`: where the word that was given leaves its action.
  Word(CLI::App&, Text, const Word* under, Action& chosen);
  Word(const Word&) = delete;
  Word& operator=(const Word&) = delete;
  ~Word();

  /// A word that does something. What its options are read into must live as long as `action`: let it hold
  /// them.
  Word& word(Text, Action action);
  /// A word that others follow.
  Word& group(Text);
  /// This word is short for another one, which has the man page.
  Word& short_for(std::string words) { return short_for_ = std::move(words), *this; }
  /// This word and those behind it need no conductor: a file of profiles that is broken does not keep them.
  Word& asks_nobody() { return asks_nobody_ = true, *this; }

  Given& argument(const std::string& name, std::string& to, const std::string& about);
  Given& arguments(const std::string& name, std::vector<std::string>& to, const std::string& about);
  /// `names`: "--file,-f".
  Given& option(const std::string& names, std::string& to, const std::string& about);
  Given& option(const std::string& names, int& to, const std::string& about);
  Given& option(const std::string& names, std::uint16_t& to, const std::string& about);
  Given& option(const std::string& names, std::uint32_t& to, const std::string& about);
  Given& options(const std::string& names, std::vector<std::string>& to,
                 const std::string& about);  // one each
  Given& flag(const std::string& names, bool& to, const std::string& about);
  /// `--watch` means `alone`, `--watch=5` means 5.
  Given& flag_or_number(const std::string& name, int alone, int& to, const std::string& about);

  const Text& text() const { return text_; }
  const Word* under() const { return under_; }
  const std::string& stands_for() const { return short_for_; }  // empty: for itself
  const std::vector<std::unique_ptr<Word>>& words() const { return words_; }
  const std::vector<std::unique_ptr<Given>>& givens() const { return givens_; }
  std::string path() const;  // "baton job post"
  bool needs_nobody() const { return asks_nobody_ || (under_ && under_->needs_nobody()); }
  const Word* find(const std::string& name) const;

 private:
  Word& add(Text);
  template <class To>
  Given& take(const std::string& names, To& to, const std::string& about, Values);

  CLI::App& app_;
  const Text text_;
  const Word* const under_;
  Action& chosen_;
  std::string short_for_;
  bool asks_nobody_ = false;
  std::vector<std::unique_ptr<Word>> words_;
  std::vector<std::unique_ptr<Given>> givens_;
};

}  // namespace baton::client
