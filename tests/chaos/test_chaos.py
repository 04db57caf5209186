"""Two minutes of chaos with the seed of the CI, and a run that is interrupted: it leaves nothing running."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import reach  # noqa: F401
import plan
from process import Process

PROGRAM = Path(__file__).with_name("chaos.py")
SEED = 1
MINUTES = 2
PORTS = "25000-25999"


class ChaosTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a Ctrl-C ends the run; without us its folder would go first

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="baton-chaos-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def begin(self, program=PROGRAM, *words):
        return subprocess.Popen([sys.executable, "-B", str(program), "--build", os.environ["BATON_BUILD"], "--folder",
                                 str(self.folder / "run"), "--ports", PORTS, *words], stdout=subprocess.PIPE, text=True)

    def alive(self):
        """The processes that were started in the folder."""
        files = [*self.folder.rglob("*.pid")]
        return [file.stem for file in files if Process(file.stem, file.parent).pid()]

    def logs(self):
        for file in sorted(self.folder.rglob("*.log")):
            yield f"---- {file}\n" + "\n".join(file.read_text(errors="replace").splitlines()[-60:])


class TwoMinutes(ChaosTest):
    def test_every_promise_is_kept_through_every_kind_of_fault(self):
        with self.begin(PROGRAM, "--seed", str(SEED), "--minutes", str(MINUTES)) as run:
            said = run.communicate()[0]
        print(said)
        if run.returncode:
            print("\n".join(self.logs()))
        self.assertEqual(0, run.returncode)
        report = json.loads((self.folder / "run" / "report.json").read_text())
        self.assertEqual({kind.name for kind in plan.KINDS}, set(report["faults"]))
        self.assertGreater(report["ended"], 0)
        self.assertEqual([], self.alive())


class Interrupted(ChaosTest):
    def test_a_run_that_is_interrupted_leaves_nothing_running(self):
        with self.begin() as run:
            self.until(run, " jobs posted")  # amid the faults
            started = self.alive()
            run.send_signal(signal.SIGINT)
            run.send_signal(signal.SIGINT)  # somebody who is impatient
            run.stdout.read()
        self.assertEqual(128 + signal.SIGINT, run.returncode)
        self.assertIn("postgres", started)
        self.assertEqual([], self.alive())

    @staticmethod
    def until(run, words):
        for line in run.stdout:
            if words in line:
                return
        raise AssertionError(f"it ended before it said '{words}'")


if __name__ == "__main__":
    unittest.main()
