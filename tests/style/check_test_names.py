"""Names of test cases, also of macros of our own (…_TEST), reach ctest whole: CMake's lists cut them at a semicolon."""

import re

from source import line_of
from tree import Problem

NAME = re.compile(r'\b(?:(?:TEMPLATE_)?TEST_CASE(?:_METHOD)?|[A-Z]+_TEST)\(\s*(?:[A-Za-z_]\w*\s*,\s*)?((?:"(?:[^"\\]|\\.)*"\s*)+)')
LITERAL = re.compile(r'"((?:[^"\\]|\\.)*)"')


def names_in(text):
    """(offset, name) of every test case."""
    for case in NAME.finditer(text):
        yield case.start(), "".join(LITERAL.findall(case[1])).replace('\\"', '"')


def check(tree):
    for name in tree.ending(".cc"):
        text = tree.read(name)
        for offset, case in names_in(text):
            if ";" in case:
                yield Problem(name, line_of(text, offset), "the test's name has a ';': ctest would not find it",
                              "write it with a comma, or as two tests")
