#include "common/postgres/database_choice.h"

#include <catch2/catch.hpp>

using baton::postgres::DatabaseChoice;
using Catch::Contains;

namespace {

const std::string kFirst = "7/00000001", kSecond = "7/00000002", kTenth = "7/0000000A", kOther = "8/00000001";

}  // namespace

TEST_CASE("before the writer has a database others may look at any, but at none that has a successor",
          "[postgres][failover]") {
  DatabaseChoice choice;
  CHECK(choice.refused_to_others(kSecond).empty());
  CHECK(choice.refused_to_others(kOther).empty());
  CHECK_FALSE(choice.refused_to_others(kFirst).empty());
  CHECK_FALSE(choice.must_leave());
  CHECK_FALSE(choice.refused_to_writer(kFirst).empty());
  CHECK(choice.refused_to_writer(kSecond).empty());
  CHECK_FALSE(choice.refused_to_others(kOther).empty());
}

TEST_CASE("others are only where the writer is, and what they stray to does not move it",
          "[postgres][failover]") {
  DatabaseChoice choice;
  CHECK(choice.refused_to_writer(kSecond).empty());
  CHECK(choice.refused_to_others(kSecond).empty());
  CHECK_THAT(choice.refused_to_others(kFirst), Contains(kSecond + " has taken over"));
  CHECK_THAT(choice.refused_to_others(kOther), Contains("commits go to " + kSecond));
  CHECK_FALSE(choice.must_leave());
  CHECK(choice.refused_to_writer(kOther).empty());  // restored from a dump: the writer's to decide
  CHECK(choice.refused_to_others(kOther).empty());
  CHECK_FALSE(choice.refused_to_others(kSecond).empty());
}

TEST_CASE("a successor that another connection has seen is the writer's from then on, and no earlier one",
          "[postgres][failover]") {
  DatabaseChoice choice;
  CHECK(choice.refused_to_writer(kFirst).empty());
  CHECK_FALSE(choice.refused_to_others(kTenth).empty());  // not before the writer
  CHECK(choice.must_leave());
  CHECK(choice.newest() == kTenth);
  CHECK_FALSE(choice.refused_to_others(kFirst).empty());
  CHECK_FALSE(choice.refused_to_others(kSecond).empty());
  CHECK(choice.newest() == kTenth);
  CHECK_FALSE(choice.refused_to_writer(kFirst).empty());
  CHECK_FALSE(choice.refused_to_writer(kSecond).empty());
  CHECK(choice.must_leave());
  CHECK(choice.refused_to_writer(kTenth).empty());
  CHECK_FALSE(choice.must_leave());
  CHECK(choice.refused_to_others(kTenth).empty());
}
