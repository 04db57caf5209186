#include "engine/python_equality.h"

#include <catch2/catch.hpp>

namespace baton::tests {
namespace {

bool equal(std::string_view a, std::string_view b) {
  const bool one_way = engine::equal_as_python(JsonView(a), JsonView(b));
  CHECK(one_way == engine::equal_as_python(JsonView(b), JsonView(a)));
  return one_way;
}

}  // namespace

TEST_CASE("numbers and booleans are equal as they are to Python") {
  CHECK(equal("1", "true"));
  CHECK(equal("0", "false"));
  CHECK(equal("1", "1.0"));
  CHECK(equal("1e2", "100"));
  CHECK(equal("-0", "0"));
  CHECK(equal("-0.0", "0"));
  CHECK(equal("1.50", "1.5"));
  CHECK_FALSE(equal("1", "2"));
  CHECK_FALSE(equal("1.5", "1"));
  CHECK_FALSE(equal("0", "null"));
  CHECK_FALSE(equal("1", "\"1\""));
  CHECK_FALSE(equal("false", "null"));
}

TEST_CASE("whole numbers of any length are exact") {
  CHECK_FALSE(equal("9007199254740993", "9007199254740992.0"));
  CHECK(equal("9007199254740992", "9007199254740992.0"));
  CHECK_FALSE(equal("1180591620717411303424", "1180591620717411303425"));
  CHECK(equal("1180591620717411303424", "1180591620717411303424.0"));
  CHECK_FALSE(equal("1180591620717411303425", "1180591620717411303424.0"));
  CHECK_FALSE(equal("18446744073709551616", "18446744073709551617"));
  CHECK(equal("-18446744073709551616", "-18446744073709551616.0"));
}

TEST_CASE("containers are compared deeply, objects without order") {
  CHECK(equal(R"({"a": [1, true], "b": null})", R"({"b":null,"a":[1.0,1]})"));
  CHECK_FALSE(equal(R"({"a": 1})", R"({"a": 1, "b": null})"));
  CHECK_FALSE(equal(R"({"a": 1})", R"({"b": 1})"));
  CHECK_FALSE(equal("[1, 2]", "[2, 1]"));
  CHECK_FALSE(equal("[1]", "[1, 2]"));
  CHECK(equal(R"("\u0061b")", R"("ab")"));
  CHECK_FALSE(equal("[]", "{}"));
}

}  // namespace baton::tests
