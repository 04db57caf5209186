#include "common/model/rare.h"

#include <catch2/catch.hpp>
#include <string>

#include "common/model/atom_record.h"

namespace baton::tests {

TEST_CASE("a rare value is there or not, and is compared by what it is") {
  Rare<std::string> none, one = std::string("red"), same = std::string("red");
  CHECK_FALSE(none.has_value());
  REQUIRE(one);
  CHECK(*one == "red");
  CHECK(one == same);
  CHECK_FALSE(one == none);
  CHECK(none == Rare<std::string>(std::optional<std::string>()));
  CHECK(std::optional<std::string>(one) == "red");
  CHECK(std::optional<std::string>(none) == std::nullopt);
  one.reset();
  CHECK(one == none);
}

TEST_CASE("copies of a rare value are one until one of them is changed") {
  Rare<std::string> one = std::string("red");
  Rare<std::string> copy = one;
  CHECK(&*copy == &*one);
  copy.edit() += "dish";
  CHECK(*copy == "reddish");
  CHECK(*one == "red");
}

TEST_CASE("a record is small: a flow has many, and each of a step's facts holds one") {
  CHECK(sizeof(AtomRecord) <= 128);
}

}  // namespace baton::tests
