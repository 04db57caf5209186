"""cluster.py as people use it, with real servers on a folder and ports of their own."""

import json
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import deploy_dev

PROGRAM = deploy_dev.FOLDER / "cluster.py"
PORTS = "29000-29999"  # neither the demo's nor those of the other tests


class ClusterTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.folder.chmod(0o755)  # as a folder in a clone is; a temporary one is closed
        self.addCleanup(lambda: self.cluster("down", "--wipe"))

    def cluster(self, *arguments, options=()):
        return subprocess.run([sys.executable, "-B", str(PROGRAM), "--folder", str(self.folder), *options, *arguments],
                              capture_output=True, text=True, timeout=60)

    def up(self, *names):
        done = self.cluster("up", *names, options=("--ports", PORTS, "--jvm", "quick"))
        self.assertEqual((0, ""), (done.returncode, done.stdout), done.stderr)
        return done.stderr

    def ok(self, *arguments):
        done = self.cluster(*arguments)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def refused(self, *arguments, options=()):
        done = self.cluster(*arguments, options=options)
        self.assertEqual(1, done.returncode, done.stderr)
        return done.stderr

    def status(self):
        return dict(line.split(": ", 1) for line in self.cluster("status").stdout.splitlines())

    def log(self, name):
        return (self.folder / f"{name}.log").read_text()

    def query(self, text):
        endpoint = json.loads(self.ok("env"))["postgres"]
        return subprocess.run(["psql", "-XAtq", endpoint, "-c", text], check=True, capture_output=True,
                              text=True).stdout.strip()
