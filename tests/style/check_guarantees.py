"""docs/guarantees.md names tests that there are, and nothing of PROTOCOL.md is left without one."""

import re

from check_test_names import names_in
from source import line_of
from tree import Problem

PAGE = "docs/guarantees.md"
PROMISES = [f"P{number}" for number in range(1, 8)]
RULES = [f"I{number}" for number in range(1, 26)]
STORIES = [f"H{number}" for number in range(1, 37)]

# Stories that no test is named after yet. None: it stays so.
NOT_YET = ()

# A promise is a chapter, a rule or a story is a row; tests stand in a chapter anywhere, in a row in its last cell.
ENTRY = re.compile(r"^### (?P<promise>P\d+)\b(?P<chapter>.*?)(?=^[#|]|\Z)"
                   r"|^\| (?P<row>[IH]\d+) \|(?P<cells>[^\n]*)\|(?P<tests>[^|\n]*)\|$", re.MULTILINE | re.DOTALL)
CITED = re.compile(r'"([^"\n]+)"|`([^`\n]+)`|\[[^\]\n]*\]\(([^)\n]+)\)')
PATH = re.compile(r"`([\w.-]+/[\w./-]*)`")

PYTHON_TEST = re.compile(r"^\s+def (test_\w+)\(", re.MULTILINE)
FAULT = re.compile(r"^fault (\w+)$", re.MULTILINE)
CHECKER = re.compile(r"tests/simulation/(check_\w+)\.cc$")
CTEST = re.compile(r'^\s*(?:baton_(?:python|end_to_end|simulation)_test\(|add_test\(NAME )"([^"$]+)"', re.MULTILINE)
CTEST_PREFIX = {"baton_end_to_end_test": "end to end: ", "baton_simulation_test": "simulation: "}


def ctest_names(text):
    for test in CTEST.finditer(text):
        yield CTEST_PREFIX.get(test[0].strip().partition("(")[0], "") + test[1]


def known(tree):
    """All that can be cited: test cases, Python's tests, ctest's own, checkers of the simulator, planted faults."""
    names = {match[1] for match in map(CHECKER.match, tree.names) if match}
    for name in tree.names:
        if not name.startswith("tests/"):
            continue
        if name.endswith(".cc"):
            names.update(case for _, case in names_in(tree.read(name)))
        elif name.endswith(".py"):
            names.update(PYTHON_TEST.findall(tree.read(name)))
        elif name.endswith(".faults"):
            names.update(FAULT.findall(tree.read(name)))
        elif name.endswith("CMakeLists.txt"):
            names.update(ctest_names(tree.read(name)))
    return names


def named_after(entry, test):
    return test.startswith(f"{entry}:") or f"test_{entry.lower()}_" in test


def check_entry(tree, entry, line, tests, names):
    tested = decided = False
    for cited in CITED.finditer(tests):
        test, linked = cited[1] or cited[2], cited[3]
        if linked:
            decided |= linked.startswith("decisions/")
            if f"docs/{linked}" not in tree.names:
                yield Problem(PAGE, line, f"{entry} links to docs/{linked}, which does not exist", "mend the link")
        elif test not in names:
            yield Problem(PAGE, line, f"{entry} names a test that does not exist: {test}",
                          "write it exactly as the test is called now, without its program's name")
        else:
            tested |= not entry.startswith("H") or named_after(entry, test)
    if not (tested or decided or entry in NOT_YET):
        yield Problem(PAGE, line, f"{entry} has no test" + (" named after it" if entry.startswith("H") else ""),
                      f"name one{f' that begins with {entry}:' if entry.startswith('H') else ''}, or link the decision")
    if (tested or decided) and entry in NOT_YET:
        yield Problem(PAGE, line, f"{entry} has its test now", "take it out of NOT_YET in tests/style/check_guarantees.py")


def check_paths(tree, entry, line, cells):
    for path in PATH.findall(cells):
        if path not in tree.names and not any(name.startswith(path.rstrip("/") + "/") for name in tree.names):
            yield Problem(PAGE, line, f"{entry} is said to be in {path}, which does not exist", "say where it is now")


def check(tree):
    if PAGE not in tree.names:
        return
    text = tree.read(PAGE)
    names = known(tree)
    found = []
    for match in ENTRY.finditer(text):
        entry, line = match["promise"] or match["row"], line_of(text, match.start())
        found.append(entry)
        yield from check_entry(tree, entry, line, match["chapter"] or match["tests"], names)
        yield from check_paths(tree, entry, line, match["cells"] or "")
    for entry in PROMISES + RULES + STORIES:
        if found.count(entry) != 1:
            yield Problem(PAGE, 1, f"{entry} is there {found.count(entry)} times",
                          "a promise is a chapter '### P1', a rule or a story a row '| I1 | … |', each once")
