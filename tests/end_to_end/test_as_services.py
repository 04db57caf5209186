"""The README's section "As services", followed word by word into a folder, with the tests' servers written into the
settings: the daemons that the units start serve, and the job that it posts to try them ends in SUCCESS."""

import os
import re
import shlex
import subprocess
import tempfile
import tomllib
import unittest
import uuid
from pathlib import Path

import deploy_dev  # noqa: F401
import ports
from fleet import READY_SECONDS, toml
from harness import EVENT_SECONDS, PORTS, services
from process import Process
from readiness import Readiness

REPOSITORY = Path(__file__).resolve().parents[2]
INSTALLED_BELOW = ("/usr/", "/etc/")


class AsServices(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="baton-services-")
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for made in ("usr/bin", "etc/systemd/system"):  # what every host has
            (self.root / made).mkdir(parents=True)
        self.prefix = f"e2e_{uuid.uuid4().hex[:12]}"
        self.port = ports.free_block(PORTS, self.prefix)
        self.build = Path(os.environ["BATON_BUILD"])

    def commands(self):
        """The section's commands, each as its words."""
        section = (REPOSITORY / "README.md").read_text().split("\n## As services\n")[1]
        block = re.search(r"```sh\n(.*?)```", section, re.DOTALL)[1]
        return [shlex.split(line, comments=True) for line in block.splitlines()]

    def here(self, word):
        """A path of the host in this test's folder, one of the tree as it was built and checked out."""
        if word.startswith(INSTALLED_BELOW):
            return str(self.root) + word
        word = word.replace("build/release", str(self.build))
        return str(REPOSITORY / word)

    def run_here(self, *words):
        done = subprocess.run(words, capture_output=True, text=True, timeout=EVENT_SECONDS, cwd=REPOSITORY,
                              env={**os.environ, "BATON_API": f"127.0.0.1:{self.port}"})
        self.assertEqual(0, done.returncode, f"{words}: {done.stdout}{done.stderr}")
        return done.stdout

    def install(self, words):
        files = []
        for word in words[1:]:
            path = self.here(word) if "/" in word else word
            files.extend(sorted(map(str, Path(path).parent.glob(Path(path).name))) if "*" in path else [path])
        self.run_here("install", *files)

    def write_where_the_servers_are(self):
        servers = {"zookeeper": {"hosts": services()["zookeeper"], "fleet_path": f"/{self.prefix}/.baton"},
                   "kafka": {"brokers": services()["kafka"], "topic_prefix": self.prefix},
                   "postgres": {"conninfo": services()["postgres"], "schema": self.prefix},
                   "conductor": {"board_path": f"/{self.prefix}/jobs"}, "api": {"port": self.port}}
        for file in (self.root / "etc/baton").glob("*.toml"):
            self.assertEqual(0o600, file.stat().st_mode & 0o777)
            settings = tomllib.loads(file.read_text().replace('"/etc/', f'"{self.root}/etc/'))
            if "partitions" in settings["kafka"]:
                settings["kafka"].update(partitions=3, replication=1)
            for section in settings.keys() & servers.keys():
                settings[section].update(servers[section])
            file.write_text(toml(settings))

    def baton(self, words):
        return self.run_here(str(self.root / "usr/bin/baton"),
                             *(self.here(word) if "/" in word else word for word in words[1:]))

    def start(self, unit):
        """As systemd would: the program and the settings that the unit names."""
        text = (self.root / f"etc/systemd/system/{unit}.service").read_text()
        credential, file = re.search(r"^LoadCredential=(.*):(.*)$", text, re.MULTILINE).groups()
        program, *words = re.search(r"^ExecStart=(.*)$", text, re.MULTILINE)[1].split()
        words = [word.replace(f"${{CREDENTIALS_DIRECTORY}}/{credential}", self.here(file)) for word in words]
        process = Process(unit, self.root)
        with Readiness() as readiness:
            process.start([self.here(program), *words], env={**os.environ, **readiness.environment})
            self.addCleanup(process.stop, READY_SECONDS)
            self.assertTrue(readiness.wait(process, READY_SECONDS), process.log_tail())

    def clean_servers(self):
        subprocess.run([self.build / "tests" / "delete_topics", services()["kafka"], self.prefix], check=True)
        subprocess.run(["psql", "-XAtq", services()["postgres"], "-c", "set client_min_messages = error", "-c",
                        f"drop schema if exists {self.prefix} cascade"], check=True)

    def test_who_follows_it_has_daemons_that_work(self):
        self.addCleanup(self.clean_servers)
        shown = ""
        for words in self.commands():
            if words[0] == "install":
                self.install(words)
                if words[-1].endswith(".toml"):
                    self.write_where_the_servers_are()
            elif words[:2] == ["systemctl", "enable"]:
                for unit in words[3:]:
                    self.start(unit)
            elif words[0] == "baton":
                shown = self.baton(words)
            else:
                self.assertIn(words[0], ("make", "systemctl"))
        self.assertRegex(shown, r"(?s)^posted .* echo +SUCCESS.*\(flow\) +SUCCESS")


if __name__ == "__main__":
    unittest.main()
