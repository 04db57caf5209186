"""One job on several nodes of the board, as a poster leaves it who tries again after a lost reply. Run with TaskFlow's Python,
whose ZooKeeper client posts what the board's own rule for posting would not."""

import json
import threading
import unittest
import uuid

from harness import CONDUCTORS, EVENT_SECONDS
from zookeeper_client import ZooKeeperFleetTest

HOLD_MS = 4000  # longer than the other nodes of a job that runs stand there


class TwoNodes(ZooKeeperFleetTest):
    conductors = CONDUCTORS

    def put_on_board(self, job, *nodes):
        details = {"factory": {"name": "create-cluster", "args": [], "kwargs": {"name": nodes[0], "nodes": list(nodes)}}}
        content = json.dumps({"uuid": job, "name": "by hand", "details": details}).encode()
        return self.zookeeper.create(f"{self.fleet.board}/job", content, sequence=True)

    def assert_gone(self, path):
        gone = threading.Event()
        if self.zookeeper.exists(path, watch=lambda _: gone.set()):
            self.assertTrue(gone.wait(EVENT_SECONDS), f"{path} is still there")

    def test_h14_two_nodes_of_one_uuid_run_once(self):
        job, hosts = str(uuid.uuid4()), ("twice-a", "twice-b")
        self.cloud.faults({"verb": "get", "hostname": hosts[-1], "mode": "hang", "delay_ms": HOLD_MS})
        paths = [self.put_on_board(job, *hosts) for _ in range(4)]  # both conductors claim some of them
        self.cloud.until(verb="get", hostname=hosts[-1])
        paths.append(self.put_on_board(job, *hosts))
        kept, = (path for path in paths if path == self.show(job)["board_path"])
        for path in paths:
            if path != kept:
                self.assert_gone(path)
        self.assertEqual("RUNNING", self.show(job)["state"])  # they have gone while it runs
        self.assertEqual("SUCCESS", self.end_of(job)[1])
        self.assert_gone(kept)
        self.assert_cluster(*hosts)
        self.assertEqual([1], self.generations(job))  # one claim: nobody was fenced by another one

    def test_h14_other_content_under_a_known_uuid_is_trashed_with_the_reason(self):
        job = str(uuid.uuid4())
        self.cloud.faults({"verb": "get", "hostname": "known-a", "mode": "hang", "delay_ms": HOLD_MS})
        self.put_on_board(job, "known-a")
        self.cloud.until(verb="get", hostname="known-a")
        path = self.put_on_board(job, "other-a")
        self.assert_gone(path)
        self.assertEqual("SUCCESS", self.end_of(job)[1])
        trashed, = (node for node in self.api.get("/v1/jobs?state=TRASHED")["jobs"] if node["board_path"] == path)
        self.assertIn("other content", trashed["failure"]["message"])
        self.assertTrue(self.zookeeper.exists(path.replace("/jobs/", "/.trash/")))
        self.assert_cluster("known-a")
        self.assertEqual([], self.cloud.calls("create", "other-a"))


if __name__ == "__main__":
    unittest.main()
