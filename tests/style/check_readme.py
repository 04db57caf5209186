"""The README's folder table names exactly the folders that there are."""

import re

from tree import Problem

ROW = re.compile(r"^\|\s*`([\w.-]+)/`\s*\|", re.MULTILINE)


def check(tree):
    if "README.md" not in tree.names:
        yield Problem("README.md", 1, "README.md is missing", "write it, with a table whose first column is `folder/`")
        return
    text = tree.read("README.md")
    rows = {match[1]: text.count("\n", 0, match.start()) + 1 for match in ROW.finditer(text)}
    # Hidden folders are a tool's, not ours to explain.
    folders = {name.partition("/")[0] for name in tree.names if "/" in name and not name.startswith(".")}
    last = max(rows.values(), default=1)
    for folder in sorted(folders - rows.keys()):
        yield Problem("README.md", last, f"the folder table lacks {folder}/", f"add a row: | `{folder}/` | what it is |")
    for folder in sorted(rows.keys() - folders):
        yield Problem("README.md", rows[folder], f"the folder table names {folder}/, which does not exist",
                      "remove the row, or name the folder as it is called now")
