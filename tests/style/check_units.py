"""systemd accepts the units of deploy/systemd."""

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from tree import Problem

FOLDER = "deploy/systemd/"
COMMAND = re.compile(r"^(Exec\w+=[-@:+!]*)(\S+).*$", re.MULTILINE)
# Where systemd names a line: "/tmp/x/baton.service:12: Unknown key …"; else only the unit: "baton.service: …".
PLACE = re.compile(r"^(?:.*/)?([\w@.-]+\.(?:service|target|socket|timer|slice))(?::(\d+))?: (.*)$")


def check(tree):
    names = [name for name in tree.names if name.startswith(FOLDER) and name.endswith((".service", ".target"))]
    if not names:
        return
    if shutil.which("systemd-analyze") is None:
        yield Problem(names[0], 1, "systemd-analyze is not installed", "run 'make setup'")
        return
    with tempfile.TemporaryDirectory() as folder:
        copies = [copy_with_stub(tree, name, folder) for name in names]
        done = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *copies],
                              capture_output=True, text=True)
    by_file = {Path(name).name: name for name in names}
    yield from problems(done.stderr, by_file)


def copy_with_stub(tree, name, folder):
    """The programs are not installed where this runs; all else of the unit is checked as it is."""
    copy = Path(folder) / Path(name).name
    copy.write_text(COMMAND.sub(r"\1/bin/true", tree.read(name)))
    return str(copy)


def problems(report, by_file):
    for line in report.splitlines():
        found = PLACE.match(line)
        if found and found[1] in by_file:
            yield Problem(by_file[found[1]], int(found[2] or 1), f"systemd: {found[3]}",
                          "see 'man systemd.service' and 'man systemd.exec'")
