import unittest

from check_test_names import check
from planted import PlantedTest


class TestNames(PlantedTest):
    def test_a_name_that_would_be_cut_is_caught_however_it_is_laid_out(self):
        for case in ('TEST_CASE("a; b") {}', 'TEST_CASE_METHOD(Story, "a; b") {}', 'TEST_CASE("a "\n          "b; c") {}',
                     'TEMPLATE_TEST_CASE("a; b", "[contract]", A, B) {}', 'HOOK_TEST("a; b") {}'):
            self.assertEqual([("tests/a_test.cc", 2)], self.found(check, {"tests/a_test.cc": f"\n{case}\n"}), case)

    def test_other_semicolons_pass(self):
        self.assertEqual([], self.found(check, {"tests/a_test.cc": 'TEST_CASE("a, b") { run("x; y"); }\n'}))


if __name__ == "__main__":
    unittest.main()
