#include "tests/engine/random_walk.h"

#include <catch2/catch.hpp>

namespace baton::tests {

TEST_CASE("random flows come to a legal end, whatever happens on the way") {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) random_walk(seed);
}

}  // namespace baton::tests
