#include <algorithm>
#include <catch2/catch.hpp>
#include <string>

#include "common/model/limits.h"
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

const bench::Shape& shape_called(std::string_view name) {
  const auto shapes = bench::flow_shapes();
  const auto found =
      std::find_if(shapes.begin(), shapes.end(), [&](const bench::Shape& each) { return each.name == name; });
  REQUIRE(found != shapes.end());
  return *found;
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

TEST_CASE("losing all deliveries grows with them, not faster") {
  const bench::Shape& wide = shape_called("wide");
  check_growth(wide.name, loss_work(wide, kSmall), loss_work(wide, kLarge));
}

TEST_CASE("applying range facts grows with atoms and facts, not with their product") {
  check_growth("ranges", range_work(kSmall), range_work(kLarge));
}

TEST_CASE("a flow of as many atoms as are allowed is compiled and run") {
  CHECK(run_work(shape_called("layers"), kAtomsPerFlowMax).completions == kAtomsPerFlowMax);
}

TEST_CASE("a flow of one atom more than is allowed is refused") {
  CHECK(refusal(shape_called("wide"), kAtomsPerFlowMax + 1) ==
        "flow 'wide' has 1000001 atoms in 1 flows; the limit is 1000000 of each\n"
        "  hint: split it, and let one job post the next");
}

}  // namespace baton::tests
