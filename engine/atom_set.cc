#include "engine/atom_set.h"

#include <algorithm>
#include <bit>

#include "common/model/assert.h"

namespace baton::engine {
namespace {

constexpr std::uint64_t bit(std::size_t at) {
  return std::uint64_t{1} << (at % 64);
}

/// The bits of a word from `at` on.
constexpr std::uint64_t from_bit(std::uint64_t word, std::size_t at) {
  return word & (~std::uint64_t{0} << (at % 64));
}

}  // namespace

AtomSet::AtomSet(std::size_t atoms) : atoms_(atoms) {
  std::size_t bits = atoms;
  do {
    bits = std::max<std::size_t>(1, (bits + 63) / 64);
    levels_.emplace_back(bits, 0);
  } while (bits > 1);
}

void AtomSet::insert(AtomIndex atom) {
  BATON_ASSERT(atom < atoms_);
  std::size_t at = atom;
  for (auto& level : levels_) {
    std::uint64_t& word = level[at / 64];
    const bool known = word != 0;
    word |= bit(at);
    if (known) return;
    at /= 64;
  }
}

void AtomSet::erase(AtomIndex atom) {
  BATON_ASSERT(atom < atoms_);
  std::size_t at = atom;
  for (auto& level : levels_) {
    std::uint64_t& word = level[at / 64];
    word &= ~bit(at);
    if (word != 0) return;
    at /= 64;
  }
}

AtomIndex AtomSet::next(AtomIndex from, AtomIndex end) const {
  if (from >= end) return end;
  std::size_t at = from;
  std::size_t level = 0;
  // Up until a word has something at or behind this place …
  for (;; ++level, at = at / 64 + 1) {
    if (level == levels_.size() || at / 64 >= levels_[level].size()) return end;
    const std::uint64_t rest = from_bit(levels_[level][at / 64], at);
    if (rest == 0) continue;
    at = at / 64 * 64 + static_cast<std::size_t>(std::countr_zero(rest));
    break;
  }
  // … and down to the first atom below it.
  for (; level > 0; --level)
    at = at * 64 + static_cast<std::size_t>(std::countr_zero(levels_[level - 1][at]));
  return std::min(static_cast<AtomIndex>(at), end);
}

AtomIndex AtomSet::first() const {
  const auto end = static_cast<AtomIndex>(atoms_);
  const AtomIndex found = next(0, end);
  BATON_ASSERT(found != end);
  return found;
}

}  // namespace baton::engine
