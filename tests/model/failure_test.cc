#include "common/model/failure.h"

#include <catch2/catch.hpp>

#include "common/model/ids.h"
#include "common/model/time.h"

using namespace baton;

TEST_CASE("a failure survives being stored") {
  const auto failure = Failure::make("Quota", "no \"room\"", Value::parse("{\"limit\": 3}").value());
  CHECK(Failure::from_value(failure.to_value()).type == "Quota");
  CHECK(Failure::from_value(failure.to_value()).message == "no \"room\"");
  CHECK(Failure::from_value(failure.to_value()).details.tree() == failure.details.tree());
}

TEST_CASE("a long message is cut at a character's border and says so") {
  std::string message;
  while (message.size() < kFailureTextBytesMax + 10) message += "\xC3\xA9";
  const auto failure = Failure::make("T", message);
  CHECK(failure.message.size() <= kFailureTextBytesMax);
  CHECK(failure.message.ends_with("\xC3\xA9 … (cut)"));
}

TEST_CASE("a failure's texts keep their bounds when what cannot be kept is replaced, and are made once") {
  const auto details = Value::of_string(std::string(kFailureTextBytesMax, '"'));
  const auto failure = Failure::make(std::string(200, '\xFF'), std::string(60'000, '\xFF'), details);
  CHECK(failure.type.size() <= kNameBytesMax);
  CHECK(failure.message.size() <= kFailureTextBytesMax);
  CHECK(failure.details.json().size() <= kFailureTextBytesMax);
  CHECK(Failure::make(failure.type, failure.message, failure.details) == failure);
  CHECK(Failure::from_value(failure.to_value()) == failure);
}

TEST_CASE("a failure's details keep the bytes that they had") {
  const auto failure =
      Failure::make("T", "m", Value::parse(R"({"b": 1.50, "a": 12345678901234567890123})").value());
  CHECK(Failure::from_value(failure.to_value()).details.json() == failure.details.json());
}

TEST_CASE("a uuid is read in its one form only") {
  const auto uuid = Uuid::parse("0190A7c4-1b2d-4e3f-8a9b-0c1d2e3f4a5b");
  REQUIRE(uuid.has_value());
  CHECK(uuid->to_string() == "0190a7c4-1b2d-4e3f-8a9b-0c1d2e3f4a5b");
  for (const char* text : {"", "0190a7c41b2d4e3f8a9b0c1d2e3f4a5b", "0190a7c4-1b2d-4e3f-8a9b-0c1d2e3f4a5g",
                           "0190a7c4_1b2d-4e3f-8a9b-0c1d2e3f4a5b"})
    CHECK_FALSE(Uuid::parse(text).has_value());
}

TEST_CASE("a later claim has the larger epoch, also after ZooKeeper began anew") {
  CHECK(Epoch{1, 900} < Epoch{1, 901});
  CHECK(Epoch{1, 900} < Epoch{2, 3});
}

TEST_CASE("a result that cannot be kept is told with the place and what to do") {
  const auto value = Value::parse("{\"a\": \"x\\u0000\"}");
  REQUIRE_FALSE(value.ok());
  const auto failure = bad_result("the result cannot be kept", value.error());
  CHECK(failure.type == "BadResult");
  CHECK(failure.message ==
        "the result cannot be kept: a string holds the character U+0000, which Postgres cannot store (at "
        "byte 14)\n"
        "  hint: a result is JSON of at most 1048576 bytes, without U+0000 and infinite numbers; keep larger "
        "values "
        "elsewhere and return where they are");
}

TEST_CASE("time is told in UTC with microseconds") {
  CHECK(to_rfc3339(TimePoint(Micros(1'700'000'000'123'456))) == "2023-11-14T22:13:20.123456Z");
  CHECK(to_rfc3339(TimePoint(Micros(1'700'000'000'000'007))) == "2023-11-14T22:13:20.000007Z");
  CHECK(to_rfc3339(TimePoint(Micros(-1))) == "1969-12-31T23:59:59.999999Z");
}
