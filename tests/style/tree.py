"""The files that the checks look at, and what a check reports."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

CPP = (".cc", ".h")


@dataclass(frozen=True, order=True)
class Problem:
    path: str
    line: int
    what: str
    todo: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.what}\n    {self.todo}"


class Tree:
    """A folder and the names of its files, relative to it: those that git tracks or would track."""

    def __init__(self, root, names):
        self.root = Path(root)
        self.names = sorted(name for name in names if (self.root / name).is_file())

    @classmethod
    def of_git(cls, root):
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
                                check=True, capture_output=True, text=True)
        return cls(root, {name for name in listed.stdout.split("\0") if name})

    def ending(self, *suffixes):
        return [name for name in self.names if name.endswith(suffixes)]

    def read(self, name):
        return (self.root / name).read_text()
