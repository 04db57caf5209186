"""Names of test cases reach ctest whole: CMake's lists cut them at a semicolon."""

import re

from source import line_of
from tree import Problem

NAME = re.compile(r'\b(?:TEMPLATE_)?TEST_CASE(?:_METHOD)?\(\s*(?:[A-Za-z_]\w*\s*,\s*)?((?:"(?:[^"\\]|\\.)*"\s*)+)')


def check(tree):
    for name in tree.ending(".cc"):
        text = tree.read(name)
        for case in NAME.finditer(text):
            if ";" in case[1]:
                yield Problem(name, line_of(text, case.start()), "the test's name has a ';': ctest would not find it",
                              "write it with a comma, or as two tests")
