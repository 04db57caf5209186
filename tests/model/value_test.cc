#include "common/model/value.h"
#include "common/model/storable_text.h"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using baton::Value;

namespace {

std::string refusal(std::string_view json, std::size_t bytes_max = 1000) {
  const auto value = Value::parse(json, bytes_max);
  return value.ok() ? "accepted" : value.error().message;
}

bool python_equal(const char* a, const char* b) {
  return baton::equals_as_python(boost::json::parse(a), boost::json::parse(b));
}

}  // namespace

TEST_CASE("a value keeps the bytes that were received") {
  const auto value = Value::parse("  {\"b\": 1.0,  \"a\": 10000000000000000000000}\n");
  REQUIRE(value.ok());
  CHECK(value->json() == "{\"b\": 1.0,  \"a\": 10000000000000000000000}");
}

TEST_CASE("null is the default, however it is written") {
  CHECK(Value().is_null());
  CHECK(Value().json() == "null");
  CHECK(Value::parse(" null ")->is_null());
}

TEST_CASE("what Postgres could not keep is refused at the border, with the reason") {
  CHECK(refusal("\"a\\u0000b\"") == "a string holds the character U+0000, which Postgres cannot store");
  CHECK(refusal("{\"\\u0000\": 1}") == "a string holds the character U+0000, which Postgres cannot store");
  CHECK(refusal("1e999") == "a number is too large for a double");
  CHECK(refusal("[-1e400]") == "a number is too large for a double");
  CHECK(refusal("{\"a\": 1, \"b\": 2, \"a\": 3}") == "an object has the same key twice");
  CHECK(refusal(std::string(257, '[') + std::string(257, ']')) == "it is nested deeper than 256 levels");
  CHECK(refusal("\"0123456789\"", 5) == "it has 12 bytes, the limit is 5");
}

TEST_CASE("depth up to the limit, long strings and nested keys pass") {
  CHECK(refusal(std::string(256, '[') + std::string(256, ']')) == "accepted");
  CHECK(refusal("{\"a\": {\"a\": {\"a\": [1, {\"a\": 2}]}}}") == "accepted");
  CHECK(refusal("\"" + std::string(100'000, 'x') + "\"", 200'000) == "accepted");
}

TEST_CASE("what is not JSON is refused with its place") {
  for (const char* text :
       {"", "{", "nul", "[1,]", "\"\\ud800\"", "\"\xff\"", "\"\xed\xa0\x80\"", "{'a': 1}", "01"}) {
    CAPTURE(text);
    CHECK(refusal(text) != "accepted");
  }
  const auto twice = Value::parse("1 2");
  REQUIRE(!twice.ok());
  CHECK(twice.error().message == "something follows the value");
  CHECK(twice.error().offset == 2);
}

TEST_CASE("a text can be stored where Boost.JSON takes it for UTF-8, byte for byte") {
  std::size_t stored = 0;
  const auto judge = [&](std::string text) {
    const bool storable = baton::is_storable_text(text);
    stored += storable;
    if (storable != Value::parse("\"" + text + "\"").ok()) FAIL_CHECK(Value::of_string(text).json());
  };
  for (int first = 0x80; first < 0x100; ++first)
    for (int second = 0x20; second < 0x100; ++second) {
      if (second == '"' || second == '\\') continue;
      const std::string two{char(first), char(second)};
      judge(two);
      for (const char third : {'\x7F', '\x80', '\xBF', '\xC0'}) {
        judge(two + third);
        for (const char fourth : {'\x7F', '\x80', '\xBF', '\xC0'})
          if (first >= 0xEF && third < 0) judge(two + third + fourth);
      }
    }
  CHECK(stored > 5'000);
  CHECK_FALSE(baton::is_storable_text(std::string("a\0", 2)));
}

TEST_CASE("texts of the world become storable strings") {
  CHECK(Value::of_string("plain \"quoted\"\n").json() == "\"plain \\\"quoted\\\"\\n\"");
  CHECK(Value::of_string(std::string_view("a\0b", 3)).json() ==
        "\"a\xEF\xBF\xBD"
        "b\"");
  CHECK(Value::of_string("caf\xC3\xA9").json() == "\"caf\xC3\xA9\"");
  CHECK(Value::of_string("\xFF\xFE").json() == "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
  CHECK(Value::of_string("cut \xC3").json() == "\"cut \xEF\xBF\xBD\"");
}

TEST_CASE("equality is Python's: numbers and booleans are one kind, objects have no order") {
  CHECK(python_equal("1", "1.0"));
  CHECK(python_equal("1", "true"));
  CHECK(python_equal("0", "false"));
  CHECK(python_equal("18446744073709551615", "18446744073709551615"));
  CHECK(python_equal("{\"a\": [1, true], \"b\": 0}", "{\"b\": false, \"a\": [1.0, 1]}"));
  CHECK_FALSE(python_equal("18446744073709551615", "-1"));
  CHECK_FALSE(python_equal("1", "\"1\""));
  CHECK_FALSE(python_equal("0", "null"));
  CHECK_FALSE(python_equal("[]", "{}"));
  CHECK_FALSE(python_equal("{\"a\": 1}", "{\"a\": 1, \"b\": 1}"));
  CHECK_FALSE(python_equal("[1, 2]", "[2, 1]"));
}
