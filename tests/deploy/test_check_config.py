"""--check-config finds what a start would: the modules and commands files that the settings name are read, too."""

import os
import subprocess
import tempfile
import unittest
from pathlib import Path

BUILD = Path(os.environ["BATON_BUILD"])
USAGE = 2  # common/runtime/exit_codes.h
PATIENCE_SECONDS = 60


def run(daemon, *arguments):
    done = subprocess.run([BUILD / "bin" / f"baton-{daemon}", "--settings", "/dev/null", *arguments],
                          capture_output=True, text=True, timeout=PATIENCE_SECONDS)
    return done.returncode, done.stdout, done.stderr


class CheckConfig(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.broken = Path(folder.name) / "broken"
        self.broken.write_text("neither a module nor JSON\n")

    def assert_refused_as_at_a_start(self, daemon, setting, value, told):
        given = (f"--{setting}", str(value))
        code, said, problem = run(daemon, "--check-config", *given)
        self.assertEqual((USAGE, ""), (code, said), problem)
        self.assertIn(f"baton-{daemon}: ", problem)
        self.assertIn(told, problem)
        self.assertEqual((code, said, problem), run(daemon, *given))

    def test_a_module_that_is_not_there_or_is_none(self):
        for daemon in ("conductor", "worker"):
            for file in ("/nowhere/module.so", self.broken):
                with self.subTest(daemon=daemon, file=file):
                    self.assert_refused_as_at_a_start(daemon, f"{daemon}.modules", file, str(file))

    def test_a_commands_file_that_is_not_there_or_is_none(self):
        for file in ("/nowhere/commands.json", self.broken):
            with self.subTest(file=file):
                self.assert_refused_as_at_a_start("worker", "worker.commands", file, str(file))

    def test_single_values_that_no_schema_can_judge(self):
        self.assert_refused_as_at_a_start("worker", "worker.labels", "zone", "worker.labels: 'zone' is no label")
        self.assert_refused_as_at_a_start("worker", "worker.command_programs", "rsync", "worker.command_programs")
        self.assert_refused_as_at_a_start("conductor", "conductor.board_path", "here", "conductor.board_path")

    def test_what_can_be_loaded_is_fine(self):
        module = next((BUILD / "modules").glob("*story_module*.so"))
        for daemon in ("conductor", "worker"):
            with self.subTest(daemon=daemon):
                self.assertEqual((0, f"baton-{daemon}: the settings are fine\n", ""),
                                 run(daemon, "--check-config", f"--{daemon}.modules", str(module)))


if __name__ == "__main__":
    unittest.main()
