#include "engine/intentions.h"

#include <catch2/catch.hpp>
#include <random>
#include <vector>

namespace baton::tests {
namespace {

using engine::Intentions;

/// The same, an atom at a time.
struct Plainly {
  struct Atom {
    Intentions::Mark mark;           // of the range that it is in
    std::optional<Intention> astir;  // what its record says
  };
  std::vector<Atom> atoms;

  bool all_have(AtomIndex first, AtomIndex count, Intention intention) const {
    for (AtomIndex atom = first; atom < first + count; ++atom)
      if (atoms[atom].astir.value_or(atoms[atom].mark.intention) != intention) return false;
    return true;
  }
};

}  // namespace

TEST_CASE("ranges of intentions say what each atom's own would say") {
  constexpr AtomIndex kAtoms = 90;
  std::mt19937 random(7);
  const auto below = [&](std::size_t end) { return static_cast<AtomIndex>(random() % end); };
  const auto any_intention = [&] { return static_cast<Intention>(below(4)); };
  for (int round = 0; round < 50; ++round) {
    Intentions intentions(kAtoms);
    Plainly plainly{std::vector<Plainly::Atom>(kAtoms)};
    for (std::uint64_t seq = 1; seq < 200; ++seq) {
      const AtomIndex first = below(kAtoms), count = below(kAtoms - first + 1);
      switch (below(3)) {
        case 0: {
          const Intentions::Mark mark{any_intention(), seq};
          intentions.mark(first, count, mark);
          for (AtomIndex atom = first; atom < first + count; ++atom) plainly.atoms[atom].mark = mark;
          break;
        }
        case 1: {
          const Intention intention = any_intention();
          intentions.stir(first, intention);
          plainly.atoms[first].astir = intention;
          break;
        }
        default:
          intentions.rest(first);
          plainly.atoms[first].astir.reset();
      }
      const Intention asked = any_intention();
      REQUIRE(intentions.all_have(first, count, asked) == plainly.all_have(first, count, asked));
      for (AtomIndex atom = 0; atom < kAtoms; ++atom) {
        REQUIRE(intentions.at_rest(atom) == !plainly.atoms[atom].astir);
        REQUIRE(intentions.astir().contains(atom) != intentions.resting().contains(atom));
        if (intentions.at_rest(atom)) REQUIRE(intentions.mark_of(atom) == plainly.atoms[atom].mark);
      }
    }
  }
}

TEST_CASE("a flow without atoms has every intention") {
  const Intentions intentions(0);
  CHECK(intentions.all_have(0, 0, Intention::Revert));
}

}  // namespace baton::tests
