import json
import os
import signal
import tempfile
import time
import unittest
from pathlib import Path

import deploy_dev  # noqa: F401
from process import Process, descendants, stat_of

FAMILY = ["bash", "-c", "trap 'kill $!; exit' TERM; sleep 60 & echo ready; wait"]
STUBBORN = ["bash", "-c", "trap '' TERM; echo ready; while :; do sleep 60; done"]


class Processes(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.process = Process("one", folder.name)
        self.addCleanup(lambda: self.process.send(signal.SIGKILL, tree=True))

    def start(self, command):
        pid = self.process.start(command)
        self.until(lambda: "ready" in self.process.log_tail())
        return pid

    def until(self, condition):
        deadline = time.monotonic() + 10
        while not condition():
            self.assertLess(time.monotonic(), deadline, "did not come true in 10 s")
            time.sleep(0.01)

    def test_another_object_finds_it_by_its_pid_file(self):
        pid = self.start(FAMILY)
        self.assertEqual(pid, Process("one", self.process.folder).pid())

    def test_a_second_start_is_refused(self):
        pid = self.start(FAMILY)
        with self.assertRaisesRegex(RuntimeError, "runs already.*stop it first"):
            self.process.start(FAMILY)
        self.assertEqual(pid, self.process.pid())

    def test_stop_asks_and_that_is_enough(self):
        self.start(FAMILY)
        self.assertTrue(self.process.stop(5))
        self.assertIsNone(self.process.pid())
        self.assertFalse(self.process.pid_file.exists())

    def test_stop_insists_when_it_does_not_listen(self):
        pid = self.start(STUBBORN)
        children = descendants(pid)
        self.assertFalse(self.process.stop(0.2))
        self.assertIsNone(self.process.pid())
        self.until(lambda: not any(is_running(child) for child in children))

    def test_one_of_ours_that_has_ended_by_itself_leaves_no_zombie_to_who_looks(self):
        for look in (self.process.pid, lambda: self.process.wait(0)):
            pid = self.start(["bash", "-c", "echo ready"])
            self.until(lambda: stat_of(pid) is None or stat_of(pid)[0] == "Z")
            look()
            self.assertIsNone(stat_of(pid))

    def test_stop_wakes_what_is_paused(self):
        self.start(FAMILY)
        self.process.send(signal.SIGSTOP, tree=True)
        self.until(self.process.stopped)
        self.assertTrue(self.process.stop(5))

    def test_a_signal_to_the_tree_reaches_the_children(self):
        pid = self.start(FAMILY)
        self.until(lambda: descendants(pid))
        children = descendants(pid)
        self.assertTrue(self.process.send(signal.SIGKILL, tree=True))
        self.assertTrue(self.process.wait(5))
        self.until(lambda: not any(is_running(child) for child in children))

    def test_a_recycled_pid_is_not_touched(self):
        stranger = Process("stranger", self.process.folder)
        pid = stranger.start(["sleep", "60"])
        self.addCleanup(lambda: stranger.send(signal.SIGKILL))
        record = json.loads(stranger.pid_file.read_text())
        self.process.pid_file.write_text(json.dumps({**record, "started": record["started"] - 1}))
        self.assertIsNone(self.process.pid())
        self.assertFalse(self.process.send(signal.SIGKILL))
        self.assertTrue(self.process.stop(1))
        self.assertTrue(is_running(pid))

    def test_a_pid_file_of_an_earlier_boot_means_nothing(self):
        self.start(FAMILY)
        record = json.loads(self.process.pid_file.read_text())
        self.process.pid_file.write_text(json.dumps({**record, "boot": "another"}))
        self.assertIsNone(self.process.pid())
        self.process.pid_file.write_text(json.dumps(record))

    def test_it_outlives_who_started_it_and_has_a_session_of_its_own(self):
        pid = self.start(FAMILY)
        self.assertEqual(pid, os.getsid(pid))

    def test_the_log_tail_says_so_when_there_is_no_log(self):
        self.assertIn("no log at", Process("none", self.process.folder).log_tail())


def is_running(pid):
    stat = stat_of(pid)
    return bool(stat) and stat[0] != "Z"


if __name__ == "__main__":
    unittest.main()
