#!/usr/bin/env python3
"""Looks at the tree and changes nothing: `make verify`. Says file, line and what to do for all that it finds."""

import sys
import time
from pathlib import Path

import check_bounds
import check_coroutines
import check_format
import check_guarantees
import check_includes
import check_readme
import check_sizes
import check_test_names
import check_units
from tree import Tree

CHECKS = {
    "format": check_format.check,
    "includes": check_includes.check,
    "coroutines": check_coroutines.check,
    "sizes": check_sizes.check,
    "test names": check_test_names.check,
    "readme": check_readme.check,
    "bounds": check_bounds.check,
    "guarantees": check_guarantees.check,
    "units": check_units.check,
}


def main(root):
    tree = Tree.of_git(root)
    begun = time.monotonic()
    found = 0
    for name, check in CHECKS.items():
        problems = sorted(set(check(tree)))
        for problem in problems:
            print(f"{problem}  [{name}]")
        found += len(problems)
    print(f"verify: {len(CHECKS)} checks ({', '.join(CHECKS)}) on {len(tree.names)} files in "
          f"{time.monotonic() - begun:.1f} s: {f'{found} problems' if found else 'all well'}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()))
