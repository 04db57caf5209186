import unittest

import check_guarantees
from check_guarantees import PROMISES, RULES, STORIES
from planted import PlantedTest

TREE = {
    "engine/a.cc": "",
    "docs/decisions/0001-a.md": "",
    "tests/a_test.cc": 'TEST_CASE("it holds") {}\nTEST_CASE_METHOD(Story, "H2: " "a story") {}\n',
    "tests/test_a.py": "class A:\n    def test_h3_a_story(self):\n        pass\n",
    "tests/a.faults": "fault planted_one\nWhat it does.\n",
    "tests/simulation/check_ends.cc": "",
    "tests/CMakeLists.txt": 'baton_simulation_test("with faults" --seeds 100)\nadd_test(NAME "alone" COMMAND a)\n',
}


def page(**rows):
    """A page on which all is well, but for these entries."""
    entries = [rows.get(entry, f'### {entry} A promise\nText. "it holds"\n') for entry in PROMISES]
    entries += [rows.get(entry, f'| {entry} | rule | `engine/a.cc` | "it holds" |') for entry in RULES]
    entries += [rows.get(entry, f"| {entry} | breaks | does | [decided](decisions/0001-a.md) |") for entry in STORIES]
    return "\n".join(entries) + "\n"


class Guarantees(PlantedTest):
    def setUp(self):
        super().setUp()
        not_yet = check_guarantees.NOT_YET
        self.addCleanup(setattr, check_guarantees, "NOT_YET", not_yet)
        check_guarantees.NOT_YET = ()

    def said(self, **rows):
        return [problem.what for problem in check_guarantees.check(self.tree({**TREE, check_guarantees.PAGE: page(**rows)}))]

    def test_tests_of_every_kind_pass(self):
        self.assertEqual([], self.said(
            P1="### P1 A promise\n`check_ends`, \"simulation: with faults\",\n\"alone\"\n", I1="| I1 | r | `engine/` | `planted_one` |",
            H2='| H2 | breaks | does | "H2: a story" |', H3="| H3 | breaks | does | `test_h3_a_story` |"))

    def test_a_test_that_is_called_otherwise_is_told(self):
        self.assertIn("I2 names a test that does not exist: it held", self.said(I2='| I2 | r | w | "it held", "it holds" |'))

    def test_a_promise_without_a_test_is_told(self):
        self.assertEqual(["P7 has no test"], self.said(P7="### P7 A promise\nText.\n"))

    def test_a_story_wants_a_test_of_its_own_number(self):
        for tests in ('"it holds"', '"H2: a story"', "`planted_one`", ""):
            self.assertEqual(["H22 has no test named after it"], self.said(H22=f"| H22 | breaks | does | {tests} |"), tests)

    def test_a_link_to_no_decision_is_told(self):
        self.assertIn("I3 links to docs/decisions/0002-b.md, which does not exist",
                      self.said(I3='| I3 | r | w | "it holds", [0002](decisions/0002-b.md) |'))

    def test_a_rule_that_has_moved_is_told(self):
        self.assertEqual(["I4 is said to be in engine/b.cc, which does not exist"],
                         self.said(I4='| I4 | r | `engine/b.cc` | "it holds" |'))

    def test_an_entry_that_is_missing_or_there_twice_is_told(self):
        twice = "| H9 | breaks | does | [decided](decisions/0001-a.md) |"
        self.assertEqual(["H8 is there 0 times", "H9 is there 2 times"], self.said(H8="", H9=f"{twice}\n{twice}"))

    def test_what_may_be_missing_is_listed_until_it_is_there(self):
        check_guarantees.NOT_YET = ("H1", "H2")
        self.assertEqual(["H1 has its test now"], self.said(H2="| H2 | breaks | does | |"))

    def test_a_tree_without_the_page_is_not_ours(self):
        self.assertEqual([], self.found(check_guarantees.check, TREE))


if __name__ == "__main__":
    unittest.main()
