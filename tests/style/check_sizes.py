"""Files and functions stay small enough to be read at once."""

import ast
import re

from source import code_only, line_of, without_directives
from tree import CPP, Problem

FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 90
SCOPE = re.compile(r"\b(?:namespace|class|struct|union|enum)\b|\bextern\s*\"")
TEMPLATE = re.compile(r"\btemplate\s*<(?:[^<>]|<(?:[^<>]|<[^<>]*>)*>)*>")
CONSTRUCTOR_MEMBERS = re.compile(r"\)\s*(?:noexcept\s*)?:(?!:)")


def check(tree):
    for name in tree.ending(*CPP, ".py", ".sh", ".cmake"):
        lines = tree.read(name).count("\n")
        if lines > FILE_LINES_MAX:
            yield Problem(name, FILE_LINES_MAX + 1, f"the file has {lines} lines, over {FILE_LINES_MAX}",
                          "split it by what its parts do; nothing is exempt")
    for name in tree.ending(*CPP):
        yield from too_long(name, cpp_functions(without_directives(code_only(tree.read(name)))))
    for name in tree.ending(".py"):
        yield from too_long(name, python_functions(tree.read(name)))


def too_long(name, functions):
    for line, lines in functions:
        if lines > FUNCTION_LINES_MAX:
            yield Problem(name, line, f"the function has {lines} lines, over {FUNCTION_LINES_MAX}",
                          "give its steps names of their own; nothing is exempt")


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1


def cpp_functions(code):
    """(line, number of lines) of every outermost block that belongs to something with parameters."""
    header = 0  # where the text begins that a brace would belong to
    at = 0
    while at < len(code):
        letter = code[at]
        if letter in ";}":
            header = at + 1
        elif letter == "{":
            text = code[header:at]
            if is_member_initializer(text):
                at = closing_brace(code, at)  # the header goes on behind a{1}
            elif "(" in text and not is_scope(text):
                end = closing_brace(code, at)
                first = header + len(text) - len(text.lstrip())
                yield line_of(code, first), line_of(code, end) - line_of(code, first) + 1
                at, header = end, end + 1
            else:
                header = at + 1
        at += 1


def is_scope(text):
    text = TEMPLATE.sub("", text)  # its `class T` is no class
    return bool(SCOPE.search(text)) and not text.rstrip().endswith(")")


def is_member_initializer(text):
    found = CONSTRUCTOR_MEMBERS.search(text)
    return bool(found) and bool(re.search(r"[\w>]\s*$", text[found.end():]))


def closing_brace(code, at):
    depth = 0
    for end in range(at, len(code)):
        depth += {"{": 1, "}": -1}.get(code[end], 0)
        if depth == 0:
            return end
    return len(code) - 1
