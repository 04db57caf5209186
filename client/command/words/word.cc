#include "client/command/words/word.h"

#include <CLI/CLI.hpp>
#include <sstream>

namespace baton::client {
namespace {

/// "--file,-f" -> {"-f", "--file"}
std::vector<std::string> split_names(const std::string& names) {
  std::vector<std::string> list;
  std::istringstream text(names);
  for (std::string name; std::getline(text, name, ',');)
    list.insert(name.starts_with("--") ? list.end() : list.begin(), name);
  return list;
}

}  // namespace

Given::Given(CLI::Option& option, std::vector<std::string> names, std::string about, Values values)
    : option_(option), names_(std::move(names)), about_(std::move(about)), values_(values) {}

Given& Given::required() {
  option_.required();
  return required_ = true, *this;
}

Given& Given::one_of(std::vector<std::string> choices) {
  option_.check(CLI::IsMember(choices));
  return such_as(std::move(choices));
}

Given& Given::such_as(std::vector<std::string> choices) {
  return choices_ = std::move(choices), *this;
}

Given& Given::between(std::int64_t least, std::int64_t most) {
  option_.check(CLI::Range(least, most));
  return *this;
}

Given& Given::positive() {
  option_.check(CLI::PositiveNumber);
  return *this;
}

Given& Given::single() {
  option_.expected(1);
  return repeated_ = false, *this;
}

Word::Word(CLI::App& app, Text text, const Word* under, Action& chosen)
    : app_(app), text_(std::move(text)), under_(under), chosen_(chosen) {
  app_.fallthrough();
}

Word::~Word() = default;

Word& Word::add(Text text) {
  auto& app = *app_.add_subcommand(text.name, text.about);
  words_.push_back(std::make_unique<Word>(app, std::move(text), this, chosen_));
  return *words_.back();
}

Word& Word::word(Text text, Action action) {
  auto& made = add(std::move(text));
  made.app_.callback([&chosen = chosen_, action = std::move(action)] { chosen = action; });
  return made;
}

Word& Word::group(Text text) {
  auto& made = add(std::move(text));
  made.app_.require_subcommand(1);
  return made;
}

template <class To>
Given& Word::take(const std::string& names, To& to, const std::string& about, Values values) {
  givens_.push_back(
      std::make_unique<Given>(*app_.add_option(names, to, about), split_names(names), about, values));
  return *givens_.back();
}

Given& Word::argument(const std::string& name, std::string& to, const std::string& about) {
  return take(name, to, about, Values::Text);
}

Given& Word::arguments(const std::string& name, std::vector<std::string>& to, const std::string& about) {
  auto& made = take(name, to, about, Values::Text);
  return made.repeated_ = true, made;
}

Given& Word::option(const std::string& names, std::string& to, const std::string& about) {
  return take(names, to, about, Values::Text);
}

Given& Word::option(const std::string& names, int& to, const std::string& about) {
  return take(names, to, about, Values::Number);
}

Given& Word::option(const std::string& names, std::uint16_t& to, const std::string& about) {
  return take(names, to, about, Values::Number);
}

Given& Word::option(const std::string& names, std::uint32_t& to, const std::string& about) {
  return take(names, to, about, Values::Number);
}

Given& Word::options(const std::string& names, std::vector<std::string>& to, const std::string& about) {
  auto& made = take(names, to, about, Values::Text);
  made.option_.allow_extra_args(false)->take_all();
  return made.repeated_ = true, made;
}

Given& Word::flag(const std::string& names, bool& to, const std::string& about) {
  givens_.push_back(
      std::make_unique<Given>(*app_.add_flag(names, to, about), split_names(names), about, Values::Text));
  return givens_.back()->flag_ = true, *givens_.back();
}

Given& Word::flag_or_number(const std::string& name, int alone, int& to, const std::string& about) {
  givens_.push_back(
      std::make_unique<Given>(*app_.add_flag(name + "{" + std::to_string(alone) + "}", to, about),
                              split_names(name), about, Values::Number));
  auto& made = *givens_.back();
  made.flag_ = made.number_ = true;
  return made;
}

std::string Word::path() const {
  return under_ ? under_->path() + " " + text_.name : text_.name;
}

const Word* Word::find(const std::string& name) const {
  for (const auto& word : words_)
    if (word->text_.name == name) return word.get();
  return nullptr;
}

}  // namespace baton::client
