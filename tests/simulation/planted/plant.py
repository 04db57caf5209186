#!/usr/bin/env python3
"""For CMake. `plant.py list`: of each fault that can be planted its name and files, a line each; `plant.py write
NAME FILE COPY`: the file with the fault in it."""

import sys
from pathlib import Path

from fault import ROOT, Misfit, plant, read_all


def main(arguments):
    try:
        if arguments == ["list"]:
            for fault in read_all():
                if fault.changes:
                    print(fault.name, *fault.files())
        else:
            write(*arguments[1:])
    except Misfit as misfit:
        sys.exit(f"tests/simulation/planted/{misfit}")


def write(name, file, copy):
    fault = next(fault for fault in read_all() if fault.name == name)
    text = plant(fault, file, (ROOT / file).read_text())
    copy = Path(copy)
    copy.parent.mkdir(parents=True, exist_ok=True)
    if not copy.exists() or copy.read_text() != text:
        copy.write_text(text)


if __name__ == "__main__":
    main(sys.argv[1:])
