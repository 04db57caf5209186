#include "common/model/name_list.h"

#include <catch2/catch.hpp>

using namespace baton;

TEST_CASE("names that are known are listed, bounded") {
  CHECK(name_list({}) == "none");
  CHECK(name_list({"a"}) == "a");
  CHECK(name_list({"a", "b", "c"}) == "a, b, c");
  CHECK(name_list({"a", "b", "c"}, 2) == "a, b and 1 more");
  CHECK(name_list(std::vector<std::string>(1'000, std::string(1'000, 'x'))).size() < 20 * 106 + 20);
}

TEST_CASE("a name that is too long for a message is cut between characters") {
  CHECK(shown_name("create-cluster") == "create-cluster");
  CHECK(shown_name("caf\xC3\xA9", 5) == "caf\xC3\xA9");
  CHECK(shown_name("caf\xC3\xA9s", 5) == "caf\xC3\xA9…");
  CHECK(shown_name("caf\xC3\xA9s", 4) == "caf…");
  CHECK(shown_name("").empty());
}

TEST_CASE("texts are joined, all of them", "[model]") {
  CHECK(joined({}) == "");
  CHECK(joined({"a"}) == "a");
  CHECK(joined({"", "b", ""}) == ", b, ");
  CHECK(joined({"a", "b"}, " ") == "a b");
}

TEST_CASE("what is counted is one or many", "[model]") {
  CHECK(counted(0, "task") == "0 tasks");
  CHECK(counted(1, "retry", "retries") == "1 retry");
  CHECK(counted(2, "retry", "retries") == "2 retries");
}

TEST_CASE("no terminal obeys a name that is shown, and it is UTF-8") {
  CHECK(shown_name("a\x1b[2J\n\x7F") == "a?[2J??");
  CHECK(shown_name("a\tb") == "a b");
  CHECK(shown_name("a\xFF") == "a\xEF\xBF\xBD");
  CHECK(shown_text("a\x1b[2J\n\x7F", 100) == "a?[2J\n?");
  CHECK(shown_text("a\nb", 2) == "a\n…");
  // U+009B is ESC and '[' in one; U+00A0 is a blank.
  CHECK(shown_name("a\xC2\x9B"
                   "2J\xC2\xA0") == "a?2J\xC2\xA0");
  CHECK(shown_text("\xC2\x80\xC2", 100) == "?\xEF\xBF\xBD");
}
