"""The man pages that baton writes of itself: read by man and by mandoc without a complaint, one for each word."""

import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

BUILD = Path(os.environ["BATON_BUILD"])
BATON = BUILD / "bin" / "baton"
SECONDS = 100


def run(*words, **more):
    return subprocess.run([*map(str, words)], capture_output=True, text=True, timeout=SECONDS, **more)


class ManPagesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="baton-man-")
        cls.addClassCleanup(cls.folder.cleanup)
        done = run(BATON, "help", "--man", "--into", cls.folder.name)
        assert done.returncode == 0, done.stderr
        cls.pages = sorted(Path(cls.folder.name).iterdir())

    def test_each_word_has_one_and_short_words_have_none(self):
        names = {page.name for page in self.pages}
        self.assertLessEqual({"baton.1", "baton-job.1", "baton-job-post.1", "baton-flow-validate.1", "baton-workers.1",
                              "baton-admin-migrate.1", "baton-profile-use.1"}, names)
        self.assertNotIn("baton-post.1", names)
        for name in names:
            words = name.removesuffix(".1")
            help_text = run(BATON, *words.replace("left-alone", "left_alone").replace("-", " ").replace("_", "-").split()[1:],
                            "--help")
            self.assertEqual(0, help_text.returncode, name)

    def test_man_has_nothing_to_complain_of(self):
        for page in self.pages:
            shown = run("man", "-l", "--warnings", page, env={**os.environ, "MANWIDTH": "100", "LC_ALL": "C", "MANPAGER": "cat"})
            self.assertEqual((0, ""), (shown.returncode, shown.stderr), page.name)
            self.assertIn("EXIT STATUS", shown.stdout)

    def test_mandoc_has_nothing_to_complain_of(self):
        said = run("mandoc", "-T", "lint", "-W", "warning", *self.pages)
        self.assertEqual((0, "", ""), (said.returncode, said.stdout, said.stderr))

    def test_a_page_has_what_the_help_has(self):
        page = Path(self.folder.name, "baton-job-post.1")
        shown = run("man", "-l", page, env={**os.environ, "MANWIDTH": "200", "LC_ALL": "C", "MANPAGER": "cat"}).stdout
        shown = re.sub(".\b", "", shown)
        for text in ("baton job post [FLOW] [OPTION]...", "-f, --file FILE", "baton post create-cluster --param nodes=a,b,c --wait",
                     "BATON_PROFILE", "no conductor or server answers", "baton-job(1)"):
            self.assertIn(text, shown)

    def test_one_page_at_a_time(self):
        self.assertEqual(Path(self.folder.name, "baton-job-post.1").read_text(),
                         run(BATON, "help", "job", "post", "--man").stdout)
        wrong = run(BATON, "help", "job", "pots")
        self.assertEqual((2, "baton: baton job has no word 'pots'\n  hint: did you mean baton job post?\n"),
                         (wrong.returncode, wrong.stderr))

    def test_a_folder_that_cannot_be_is_told(self):
        wrong = run(BATON, "help", "--into", "/proc/none")
        self.assertEqual(2, wrong.returncode)
        self.assertIn("cannot write man pages into '/proc/none'", wrong.stderr)


if __name__ == "__main__":
    unittest.main()
