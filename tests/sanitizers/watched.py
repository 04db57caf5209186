"""Runs a command and fails if any program below it was reported by a sanitizer, whatever the tests thought of it:
a daemon that a test kills anyway may have had a report long before.

  watched.py FOLDER ctest --test-dir build/asan     # the reports come into a new folder in FOLDER
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

RUNTIMES = ("ASAN", "LSAN", "TSAN", "UBSAN")
FAILED = 1
SHOWN_MAX = 10  # reports; all stay in the folder


def watched(folder, command):
    """The command's exit code, or FAILED."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="reports-", dir=Path(folder).absolute()))
    code = subprocess.run(command, env=os.environ | {f"{name}_OPTIONS": options(name, folder) for name in RUNTIMES}).returncode
    try:
        folder.rmdir()
    except OSError:  # not empty
        tell(folder)
        return code or FAILED
    return code


def tell(folder):
    reports = sorted(folder.iterdir(), key=lambda file: file.stat().st_mtime)
    for report in reports[:SHOWN_MAX]:
        print(f"---- {report}\n{report.read_text(errors='replace')}")
    print(f"{len(reports)} programs were reported: {folder}")


def options(name, folder):
    """What the caller says stays: the last word counts."""
    ours = f"log_path={folder / name.lower()}:log_exe_name=1"
    return ":".join(filter(None, (ours, os.environ.get(f"{name}_OPTIONS"))))


if __name__ == "__main__":
    sys.exit(watched(sys.argv[1], sys.argv[2:]))
