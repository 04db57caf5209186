"""docs/bounds.md has every bound of the code whose name ends in Max or _max, with its value, and no other; what happens at it
is the page's own word."""

import re
import sys
from pathlib import Path

from source import line_of
from tree import Problem, Tree

PAGE = "docs/bounds.md"
FOLDERS = ("common/", "conductor/", "worker/", "engine/", "flowfile/", "local/", "client/", "doctor/", "guardian/", "libbaton/", "sdk/")

# `kQueuedMax = 5;`, `kPauseMax{5};`, also behind others; a member `flows_max = 5;`; a setting, whose name and value stand inside.
CONSTANTS = re.compile(r"^[ \t]*(?:inline |static )*constexpr (?P<type>[\w:<> ]+?) (?P<rest>k\w+\s*[={][^;]*);", re.MULTILINE)
ONE = re.compile(r"(?P<name>\bk\w*Max)\s*(?P<value>=[^,;]*|\{(?:[^{}]|\{[^{}]*\})*\})")
MEMBER = re.compile(r"^ +(?P<type>[\w:<>]+) (?P<name>[a-z]\w*_max)\s*(?P<value>[={][^;()]*);", re.MULTILINE)
SETTING = re.compile(r'\.name = "(?P<name>[^"]+)".*?\.fallback = (?P<value>[^,\n]*)', re.DOTALL)
COMMENT = re.compile(r"//[^\n]*")

HEADING = re.compile(r"^## `(?P<file>[^`]+)`$", re.MULTILINE)
ROW = re.compile(r"^\| `(?P<name>[^`]+)` \| `(?P<value>[^`]+)` \|(?P<word>[^\n]*)\|$", re.MULTILINE)


UNITS = {"Millis": " ms", "Micros": " µs", "seconds": " s"}


def plain(value, kind=""):
    words = " ".join(COMMENT.sub("", value).strip().removeprefix("=").split())
    if words.startswith("{"):
        words = words[1:-1].strip()
    return words + next((unit for name, unit in UNITS.items() if name in kind and re.fullmatch(r"[\d']+", words)), "")


def constants_in(text):
    for match in CONSTANTS.finditer(text):
        if "Setting<" in match["type"]:
            if match["rest"].split("{")[0].strip().endswith("Max"):
                inside = SETTING.search(text, match.start())  # its text may hold a semicolon
                yield match.start("rest"), inside["name"], plain(inside["value"], match["type"])
            continue
        for one in ONE.finditer(text, match.start("rest"), match.end("rest")):
            yield one.start(), one["name"], plain(one["value"], match["type"])


def bounds_in(text):
    """(line, name, value) in their order."""
    members = [(match.start("name"), match["name"], plain(match["value"], match["type"])) for match in MEMBER.finditer(text)]
    for at, name, value in sorted([*constants_in(text), *members]):
        if "numeric_limits" not in value and value != "0":  # of a type; reckoned later
            yield line_of(text, at), name, value


def in_code(tree):
    """{(file, name): (line, value)}"""
    return {(name, bound): (line, value)
            for name in tree.ending(".h", ".cc") if name.startswith(FOLDERS) for line, bound, value in bounds_in(tree.read(name))}


def on_page(text):
    """{(file, name): (line, value, word)}"""
    found = {}
    headings = [*HEADING.finditer(text)]
    for heading, end in zip(headings, [*(heading.start() for heading in headings[1:]), len(text)]):
        for row in ROW.finditer(text, heading.end(), end):
            found[heading["file"], row["name"]] = (line_of(text, row.start()), row["value"], row["word"].strip())
    return found


def check(tree):
    if PAGE not in tree.names:
        yield Problem(PAGE, 1, "the page of bounds is missing", "make it: python3 tests/style/check_bounds.py drafts its tables")
        return
    code, page = in_code(tree), on_page(tree.read(PAGE))
    for (file, bound), (line, value) in code.items():
        if (file, bound) not in page:
            yield Problem(file, line, f"the bound {bound} is not in {PAGE}", f"give it a row below ## `{file}`: value `{value}`, and what happens at it")
        elif page[file, bound][1] != value:
            yield Problem(PAGE, page[file, bound][0], f"{bound} of {file} is {value} now", "write it so, and look whether its words still hold")
    for (file, bound), (line, _, word) in page.items():
        if (file, bound) not in code:
            yield Problem(PAGE, line, f"{file} has no bound {bound}", "take its row away, or name it as it is called now")
        elif not word:
            yield Problem(PAGE, line, f"nothing is said of {bound}", "say what happens at it")


def draft(tree):
    """The page's tables as the code has them, with the words that the page has already."""
    known = on_page(tree.read(PAGE)) if PAGE in tree.names else {}
    file = None
    for (name, bound), (line, value) in in_code(tree).items():
        if name != file:
            yield f"\n## `{name}`\n\n| bound | value | what happens at it |\n| --- | --- | --- |"
            file = name
        yield f"| `{bound}` | `{value}` | {known.get((name, bound), (0, '', ''))[2]} |"


if __name__ == "__main__":
    print("\n".join(draft(Tree.of_git(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))))
