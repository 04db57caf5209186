import unittest

import check_bounds
from planted import PlantedTest

CODE = """#pragma once
inline constexpr std::size_t kQueuedMax = 100'000;  // at it work is refused
constexpr Millis kPauseMax{
    1'000};  // longer
inline constexpr Setting<std::int64_t> kFlowsMax{
    .name = "conductor.flows_max", .doc = "Held; at it nothing more is claimed.", .fallback = 2'000, .min = 1};
inline constexpr Millis kShort{30'000}, kLongMax{600'000};
constexpr auto kYearMax{std::chrono::hours{24 * 365}};
struct Bounds {
  std::size_t atoms_max = 2'000'000;  // … in all
  std::size_t counted_max = 0;
};
void f(std::size_t given_max = kQueuedMax);
"""
PAGE = """## `common/a.h`

| bound | value | what happens at it |
| --- | --- | --- |
| `kQueuedMax` | `100'000` | refused |
| `kPauseMax` | `1'000 ms` | no longer |
| `conductor.flows_max` | `2'000` | nothing is claimed |
| `kLongMax` | `600'000 ms` | cut |
| `kYearMax` | `std::chrono::hours{24 * 365}` | a year |
| `atoms_max` | `2'000'000` | likewise |
"""


class Bounds(PlantedTest):
    def said(self, code=CODE, page=PAGE):
        return [problem.what for problem in check_bounds.check(self.tree({"common/a.h": code, check_bounds.PAGE: page}))]

    def test_a_page_that_has_them_all_passes(self):
        self.assertEqual([], self.said())

    def test_a_bound_that_is_not_on_the_page_is_told(self):
        self.assertEqual(["the bound kNewMax is not in docs/bounds.md"], self.said(CODE + "constexpr int kNewMax = 7;\n"))

    def test_a_value_that_has_changed_is_told(self):
        self.assertEqual(["kPauseMax of common/a.h is 2'000 ms now"], self.said(CODE.replace("1'000}", "2'000}")))

    def test_a_value_in_two_pairs_of_braces_is_seen_whole(self):
        self.assertEqual(["kYearMax of common/a.h is std::chrono::hours{24 * 365 + 6} now"],
                         self.said(CODE.replace("24 * 365}", "24 * 365 + 6}")))

    def test_a_page_that_is_missing_is_told(self):
        problems = list(check_bounds.check(self.tree({"common/a.h": CODE})))
        self.assertEqual(["the page of bounds is missing"], [problem.what for problem in problems])

    def test_a_bound_that_is_gone_is_told(self):
        self.assertEqual(["common/a.h has no bound atoms_max"], self.said(CODE.replace("  std::size_t atoms_max = 2'000'000;", "")))

    def test_a_row_without_words_is_told(self):
        self.assertEqual(["nothing is said of kQueuedMax"], self.said(page=PAGE.replace(" refused ", "  ")))

    def test_the_tests_own_bounds_are_no_matter(self):
        tree = self.tree({"common/a.h": CODE, "tests/b.h": "constexpr int kTriesMax = 3;\n", check_bounds.PAGE: PAGE})
        self.assertEqual([], list(check_bounds.check(tree)))

    def test_the_draft_has_what_is_new_and_keeps_the_words(self):
        tree = self.tree({"common/a.h": CODE + "constexpr int kNewMax = 7;\n", check_bounds.PAGE: PAGE})
        draft = "\n".join(check_bounds.draft(tree))
        self.assertIn("| `kNewMax` | `7` |  |", draft)
        self.assertIn("| `kPauseMax` | `1'000 ms` | no longer |", draft)


if __name__ == "__main__":
    unittest.main()
