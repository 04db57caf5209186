#pragma once

#include <cstddef>
#include <string_view>

namespace baton::flowfile {

/// Where in a text something stands, in the lines that people see: LF ends them. It moves on only as far as
/// it must: all places of a text, asked for in their order, cost one walk.
class Cursor {
 public:
  /// The text must outlive it.
  explicit Cursor(std::string_view text) : text_(text) {}

  /// Before the character of that number, counted from 0, or at the text's end.
  void to_character(std::size_t number);
  /// Before the character that has the byte of that number.
  void to_byte(std::size_t number);

  std::size_t line() const { return line_; }      // from 1
  std::size_t column() const { return column_; }  // from 1, in characters
  /// What the character begins with; '\0' at the end.
  char byte() const { return at_end() ? '\0' : text_[at_]; }

 private:
  bool at_end() const { return at_ == text_.size(); }
  std::size_t behind() const;  // the character
  void step();

  std::string_view text_;
  std::size_t at_ = 0, character_ = 0, line_ = 1, column_ = 1;
};

}  // namespace baton::flowfile
