"""No braces inside a co_await expression: g++ 12 destroys an aggregate temporary there twice."""

import re

from source import code_only, line_of, without_directives
from tree import CPP, Problem

AWAIT = re.compile(r"\bco_await\b")


def check(tree):
    for name in tree.ending(*CPP):
        code = without_directives(code_only(tree.read(name)))
        for match in AWAIT.finditer(code):
            begin, end = expression_around(code, match.start(), match.end())
            at = code.find("{", begin, end)
            if at >= 0:
                yield Problem(name, line_of(code, at), "a brace inside a co_await expression",
                              "g++ 12 destroys such a temporary twice: name the value first, then await")


def expression_around(code, start, end):
    """From the outermost bracket that is open at the co_await to the end of its statement."""
    return open_bracket_before(code, start), end_of_expression(code, end)


def open_bracket_before(code, start):
    """Where the outermost open '(' or '[' of the statement is; the co_await itself if there is none."""
    outermost, closed = start, 0
    for at in range(start - 1, -1, -1):
        letter = code[at]
        if letter in ")]}":
            closed += 1
        elif letter in "([":
            if closed == 0:
                outermost = at
            else:
                closed -= 1
        elif letter == "{":
            if closed == 0:
                return outermost  # the block that the statement stands in
            closed -= 1
        elif letter == ";" and closed == 0:
            return outermost
    return outermost


def end_of_expression(code, end):
    opened = 0
    for at in range(end, len(code)):
        letter = code[at]
        if letter in "([":
            opened += 1
        elif letter in ")]":
            opened -= 1
            if opened < 0:
                return at
        elif letter in ";}" and opened <= 0:
            return at
        elif letter == "{" and opened == 0 and not ends_with_name(code[end:at]):
            return at  # for (x : co_await y) closes before; this is a block behind the whole expression
    return len(code)


def ends_with_name(text):
    """True for `Agg` in `co_await Agg{…}`: a brace behind a name makes a temporary."""
    return bool(re.search(r"[\w>]\s*$", text))
