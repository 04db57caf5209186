#include "engine/atom_set.h"

#include <catch2/catch.hpp>
#include <random>
#include <set>

namespace baton::tests {
namespace {

using engine::AtomSet;

std::vector<AtomIndex> listed(const AtomSet& set, AtomIndex from, AtomIndex end) {
  std::vector<AtomIndex> atoms;
  set.each(from, end, [&](AtomIndex atom) { atoms.push_back(atom); });
  return atoms;
}

}  // namespace

TEST_CASE("a set of atoms is what was put in and not taken out, at every size of its levels") {
  std::mt19937 random(1);
  for (const AtomIndex size : {1u, 63u, 64u, 65u, 4096u, 4097u, 300'000u}) {
    AtomSet set(size);
    std::set<AtomIndex> expected;
    for (int i = 0; i < 2000; ++i) {
      const auto atom = static_cast<AtomIndex>(random() % size);
      if (random() % 3 == 0)
        set.erase(atom), expected.erase(atom);
      else
        set.insert(atom), expected.insert(atom);
      CHECK(set.contains(atom) == expected.contains(atom));
      const auto from = static_cast<AtomIndex>(random() % size);
      const AtomIndex end = from + static_cast<AtomIndex>(random() % (size - from + 1));
      const auto next = expected.lower_bound(from);
      REQUIRE(set.next(from, end) == (next == expected.end() || *next >= end ? end : *next));
    }
    REQUIRE(listed(set, 0, size) == std::vector<AtomIndex>(expected.begin(), expected.end()));
    if (!expected.empty()) CHECK(set.first() == *expected.begin());
    for (const AtomIndex atom : expected) set.erase(atom);
    CHECK(set.empty());
  }
}

TEST_CASE("a set of no atoms has none") {
  const AtomSet set(0);
  CHECK(set.empty());
  CHECK(set.next(0, 0) == 0);
}

}  // namespace baton::tests
