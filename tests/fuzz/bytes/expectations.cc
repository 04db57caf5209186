#include "tests/fuzz/bytes/expectations.h"

#include <cstdlib>
#include <iostream>
#include <string>

#include "common/model/storable_text.h"

namespace baton::fuzz {
namespace {

/// U+0080 to U+009F, too.
bool is_obeyed(std::string_view at) {
  const auto byte = static_cast<unsigned char>(at[0]);
  const bool is_long = at.size() >= 2 && byte == 0xC2 && static_cast<unsigned char>(at[1]) < 0xA0;
  return (byte < 0x20 && byte != '\n') || byte == 0x7F || is_long;
}

}  // namespace

void expect(bool holds, std::string_view what) {
  if (holds) return;
  std::cerr << "does not hold: " << what << std::endl;
  std::abort();
}

void expect_told(std::string_view message, std::size_t bytes_max) {
  const auto at = " in the message: " + std::string(message.substr(0, 2 * kToldBytesMax));
  expect(!message.empty(), "there is a message");
  expect(message.size() <= bytes_max, std::to_string(message.size()) + " bytes" + at);
  expect(is_storable_text(message), "no UTF-8" + at);
  for (std::size_t i = 0; i < message.size(); ++i)
    expect(!is_obeyed(message.substr(i)), "a control character" + at);
}

std::string repeated(std::string_view bytes, std::size_t size) {
  std::string text;
  while (!bytes.empty() && text.size() < size) text.append(bytes);
  return text;
}

void expect_storable(std::string_view text, std::string_view what) {
  expect(is_storable_text(text), what);
}

}  // namespace baton::fuzz
