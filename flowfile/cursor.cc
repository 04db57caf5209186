#include "flowfile/cursor.h"

namespace baton::flowfile {

void Cursor::to_character(std::size_t number) {
  if (number < character_) *this = Cursor(text_);
  while (character_ < number && !at_end()) step();
}

void Cursor::to_byte(std::size_t number) {
  if (number < at_) *this = Cursor(text_);
  while (!at_end() && behind() <= number) step();
}

std::size_t Cursor::behind() const {
  std::size_t end = at_ + 1;
  while (end < text_.size() && (static_cast<unsigned char>(text_[end]) & 0xC0) == 0x80) ++end;
  return end;
}

void Cursor::step() {
  const bool ends_line = byte() == '\n';
  at_ = behind();
  ++character_;
  ++(ends_line ? line_ : column_);
  if (ends_line) column_ = 1;
}

}  // namespace baton::flowfile
