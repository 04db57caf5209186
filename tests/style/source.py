"""C++ source with comments and literals blanked out, so that the checks see code only; lines stay where they were."""

import re

TOKEN = re.compile(r"""
    //[^\n]*
  | /\*.*?\*/
  | R"(?P<fence>[^(\s]{0,16})\(.*?\)(?P=fence)"
  | "(?:\\.|[^"\\\n])*"
  | (?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])+'
""", re.VERBOSE | re.DOTALL)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def code_only(text):
    def replace(match):
        token = match.group()
        # A literal keeps its quotes: it is still an operand.
        return blank(token) if token[0] == "/" else '"' + blank(token[1:-1]) + '"'
    return TOKEN.sub(replace, text)


def without_directives(code):
    """Preprocessor lines blanked too, with the lines that a backslash joins to them."""
    return re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda match: blank(match.group()), code, flags=re.MULTILINE)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1
