"""A board in several folders: jobs are spread over them, run, go on when a conductor dies, and leave nothing there; and
their number is one thing for all, which is changed on purpose. Run with TaskFlow's Python, for its ZooKeeper client."""

import json
import threading
import time
import unittest
import uuid
import zlib

from harness import CONDUCTORS, EVENT_SECONDS
from zookeeper_client import ZooKeeperFleetTest

SHARDS = 4
JOBS = 16
LENGTH = 5
STOP_SECONDS = 20


class BoardTest(ZooKeeperFleetTest):
    workers = ("worker-1",)
    shards = 1

    @classmethod
    def change_fleet(cls):
        for name in cls.conductors:
            cls.fleet.daemons[name].settings["conductor"]["board_shards"] = cls.shards

    def shard(self, number):
        return f"/{self.fleet.prefix}.{number}/jobs"

    def put_by_hand(self, folder):
        posting = {"uuid": str(uuid.uuid4()), "name": "by hand",
                   "details": {"factory": {"name": "bench-chain", "args": [], "kwargs": {"length": 1}}}}
        self.zookeeper.ensure_path(folder)
        return self.zookeeper.create(f"{folder}/job", json.dumps(posting).encode(), sequence=True)

    def until_empty(self, folder):
        deadline = time.monotonic() + EVENT_SECONDS
        changed = threading.Event()
        while self.zookeeper.exists(folder) and (
                names := self.zookeeper.get_children(folder, watch=lambda _: changed.set())):
            self.assertTrue(changed.wait(max(0, deadline - time.monotonic())), f"{folder} still has {names}")
            changed.clear()


class ShardedBoard(BoardTest):
    conductors = CONDUCTORS
    shards = SHARDS

    @classmethod
    def change_fleet(cls):
        super().change_fleet()
        for name in cls.conductors:
            cls.fleet.daemons[name].settings["conductor"]["flows_max"] = 1

    def assert_nothing_left(self):
        for number in range(SHARDS):
            self.until_empty(self.shard(number))
        self.assertFalse(self.zookeeper.exists(self.fleet.board))

    def shards_used(self):
        """Of the jobs that Postgres knows."""
        paths = self.sql("select board_path from jobs").splitlines()
        for path in paths:
            self.assertRegex(path, rf"^/{self.fleet.prefix}\.[0-3]/jobs/job\d+$")
        return {path.split("/")[1] for path in paths}

    def test_jobs_of_all_shards_end_whoever_dies_and_leave_nothing_there(self):
        jobs = [self.post("bench-chain", length=LENGTH) for _ in range(JOBS)]
        self.fleet.daemons[CONDUCTORS[0]].kill()
        self.addCleanup(self.fleet.daemons[CONDUCTORS[0]].start)
        for job in jobs:
            self.assertEqual("SUCCESS", self.end_of(job)[1])
        self.assertGreater(len(self.shards_used()), 1)
        self.assert_nothing_left()

    def hold_every_conductor(self):
        """With a job whose worker never comes: what is posted then stays on the board, and Postgres knows nothing of it."""
        flow = {"name": "held", "pattern": "linear", "nodes": [{"task": "offered.by.nobody", "name": "waits"}]}
        held = []
        for _ in self.conductors:
            status, answer = self.api.ask("POST", "/v1/jobs", {"flow": flow})
            self.assertEqual(201, status, answer)
            held.append(answer["uuid"])
            self.until(held[-1], state="RUNNING")
        return held

    def nodes(self):
        """uuid → the folders of its nodes."""
        nodes = {}
        for number in range(SHARDS):
            for name in self.zookeeper.get_children(self.shard(number)):
                if not name.endswith(".lock"):
                    data, _ = self.zookeeper.get(f"{self.shard(number)}/{name}")
                    nodes.setdefault(json.loads(data)["uuid"], []).append(self.shard(number))
        return nodes

    def test_a_uuid_that_is_posted_twice_is_one_node_in_its_shard(self):
        held = self.hold_every_conductor()
        jobs = [str(uuid.uuid4()) for _ in range(JOBS)]
        for job in jobs:
            posted = {"flow": "bench-chain", "parameters": {"length": 1}, "uuid": job}
            first, again = (self.api.ask("POST", "/v1/jobs", posted) for _ in range(2))
            self.assertEqual((201, 200), (first[0], again[0]), (first, again))
            self.assertEqual(first[1]["board_path"], again[1]["board_path"])
        nodes = self.nodes()
        for job in jobs:
            self.assertEqual([self.shard(zlib.crc32(job.encode()) % SHARDS)], nodes[job])
        for job in held:
            self.assertEqual(0, self.fleet.baton("cancel", job, "--reason", "held enough", capture_output=True).returncode)
        for job in jobs:
            self.assertEqual("SUCCESS", self.end_of(job)[1])
        self.assert_nothing_left()


class ChangedShards(BoardTest):
    """The stories of one fleet, one after the other: its board has 1 folder, then 3, then 1 again."""

    conductors = CONDUCTORS[:1]

    @property
    def conductor(self):
        return self.fleet.daemons[self.conductors[0]]

    def stop(self):
        self.conductor.process.stop(STOP_SECONDS)
        self.conductor.guardian.wait(STOP_SECONDS)

    def told(self, shards):
        self.conductor.settings["conductor"]["board_shards"] = shards
        self.conductor.write_settings()

    def admin_shards(self, *words):
        done = self.fleet.baton("admin", "shards", "--settings", str(self.conductor.settings_file), *words,
                                capture_output=True)
        return done.returncode, done.stdout + done.stderr

    def assert_refused(self, why):
        code, text = self.admin_shards()
        self.assertEqual(4, code, text)
        self.assertIn(why, text)

    def change(self, shards):
        self.stop()
        self.told(shards)
        self.assertEqual(0, self.admin_shards("--dry-run")[0])
        code, text = self.admin_shards()
        self.assertEqual((0, True), (code, "now" in text), text)
        self.conductor.start()

    def rerun(self, job, run, folder):
        done = self.fleet.baton("rerun", job, "--reason", "again", "--wait", capture_output=True)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        shown = self.show(job)
        self.assertEqual(("SUCCESS", run, folder), (shown["state"], shown["run"], shown["board_path"].rsplit("/", 1)[0]))

    def doctor(self):
        done = self.fleet.baton("doctor", "--settings", str(self.conductor.settings_file), "--output", "json",
                                capture_output=True)
        return [one for one in json.loads(done.stdout)["findings"] if one["check"] == "zookeeper.shards"]

    def test_the_number_is_one_for_all_and_a_job_runs_again_whatever_it_is(self):
        job = self.post("bench-chain", length=1)
        self.assertEqual("SUCCESS", self.end_of(job)[1])
        shard = self.shard(zlib.crc32(job.encode()) % 3)

        with self.subTest("a conductor with another number does nothing, and says both"):
            self.stop()
            self.told(3)
            self.conductor.start()
            self.until_paused("conductor.board_shards is 3 here")
            status, answer = self.api.ask("POST", "/v1/jobs", {"flow": "bench-chain", "parameters": {"length": 1}})
            self.assertEqual((503, "urn:baton:problem:board-refused"), (status, answer["type"]), answer)
            self.assertIn("is in 1 folder", answer["detail"])
            finding, = self.doctor()
            self.assertEqual("wrong", finding["verdict"], finding)

        with self.subTest("the number is not changed beside a conductor, nor away from jobs"):
            self.assert_refused("conductors are at work")
            self.stop()
            left = self.put_by_hand(self.fleet.board)
            self.assert_refused(f"1 in {self.fleet.board}")
            self.zookeeper.delete(left)

        with self.subTest("1, 3 and 1 again: what has ended can be run again"):
            self.change(3)
            self.rerun(job, 2, shard)
            self.change(1)
            self.rerun(job, 3, self.fleet.board)
            self.assertEqual([1], sorted(set(self.generations(job))))

        with self.subTest("a job where nobody looks any more is told of"):
            self.assertEqual(["ok"], [one["verdict"] for one in self.doctor()])
            self.put_by_hand(shard)
            self.assertEqual([("wrong", shard)], [(one["verdict"], one["subject"]) for one in self.doctor()])

    def until_paused(self, why):
        deadline = time.monotonic() + EVENT_SECONDS
        while why not in (paused := self.api.get("/v1/self").get("claiming_paused") or ""):
            self.assertLess(time.monotonic(), deadline, f"claiming is paused by '{paused}'")


if __name__ == "__main__":
    unittest.main()
