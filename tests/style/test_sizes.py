import unittest

from check_sizes import FILE_LINES_MAX, FUNCTION_LINES_MAX, check
from planted import PlantedTest


def body(lines):
    """What stands between the braces of a function of so many lines in all."""
    return "  step();\n" * (lines - 2)


class Sizes(PlantedTest):
    def test_a_file_may_have_so_many_lines_and_no_more(self):
        self.assertEqual([], self.found(check, {"a.cc": "// x\n" * FILE_LINES_MAX}))
        for name in ("a.cc", "a.h", "a.py", "a.sh"):
            with self.subTest(name):
                self.assertEqual([(name, FILE_LINES_MAX + 1)],
                                 self.found(check, {name: "# x\n" * (FILE_LINES_MAX + 1)}))

    def test_a_function_may_have_so_many_lines_and_no_more(self):
        for head in ("void f(int a) {", "void A::f() const noexcept {", "auto f() -> std::vector<int> {",
                     "template <class T> void f(T t) const {", "A::A(int a) : b_{a}, c_(a) {",
                     'TEST_CASE("a { story", "[x]") {', "auto f = [](int a) {"):
            with self.subTest(head):
                self.assertEqual([], self.found(check, {"a.cc": text_of(head, FUNCTION_LINES_MAX)}))
                self.assertEqual([("a.cc", 2)],
                                 self.found(check, {"a.cc": text_of(head, FUNCTION_LINES_MAX + 1)}))

    def test_a_long_class_or_namespace_is_no_function(self):
        members = "  void f() {\n    step();\n  }\n" * 40
        for head in ("class A : public B<int()> {", "struct A {", "namespace a {", "enum class E {"):
            with self.subTest(head):
                self.assertEqual([], self.found(check, {"a.cc": f"{head}\n{members}}};\n"}))

    def test_a_macro_s_braces_do_not_count(self):
        self.assertEqual([], self.found(check, {"a.cc": "#define OPEN \\\n  {\n" + "void f() {\n}\n" * 60}))

    def test_a_python_function_counts_too(self):
        self.assertEqual([("a.py", 1)],
                         self.found(check, {"a.py": "def f():\n" + "    step()\n" * FUNCTION_LINES_MAX}))


def text_of(head, lines):
    return f"namespace n {{\n{head}\n{body(lines)}}}\n}}\n"


if __name__ == "__main__":
    unittest.main()
