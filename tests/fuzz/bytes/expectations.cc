#include "tests/fuzz/bytes/expectations.h"

#include <cstdlib>
#include <iostream>
#include <string>

#include "common/model/storable_text.h"

namespace baton::fuzz {
namespace {

bool is_obeyed(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && c != '\n') || byte == 0x7F;
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
  for (const char c : message) expect(!is_obeyed(c), "a control character" + at);
}

void expect_storable(std::string_view text, std::string_view what) {
  expect(is_storable_text(text), what);
}

}  // namespace baton::fuzz
