#include "client/command/text_diff.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>

using namespace baton::client;

namespace {

using Lines = std::vector<std::string>;

/// What both have, as the diff sees it from each side.
Lines kept(const Lines& lines, const std::vector<bool>& gone) {
  Lines rest;
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (!gone[i]) rest.push_back(lines[i]);
  return rest;
}

/// The length of a longest common subsequence.
std::size_t longest_common(const Lines& a, const Lines& b) {
  std::vector<std::size_t> row(b.size() + 1, 0);
  for (const auto& line : a) {
    std::size_t diagonal = 0;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = line == b[j - 1] ? diagonal + 1 : std::max(row[j], row[j - 1]);
      diagonal = above;
    }
  }
  return row.back();
}

/// Few different lines, so that many of them are alike.
class Dice {
 public:
  std::size_t below(std::size_t bound) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::size_t>(state_ >> 33) % bound;
  }
  std::string text(std::size_t lines_max) {
    std::string text;
    for (std::size_t lines = below(lines_max); lines > 0; --lines)
      text += std::string(1, static_cast<char>('a' + below(4))) + "\n";
    return text;
  }

 private:
  std::uint64_t state_ = 7;
};

}  // namespace

TEST_CASE("a diff says which lines are not in the other text, and they are as few as can be") {
  Dice dice;
  for (int round = 0; round < 3000; ++round) {
    const std::string before = dice.text(24), after = dice.text(24);
    INFO(before << "----\n" << after);
    const auto diff = line_diff(before, after);
    const Lines rest = kept(diff.before, diff.removed);
    REQUIRE(rest == kept(diff.after, diff.added));
    REQUIRE(rest.size() == longest_common(diff.before, diff.after));
  }
}

TEST_CASE("the same text has no diff") {
  CHECK(unified_diff("a\nb\n", "a\nb\n", "x", "y").empty());
  CHECK(unified_diff("", "", "x", "y").empty());
}

TEST_CASE("a diff is told as diff -u tells it") {
  CHECK(unified_diff("1\n2\n3\n4\n5\n6\n7\n8\n", "1\n2\n3\n4\nfive\n6\n7\n8\n", "x@1", "x@2") ==
        "--- x@1\n+++ x@2\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
  CHECK(unified_diff("", "a\nb\n", "x", "y") == "--- x\n+++ y\n@@ -0,0 +1,2 @@\n+a\n+b\n");
  CHECK(unified_diff("a\n", "", "x", "y") == "--- x\n+++ y\n@@ -1 +0,0 @@\n-a\n");
  CHECK(unified_diff("a\nb", "a\nb\n", "x", "y") ==
        "--- x\n+++ y\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n+b\n");
}

TEST_CASE("changes whose lines around touch are one hunk, others are two") {
  const std::string before = "a\n1\n2\n3\n4\n5\n6\nb\n";
  CHECK(unified_diff(before, "A\n1\n2\n3\n4\n5\n6\nB\n", "x", "y") ==
        "--- x\n+++ y\n@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
  CHECK(unified_diff("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n", "x", "y") ==
        "--- x\n+++ y\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
}

TEST_CASE("texts that have nothing in common are told apart, however long they are") {
  std::string before, after;
  for (int i = 0; i < 50'000; ++i) {
    before += "before " + std::to_string(i) + "\n";
    after += "after " + std::to_string(i) + "\n";
  }
  const auto diff = line_diff("same\n" + before + "end\n", "same\n" + after + "end\n");
  CHECK(kept(diff.before, diff.removed) == Lines{"same\n", "end\n"});
  CHECK(kept(diff.after, diff.added) == Lines{"same\n", "end\n"});
}
