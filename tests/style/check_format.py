"""C++ is laid out by clang-format 14, the version that Debian 12 has."""

import re
import shutil
import subprocess

from tree import CPP, Problem

PROGRAM = "clang-format-14"
FOUND = re.compile(r"^(.*?):(\d+):\d+: (?:error|warning): code should be clang-formatted", re.MULTILINE)


def check(tree):
    names = tree.ending(*CPP)
    if not names:
        return
    if shutil.which(PROGRAM) is None:
        yield Problem(".clang-format", 1, f"{PROGRAM} is not installed", "run 'make setup'")
        return
    done = subprocess.run([PROGRAM, "--dry-run", "--Werror", "--style=file", *names], cwd=tree.root,
                          capture_output=True, text=True)
    seen = set()
    for match in FOUND.finditer(done.stderr):
        if match[1] not in seen:  # the first line of a file is enough
            seen.add(match[1])
            yield Problem(match[1], int(match[2]), "is not formatted", "run 'make fix'")
    if done.returncode != 0 and not seen:
        yield Problem(".clang-format", 1, f"{PROGRAM} failed: {done.stderr.strip()[:300]}", "mend .clang-format")
