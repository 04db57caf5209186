"""A fault of each kind that the presets look for, in a process whose end nobody looks at: it fails the whole run."""

import json
import os
import shlex
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

HERE = Path(__file__).parent
FAULTS = {
    "asan": {"heap": "heap-buffer-overflow", "stack": "stack-use-after-return", "leak": "detected memory leaks",
             "overflow": "signed integer overflow"},
    "tsan": {"race": "data race"},
}
QUIET = {name: value for name, value in os.environ.items() if not name.endswith("SAN_OPTIONS")}  # of a run that is watched itself
EXIT_CODE = 66  # of nothing else that is ours


def sanitizers(preset):
    presets = json.loads((HERE.parents[1] / "CMakePresets.json").read_text())["configurePresets"]
    return next(known["cacheVariables"]["BATON_SANITIZE"] for known in presets if known["name"] == preset)


class Watched(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="baton-watched-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        for preset in FAULTS:
            subprocess.run(["g++", "-std=c++20", "-g1", "-O1", "-fno-omit-frame-pointer", f"-fsanitize={sanitizers(preset)}",
                            "-fno-sanitize-recover=all",
                            HERE / "planted.cc", HERE / "defaults.cc", "-o", cls.folder / preset], check=True)

    def watched(self, script, reports="reports"):
        return subprocess.run([sys.executable, "-B", HERE / "watched.py", self.folder / reports, "sh", "-c", script],
                              capture_output=True, text=True, timeout=60, env=QUIET)

    def test_every_kind_of_fault_is_seen_in_a_process_that_nobody_looks_at(self):
        for preset, kinds in FAULTS.items():
            for kind, told in kinds.items():
                with self.subTest(kind):
                    done = self.watched(f"{shlex.quote(str(self.folder / preset))} {kind}; echo $?")
                    self.assertEqual(1, done.returncode, done.stderr)
                    self.assertEqual(str(EXIT_CODE), done.stdout.split("\n")[0])
                    self.assertIn(told, done.stdout)
                    self.assertIn("1 programs were reported: ", done.stdout)

    def test_what_is_suppressed_is_no_report(self):
        leaked = subprocess.run([self.folder / "asan", "foreign leak"], capture_output=True, text=True, timeout=60,
                                env=QUIET | {"LSAN_OPTIONS": "print_suppressions=1"})
        self.assertRegex(leaked.stderr, r"\d+ +\d+ libzookeeper_mt")
        done = self.watched(f"{shlex.quote(str(self.folder / 'asan'))} 'foreign leak'")
        self.assertEqual((0, "", ""), (done.returncode, done.stdout, done.stderr))

    def test_without_a_fault_the_command_s_end_counts(self):
        for preset in FAULTS:
            for code in (0, 7):
                with self.subTest(preset, code=code):
                    done = self.watched(f"{shlex.quote(str(self.folder / preset))} none && exit {code}", "quiet")
                    self.assertEqual((code, "", ""), (done.returncode, done.stdout, done.stderr))
                    self.assertEqual([], list((self.folder / "quiet").iterdir()), "it leaves nothing behind")


if __name__ == "__main__":
    unittest.main()
