"""Python's TaskFlow and our board on one path: each verb, both ways.

Ours is board_probe, theirs taskflow_client.py; ctest runs this in the environment that `make setup-tests` makes.
"""

import json
import os
import queue
import subprocess
import sys
import threading
import time
import unittest
import uuid
from pathlib import Path

HERE = Path(__file__).resolve().parent
DEADLINE_SECONDS = 30


def check_taskflow():
    try:
        import taskflow
    except ImportError:
        raise RuntimeError(f"{sys.executable} has no TaskFlow: run 'make setup-tests', and this test by ctest") from None
    assert taskflow


def zookeeper():
    services = os.environ.get("BATON_TEST_SERVICES")
    if not services:
        raise RuntimeError("BATON_TEST_SERVICES names no services.json: run 'make test', or 'make services'\n"
                           "  and what it prints")
    return json.loads(Path(services).read_text())["zookeeper"]


class Lines:
    """A process that speaks JSON lines; each is waited for with a deadline."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lines = queue.Queue()
        self.kept = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(json.loads(line))
        self.lines.put(None)

    def send(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()

    def wait_for(self, fits):
        """The first line that fits, of those not taken yet."""
        for line in self.kept:
            if fits(line):
                self.kept.remove(line)
                return line
        end = time.monotonic() + DEADLINE_SECONDS
        while True:
            try:
                line = self.lines.get(timeout=max(0.0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"the awaited line did not come; others: {self.kept}") from None
            if line is None:
                raise AssertionError(f"{self.process.args[0]} ended; its lines: {self.kept}")
            if fits(line):
                return line
            self.kept.append(line)

    def event(self, kind, **members):
        return self.wait_for(lambda line: line.get("event") == kind and
                             all(line.get(key) == value for key, value in members.items()))

    def close(self):
        self.process.stdin.close()
        self.process.wait(DEADLINE_SECONDS)
        self.process.stdout.close()


class Probe(Lines):
    """Our board."""

    def ask(self, verb, **members):
        self.send(do=verb, **members)
        return self.wait_for(lambda line: "answer" in line)

    def must(self, verb, **members):
        line = self.ask(verb, **members)
        assert "error" not in line, line
        return line["answer"]

    def post(self, name, priority="NORMAL", details=None):
        return self.must("post", uuid=str(uuid.uuid4()), name=name, priority=priority, details=details or {})

    def knows(self, path, claimed):
        self.wait_for(lambda line: line.get("event") == "job" and line["job"]["path"] == path and
                      line["job"]["claimed"] == claimed)


class Interop(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        check_taskflow()
        cls.zookeeper = zookeeper()
        cls.board_probe = os.environ["BATON_BOARD_PROBE"]

    def setUp(self):
        self.path = f"/taskflow/interop-{uuid.uuid4()}/jobs"
        self.ours = self.probe("baton@host:1")

    def probe(self, owner):
        probe = Probe([self.board_probe, self.zookeeper, self.path, owner])
        self.addCleanup(probe.close)
        probe.event("listed")
        return probe

    def client(self, *verb):
        return [sys.executable, str(HERE / "taskflow_client.py"), "--zk", self.zookeeper, "--path", self.path, *verb]

    def theirs(self, *verb, code=0):
        done = subprocess.run(self.client(*verb), capture_output=True, text=True, timeout=DEADLINE_SECONDS)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def their_background(self, *verb):
        lines = Lines(self.client(*verb))
        self.addCleanup(lines.close)
        return lines

    def test_their_post_is_read_by_ours_whole(self):
        details = {"factory": {"name": "create-cluster", "args": [], "kwargs": {"nodes": 5}}, "store": {"x": 1.5}}
        [posted] = self.theirs("post", "--name", "job-é", "--priority", "very_high", "--book",
                               "--details", json.dumps(details))
        job = self.ours.event("job")["job"]
        self.assertEqual((job["path"], job["uuid"], job["name"]), (posted["path"], posted["uuid"], "job-é"))
        self.assertEqual((job["priority"], job["claimed"]), ("VERY_HIGH", False))
        self.assertEqual(job["posting"]["details"], details)
        self.assertEqual(job["posting"]["book"]["name"], "a book")
        self.assertEqual(self.ours.must("list"), [job])

    def test_our_post_is_read_by_theirs_whole(self):
        details = {"factory": {"name": "f", "kwargs": {"text": "é \" \n"}}}
        path = self.ours.post("job-é", "HIGH", details)
        [job] = self.theirs("list")
        self.assertEqual((job["path"], job["name"], job["priority"]), (path, "job-é", "HIGH"))
        self.assertEqual((job["details"], job["state"], job["owner"]), (details, "UNCLAIMED", None))

    def test_each_hears_of_the_others_jobs(self):
        watch = self.their_background("watch")
        watch.event("watching")
        path = self.ours.post("ours")
        watch.event("POSTED", name="ours")
        self.ours.must("claim", path=path)
        self.ours.must("consume", path=path)
        watch.event("REMOVAL", name="ours")
        [theirs] = self.theirs("post", "--name", "theirs")
        self.ours.knows(theirs["path"], claimed=False)
        self.theirs("claim", "theirs", "--owner", "w", "--then", "consume")
        self.ours.event("gone", path=theirs["path"])

    def test_our_claim_holds_against_theirs(self):
        path = self.ours.post("job")
        self.ours.must("claim", path=path)
        [job] = self.theirs("list")
        self.assertEqual((job["state"], job["owner"]), ("CLAIMED", "baton@host:1"))
        self.assertEqual(self.theirs("list", "--unclaimed"), [])
        self.assertEqual(self.theirs("owner", "job")[0]["owner"], "baton@host:1")
        self.theirs("claim", "job", "--owner", "w", code=4)
        self.theirs("consume", "job", "--owner", "w", code=5)
        self.ours.must("consume", path=path)
        self.assertEqual(self.theirs("list"), [])

    def test_their_claim_holds_against_ours_and_ends_with_their_session(self):
        path = self.ours.post("job")
        self.ours.knows(path, claimed=False)
        holder = self.their_background("claim", "job", "--owner", "python@host", "--then", "hang")
        holder.event("claimed")
        self.ours.knows(path, claimed=True)
        self.assertEqual(self.ours.must("owner", path=path), "python@host")
        self.assertEqual(self.ours.ask("claim", path=path)["error"], "AlreadyClaimed")
        holder.process.stdin.close()
        self.ours.knows(path, claimed=False)
        self.assertEqual(self.ours.must("owner", path=path), "")
        self.ours.must("claim", path=path)

    def test_what_one_abandons_the_other_can_finish(self):
        path = self.ours.post("job")
        self.ours.must("claim", path=path)
        self.ours.must("abandon", path=path)
        self.assertEqual(self.theirs("list")[0]["state"], "UNCLAIMED")
        self.theirs("claim", "job", "--owner", "w", "--then", "abandon")
        self.ours.must("claim", path=path)
        self.ours.must("consume", path=path)
        self.assertEqual(self.theirs("list"), [])

    def test_their_waiter_sees_our_completion(self):
        path = self.ours.post("job")
        waiter = self.their_background("wait-job", "job", "--timeout", "20")
        self.ours.must("claim", path=path)
        waiter.event("waiting")
        self.ours.must("consume", path=path)
        self.assertTrue(waiter.event("wait-job")["complete"])

    def test_trash_of_both(self):
        mine = self.ours.post("mine")
        theirs = self.ours.post("theirs")
        self.ours.must("claim", path=mine)
        self.ours.must("trash", path=mine, reason="poison")
        self.theirs("claim", "theirs", "--owner", "w", "--then", "trash")
        self.ours.event("gone", path=mine)
        self.ours.event("gone", path=theirs)
        self.assertEqual(self.theirs("list"), [])
        self.assertEqual(self.ours.must("list"), [])

    def test_h30_a_namesake_of_theirs_takes_our_job_and_we_learn_it(self):
        path = self.ours.post("job")
        self.ours.must("claim", path=path)
        self.theirs("abandon", "job", "--owner", "baton@host:1")  # the name is all that TaskFlow asks for
        self.ours.event("claim_lost", path=path)
        self.assertEqual(self.ours.ask("consume", path=path)["error"], "NotOwner")
        self.assertEqual(self.theirs("list")[0]["state"], "UNCLAIMED")

    def test_our_conductor_is_one_of_their_entities(self):
        self.assertTrue(self.ours.must("join"))
        [entity] = self.theirs("entities")
        name = f"baton@host:1@localhost:{self.ours.process.pid}"
        self.assertEqual(entity["node"], name)
        self.assertTrue(entity["ephemeral"])
        self.assertEqual(entity["data"], {"kind": "conductor", "name": name, "metadata": {
            "hostname": "localhost", "pid": self.ours.process.pid}})


if __name__ == "__main__":
    sys.exit(unittest.main(verbosity=2))
