"""Trees made for a test: the files that it names, nothing else."""

import tempfile
import unittest
from pathlib import Path

from tree import Tree


class PlantedTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def tree(self, files):
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return Tree(self.root, files)

    def found(self, check, files):
        """(path, line) of every problem that the check sees in these files."""
        return [(problem.path, problem.line) for problem in check(self.tree(files))]
