#include <catch2/catch.hpp>
#include <string>

#include "tests/growth/counted.h"

namespace baton::tests {
namespace {

constexpr std::size_t kSmall = 1'000, kLarge = 10'000;

/// Ten times the atoms, and hardly more work an atom: sorting and trees grow by a third at most, a step that
/// looks at all atoms by ten.
constexpr double kGrowthMax = 1.4;

double share(std::uint64_t work, const Work& of) {
  return static_cast<double>(work) / static_cast<double>(of.completions);
}

void check_growth(std::string_view shape, const Work& small, const Work& large) {
  INFO(shape << ": blocks an atom " << share(small.blocks, small) << " -> " << share(large.blocks, large)
             << ", bytes " << share(small.bytes, small) << " -> " << share(large.bytes, large)
             << ", longest step an atom " << share(small.longest, small) << " -> "
             << share(large.longest, large));
  REQUIRE(small.blocks > small.completions);  // they are counted at all
  CHECK(share(large.blocks, large) <= kGrowthMax * share(small.blocks, small));
  CHECK(share(large.bytes, large) <= kGrowthMax * share(small.bytes, small));
  CHECK(share(large.longest, large) <= kGrowthMax * share(small.longest, small));
}

template <class Measure>
void check_all(Measure measure) {
  for (const bench::Shape& shape : bench::flow_shapes())
    check_growth(shape.name, measure(shape, kSmall), measure(shape, kLarge));
}

}  // namespace

TEST_CASE("compiling a flow grows with its atoms, not faster") {
  check_all(compile_work);
}

TEST_CASE("running a flow grows with its atoms, not faster") {
  check_all(run_work);
}

TEST_CASE("reverting a flow grows with its atoms, not faster") {
  check_all(revert_work);
}

TEST_CASE("taking a flow over grows with its atoms, not faster") {
  check_all(restore_work);
}

}  // namespace baton::tests
