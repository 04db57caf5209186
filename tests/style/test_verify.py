import subprocess
import sys
import unittest
from pathlib import Path

from planted import PlantedTest

VERIFY = Path(__file__).with_name("verify.py")
CLEAN = {".clang-format": "BasedOnStyle: Google\n", ".gitignore": "/build/\n", "engine/a.cc": "int a;\n",
         "README.md": "| `engine/` | the core |\n| `docs/` | words |\n", "docs/bounds.md": "# Bounds\n"}


class Verify(PlantedTest):
    """The whole command, on a repository of its own."""

    def verify(self, files):
        self.tree(files)
        subprocess.run(["git", "init", "-q", str(self.root)], check=True)
        return subprocess.run([sys.executable, str(VERIFY), str(self.root)], capture_output=True, text=True)

    def test_a_clean_tree_passes_and_what_git_ignores_is_not_looked_at(self):
        done = self.verify({**CLEAN, "build/made.cc": "int   a ;\n"})
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertIn("all well", done.stdout)

    def test_a_violation_fails_with_file_line_and_what_to_do(self):
        done = self.verify({**CLEAN, "engine/b.cc": "#include <random>\n"})
        self.assertEqual(1, done.returncode)
        self.assertIn("engine/b.cc:1: engine is pure: <random> may not be included there\n    it may use", done.stdout)

    def test_the_top_of_a_file_not_yet_added_to_git_counts(self):
        done = self.verify({**CLEAN, "worker/w.cc": "int w;\n"})
        self.assertIn("the folder table lacks worker/", done.stdout)


if __name__ == "__main__":
    unittest.main()
