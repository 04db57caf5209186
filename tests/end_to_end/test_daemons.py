"""How a launcher starts daemons, knows that they serve, and ends them."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import tomllib
import unittest
import unittest.mock
import urllib.request
from pathlib import Path

import deploy_dev
import fleet
import ports
from daemons import PORT_OFFSET
from fleet import Daemon, toml
from service import ServiceError

SERVES = """
import os, signal, socket
address = os.environ["NOTIFY_SOCKET"].replace("@", chr(0), 1)
print("serving", flush=True)
socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"READY=1", address)
signal.pause()
"""
# A child's word is not the daemon's: what it started may be ready while it is not itself.
CHILD_SERVES = f"""
import subprocess, sys, signal
child = subprocess.Popen([sys.executable, "-c", {SERVES!r}])
signal.signal(signal.SIGTERM, lambda *_: (child.kill(), sys.exit()))
signal.pause()
"""
ENDS = "import sys; sys.exit('no such server: 127.0.0.1:1')"
SILENT = "import signal; signal.pause()"


class Daemons(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def daemon(self, script):
        program = self.folder / "program"
        program.write_text(f"#!{sys.executable}\n{script}")
        program.chmod(0o755)
        daemon = Daemon("one", self.folder, program, {"one": {"slots": 4}}, {})
        self.addCleanup(lambda: daemon.process.send(signal.SIGKILL, tree=True))
        return daemon

    def refused(self, daemon):
        with self.assertRaises(ServiceError) as refusal:
            daemon.start()
        self.assertIsNone(daemon.process.pid())
        return str(refusal.exception)

    def test_started_means_that_it_serves_and_a_second_start_does_nothing(self):
        daemon = self.daemon(SERVES)
        self.assertTrue(daemon.start())
        self.assertIn("serving", daemon.process.log_tail())
        pid = daemon.process.pid()
        self.assertFalse(daemon.start())
        self.assertEqual(pid, daemon.process.pid())

    def test_what_ends_while_starting_shows_the_end_of_its_log_at_once(self):
        message = self.refused(self.daemon(ENDS))
        self.assertIn("one: ended while starting; the end of", message)
        self.assertIn("no such server: 127.0.0.1:1", message)

    def test_what_never_says_that_it_serves_is_refused_and_ended(self):
        for script in (SILENT, CHILD_SERVES):
            with self.subTest(script), unittest.mock.patch.object(fleet, "READY_SECONDS", 1):
                self.assertIn("one: was not ready in 1 s", self.refused(self.daemon(script)))

    def test_what_is_not_built_says_how_to_build_it(self):
        daemon = Daemon("one", self.folder, self.folder / "missing", {}, {})
        self.assertIn("is not built\n  build it: make build", self.refused(daemon))

    def test_a_kill_is_over_when_it_returns_and_needs_something_to_kill(self):
        daemon = self.daemon(SERVES)
        daemon.start()
        daemon.kill()
        self.assertEqual("down", daemon.describe())
        with self.assertRaisesRegex(ServiceError, "one: is not up"):
            daemon.kill()

    def test_a_paused_one_is_shown_and_a_start_wakes_it(self):
        daemon = self.daemon(SERVES)
        daemon.start()
        daemon.kill(signal.SIGSTOP)
        os.waitid(os.P_PID, daemon.process.pid(), os.WSTOPPED | os.WNOWAIT)
        self.assertTrue(daemon.describe().startswith("paused"))
        daemon.start()
        os.waitid(os.P_PID, daemon.process.pid(), os.WCONTINUED | os.WNOWAIT)
        self.assertTrue(daemon.describe().startswith("up"))

    def test_settings_are_what_toml_reads_back(self):
        settings = {"a": {"text": 'say "hello"\\', "number": 4, "yes": True}, "b": {"list": ["x", "y"]}}
        self.assertEqual(settings, tomllib.loads(toml(settings)))


class Cloud(unittest.TestCase):
    """daemons.py as people use it, with the example cloud: the daemon that needs no server."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.base = ports.free_block((25000, 25999), folder.name)
        self.cluster_file = self.folder / "cluster.json"  # what an 'up' of the servers leaves
        self.cluster_file.write_text(json.dumps({"ports": self.base - PORT_OFFSET, "jvm": "quick"}))
        self.addCleanup(lambda: self.daemons("stop", "cloud"))

    def daemons(self, *arguments):
        command = [sys.executable, "-B", str(deploy_dev.FOLDER / "daemons.py"), "--folder", str(self.folder),
                   "--build", os.environ["BATON_BUILD"], *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    def ok(self, *arguments):
        done = self.daemons(*arguments)
        self.assertEqual(0, done.returncode, done.stderr)
        return done

    def test_start_serves_status_shows_kill_kills_stop_stops(self):
        self.assertEqual("daemons: cloud up\n", self.ok("start", "cloud").stderr)
        with urllib.request.urlopen(f"http://127.0.0.1:{self.base + 2}/ledger", timeout=10) as answer:
            self.assertEqual([], json.load(answer))
        self.assertRegex(self.ok("status", "cloud").stdout, r"^cloud: up \(pid \d+, log ")
        self.ok("kill", "cloud")
        shown = self.daemons("status", "cloud")
        self.assertEqual((3, "cloud: down\n"), (shown.returncode, shown.stdout))
        self.ok("start", "cloud")
        self.assertEqual("", self.ok("stop", "cloud").stderr)

    def test_an_unknown_name_is_refused_with_those_that_are_known(self):
        done = self.daemons("kill", "worker-9")
        self.assertEqual(2, done.returncode)
        self.assertIn("no daemon is called worker-9; there are cloud, worker-1,", done.stderr)

    def test_a_folder_without_servers_says_how_to_start_them(self):
        self.cluster_file.unlink()
        done = self.daemons("start")
        self.assertEqual(1, done.returncode)
        self.assertIn("no servers were ever up in", done.stderr)
        self.assertIn("cluster.py --folder", done.stderr)


if __name__ == "__main__":
    unittest.main()
