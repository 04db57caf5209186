"""A server of one test's own, to be wiped, restored and killed: the dev cluster's, in a folder of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import deploy_dev  # noqa: F401
import cluster

PORTS = "29000-29999"  # those of tests/dev: for servers of one test


class OwnServer:
    """Each call waits until it is done."""

    def __init__(self, name, **environment):
        self.name = name
        self.folder = Path(tempfile.mkdtemp(prefix="baton-own-"))
        self.environment = environment
        self.call("--ports", PORTS, "--jvm", "quick", "up", name)

    def call(self, *words):
        done = subprocess.run([sys.executable, "-B", cluster.__file__, "--folder", self.folder, *words], text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, **self.environment})
        if done.returncode != 0:
            raise AssertionError(f"cluster.py {' '.join(words)} failed with {done.returncode}:\n{done.stdout}")

    def endpoint(self):
        return json.loads((self.folder / "services.json").read_text())[self.name]

    def up(self):
        self.call("up", self.name)

    def down(self):
        self.call("down", self.name)

    def kill(self):
        self.call("kill", self.name)

    def wipe(self):
        """Everything that it knew is gone."""
        self.call("down", "--wipe", self.name)
        self.up()

    def backup(self):
        """A copy of its data folder, for restore()."""
        self.down()
        shutil.copytree(self._data(), self._copy())
        self.up()

    def restore(self):
        self.down()
        shutil.rmtree(self._data())
        shutil.copytree(self._copy(), self._data())
        self.up()

    def remove(self):
        self.call("down", "--wipe", self.name)
        shutil.rmtree(self.folder)

    def _data(self):
        return self.folder / self.name / "data"

    def _copy(self):
        return self.folder / "copy"
