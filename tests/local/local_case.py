"""`baton` of this build in a folder of each test's own, with flows of commands."""

import json
import os
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

BATON = Path(os.environ["BATON_BUILD"]) / "bin" / "baton"
SECONDS = 60  # for what takes milliseconds


def command(name, *argv, **more):
    """A task that runs a command."""
    inject = {"argv": list(argv), **more.pop("inject", {})}
    return {"task": "command", "name": name, "inject": inject, "requires": sorted(inject), **more}


def linear(name, *nodes, **more):
    return {"name": name, "pattern": "linear", "nodes": list(nodes), **more}


def unordered(name, *nodes, **more):
    return {"name": name, "pattern": "unordered", "nodes": list(nodes), **more}


class LocalCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="baton-local-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.log = self.folder / "log"

    def flow(self, flow, name="flow.json"):
        (self.folder / name).write_text(json.dumps(flow))
        return name

    def logging(self, name, more="", **task):
        """A command that notes its start: one short line, which the kernel appends whole."""
        return command(name, "sh", "-c", f'echo "{name} $BATON_ATTEMPT $BATON_DISPATCH" >> {self.log}; {more}', **task)

    def logged(self):
        return self.log.read_text().split("\n")[:-1] if self.log.exists() else []

    def start(self, *words, **popen):
        process = subprocess.Popen([BATON, *map(str, words)], cwd=self.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, **popen)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()

    def baton(self, *words, expect=0):
        """What it says on stdout; it must end with this code."""
        process = self.start(*words)
        out, err = process.communicate(timeout=SECONDS)
        self.assertEqual(expect, process.returncode, out + err)
        self.said = err
        return out

    def json(self, *words, expect=0):
        return json.loads(self.baton(*words, "--output", "json", expect=expect))

    def kill(self, process):
        process.send_signal(signal.SIGKILL)
        process.wait()
