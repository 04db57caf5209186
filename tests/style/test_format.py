import unittest

from check_format import check
from planted import PlantedTest

STYLE = {".clang-format": "BasedOnStyle: Google\n"}


class Format(PlantedTest):
    def test_formatted_code_passes(self):
        self.assertEqual([], self.found(check, {**STYLE, "a.cc": "int f() { return 1; }\n"}))

    def test_the_first_badly_laid_out_line_is_named_and_nothing_is_written(self):
        text = "int f() { return 1; }\nint   g( ) {return 2;}\nint   h;\n"
        self.assertEqual([("a.cc", 2)], self.found(check, {**STYLE, "a.cc": text}))
        self.assertEqual(text, (self.root / "a.cc").read_text())

    def test_settings_that_clang_format_refuses_are_caught(self):
        self.assertEqual([(".clang-format", 1)],
                         self.found(check, {".clang-format": "NoSuchOption: 1\n", "a.cc": "int a;\n"}))


if __name__ == "__main__":
    unittest.main()
