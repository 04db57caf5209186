#pragma once

#include <bit>
#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

namespace baton::engine {

/// Finds an entry by its text. Only the entries' numbers are held, 8 to 16 bytes an entry; text_of(number)
/// says what stands for one, so whoever holds the texts is asked at every look.
class TextTable {
 public:
  static constexpr std::uint32_t kNone = ~std::uint32_t{0};

  TextTable() = default;
  explicit TextTable(std::size_t entries_max) : slots_(std::bit_ceil(2 * entries_max + 2), kNone) {}

  template <class TextOf>
  std::uint32_t find(std::string_view text, TextOf text_of) const {
    return slots_.empty() ? kNone : slots_[slot_of(text, text_of)];
  }

  /// The entry that has this text; if there is none, `fresh` has it from now on.
  template <class TextOf>
  std::uint32_t find_or_add(std::string_view text, std::uint32_t fresh, TextOf text_of) {
    std::uint32_t& slot = slots_[slot_of(text, text_of)];
    if (slot == kNone) slot = fresh;
    return slot;
  }

 private:
  template <class TextOf>
  std::size_t slot_of(std::string_view text, TextOf text_of) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = std::hash<std::string_view>{}(text)&mask;
    while (slots_[at] != kNone && std::string_view(text_of(slots_[at])) != text) at = (at + 1) & mask;
    return at;
  }

  std::vector<std::uint32_t> slots_;
};

}  // namespace baton::engine
