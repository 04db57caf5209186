#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

/// What a target calls: it takes any bytes, and what it expects of them holds always. Where it does not, it
/// says what and aborts, which libFuzzer and the replay (replay.cc) show with the input.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace baton::fuzz {

inline constexpr std::size_t kToldBytesMax = 4 * 1024;  // of one message, however large what it is about

void expect(bool holds, std::string_view what);

/// A message for people: there is one, it is bounded, UTF-8, and no terminal obeys it.
void expect_told(std::string_view message, std::size_t bytes_max = kToldBytesMax);

/// A text that is kept and sent.
void expect_storable(std::string_view text, std::string_view what);

/// Over a bound that inputs alone do not reach.
std::string repeated(std::string_view bytes, std::size_t size);

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

}  // namespace baton::fuzz
