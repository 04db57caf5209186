#include <catch2/catch.hpp>

#include "common/model/job.h"

using namespace baton;

namespace {

std::string refusal(std::string_view bytes) {
  const auto posting = Posting::parse(bytes);
  return posting.ok() ? "accepted" : posting.error().message;
}

}  // namespace

TEST_CASE("a posting as Python writes it is read, and kept to the byte") {
  const std::string bytes =
      "{\"uuid\": \"u-1\", \"name\": \"job-\\u00e9\", \"priority\": \"very_high\", \"details\": {\"store\": "
      "{\"x\": 1}}, "
      "\"book\": {\"name\": \"bk\", \"uuid\": \"b\"}, \"extra\": [1]}";
  const auto posting = Posting::parse(bytes);
  REQUIRE(posting.ok());
  CHECK(posting->uuid.value == "u-1");
  CHECK(posting->name == "job-\xC3\xA9");
  CHECK(posting->priority == Priority::VeryHigh);
  CHECK(posting->run == 1);
  CHECK(posting->raw.json() == bytes);
  CHECK(posting->book.has_value());
}

TEST_CASE("TaskFlow's rules for what may be missing") {
  const auto posting = Posting::parse("{\"uuid\": \"u\", \"name\": \"n\", \"details\": null}");
  REQUIRE(posting.ok());
  CHECK(posting->priority == Priority::Normal);
  CHECK(posting->details.json() == "{}");
  CHECK_FALSE(posting->book.has_value());
}

TEST_CASE("malformed postings are refused with what is wrong") {
  CHECK(refusal("not json") == "it is not JSON: syntax error (at byte 0)");
  CHECK(refusal("") == "it ends in the middle of a value (at byte 0)");
  CHECK(refusal(std::string(kMiB + 1, 'x')) == "it has 1048577 bytes, the limit is 1048576");
  CHECK(refusal("[1]") == "it is no JSON object");
  CHECK(refusal("{\"name\": \"n\"}") == "it has no string 'uuid'");
  CHECK(refusal("{\"uuid\": \"u\"}") == "it has no string 'name'");
  CHECK(refusal("{\"uuid\": \"u\", \"name\": \"n\", \"priority\": \"URGENT\"}") ==
        "its priority \"URGENT\" is not known; known: VERY_LOW, LOW, NORMAL, HIGH, VERY_HIGH");
  CHECK(refusal("{\"uuid\": \"u\", \"name\": \"n\", \"priority\": null}") ==
        "its priority null is not known; known: VERY_LOW, LOW, NORMAL, HIGH, VERY_HIGH");
  CHECK(refusal("{\"uuid\": \"u\", \"name\": \"n\", \"priority\": \"" + std::string(100'000, 'x') + "\"}")
            .size() < 250);
  CHECK(refusal("{\"uuid\": \"u\", \"name\": \"n\", \"run\": 0}") ==
        "its 'run' is no whole number from 1 on");
}

TEST_CASE("a posting that we make is read back the same") {
  const auto details = Value::parse("{\"factory\": {\"name\": \"create-cluster\"}}");
  const auto made = Posting::make(JobId("u"), "n \"q\"", Priority::Low, details.value(), std::nullopt, 3);
  REQUIRE(made.ok());
  const auto read = Posting::parse(made->raw.json());
  REQUIRE(read.ok());
  CHECK(read->name == "n \"q\"");
  CHECK(read->priority == Priority::Low);
  CHECK(read->run == 3);
}

TEST_CASE("a posting for another run keeps what we do not know") {
  const auto first = Posting::parse(
      R"({"uuid": "u", "name": "n", "priority": "HIGH", "details": {"store": {"a": 1.5}}, "book": {"name": "b"}, "theirs": [1]})");
  REQUIRE(first.ok());
  const auto next = first->for_run(7);
  REQUIRE(next.ok());
  CHECK(next->run == 7);
  CHECK(next->uuid == first->uuid);
  CHECK(next->priority == Priority::High);
  CHECK(next->details == first->details);
  CHECK(next->book == first->book);
  CHECK(next->raw.tree().at("theirs").at(0) == 1);
  CHECK(next->for_run(8)->run == 8);
}

TEST_CASE("the posting of another run has the same content, also where no double holds a number") {
  const auto first = Posting::parse(
      " {\"details\": {\"request\": 138165682230519737718968640517565917092, \"epsilon\": "
      "2.3275586771147116e-07},"
      "\"run\" : 1, \"uuid\": \"u\", \"name\": \"n\\u00e9\"} ");
  REQUIRE(first.ok());
  for (std::uint32_t run : {2u, 3u}) {
    const auto next = first->for_run(run);
    REQUIRE(next.ok());
    CHECK(next->details == first->details);
    CHECK(next->name == first->name);
    CHECK(next->raw.json().find("138165682230519737718968640517565917092") != std::string_view::npos);
    CHECK(next->for_run(run + 1)->details == first->details);
  }
}

TEST_CASE("a posting that ZooKeeper would refuse is refused before it is sent") {
  const auto details = Value::of_string(std::string(kPostingBytesMax, 'x'));
  const auto made = Posting::make(JobId("u"), "n", Priority::Low, details);
  REQUIRE(!made.ok());
  CHECK(made.error().message.find("the limit is 524288") != std::string::npos);
}

TEST_CASE("details and book of a posting keep their bytes, whoever posts it again") {
  const std::string details = R"({"store": {"x": 12345678901234567890123, "y": 1.50}})",
                    book = R"({"uuid": "b",  "n": 1e2})";
  const auto posting =
      Posting::parse(R"({"uuid": "u", "name": "n", "details": )" + details + R"(, "book": )" + book + "}");
  REQUIRE(posting.ok());
  CHECK(posting->details.json() == details);
  CHECK(posting->book->json() == book);
  const auto again = Posting::make(posting->uuid, "n", Priority::Normal, posting->details, posting->book, 2);
  REQUIRE(again.ok());
  CHECK(again->details.json() == details);
  CHECK(again->for_run(3)->book->json() == book);
}
