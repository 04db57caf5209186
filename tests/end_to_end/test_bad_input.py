"""Postings that can not be run: each is shown with its reason and harms no other job. Run with TaskFlow's Python, whose
ZooKeeper client posts what the API would refuse."""

import json
import threading
import unittest
import uuid

from harness import EVENT_SECONDS, FleetTest
from kazoo.client import KazooClient


class BadInput(FleetTest):
    workers = ("worker-1",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.zookeeper = KazooClient(cls.fleet.services["zookeeper"])
        cls.zookeeper.start()
        cls.addClassCleanup(cls.zookeeper.close)
        cls.addClassCleanup(cls.zookeeper.stop)

    def put_on_board(self, content):
        return self.zookeeper.create(f"{self.fleet.board}/job", content, sequence=True)

    def post_by_hand(self, flow, **parameters):
        job = str(uuid.uuid4())
        factory = {"name": flow, "args": [], "kwargs": parameters}
        self.put_on_board(json.dumps({"uuid": job, "name": flow, "priority": "NORMAL",
                                      "details": {"factory": factory, "store": {}}}).encode())
        return job

    def assert_others_run(self, node):
        self.assertEqual("SUCCESS", self.end_of(self.create_cluster(node))[1])
        self.assert_cluster(node)

    def test_an_unknown_flow_is_left_alone_and_shown(self):
        status, answer = self.api.ask("POST", "/v1/jobs", {"flow": "make-coffee", "parameters": {}})
        self.assertEqual(201, status)
        self.assertIn("make-coffee", answer["warning"])
        self.assert_others_run("bad-a")
        left = {job["job"]: job for job in self.api.get("/v1/left-alone")["left_alone"]}
        self.assertIn("make-coffee", left[answer["uuid"]]["reason"])
        self.assertTrue(self.zookeeper.exists(answer["board_path"]))

    def test_wrong_parameters_are_refused_to_the_poster(self):
        status, problem = self.api.ask("POST", "/v1/jobs", {"flow": "create-cluster", "parameters": {"nodes": 7}})
        self.assertEqual(422, status)
        self.assertIn("nodes", problem["detail"])

    def test_wrong_parameters_on_the_board_end_rejected_with_the_reason(self):
        job = self.post_by_hand("create-cluster", nodes=7)
        self.assert_others_run("bad-b")
        rows, state = self.end_of(job)
        self.assertEqual("REJECTED", state)
        self.assertIn("nodes", json.dumps(self.show(job)["failure"]))

    def test_a_node_that_is_not_json_is_trashed_with_the_reason_while_other_jobs_run(self):
        path = self.put_on_board(b"\xff not json")
        self.assert_gone(path)
        self.assert_others_run("bad-c")
        trashed = self.sql("select board_path, why from trashed_nodes")
        self.assertEqual(f"{path}|it is not JSON: syntax error", trashed)
        self.assertEqual(b"\xff not json", self.zookeeper.get(path.replace("/jobs/", "/.trash/"))[0])

    def assert_gone(self, path):
        gone = threading.Event()
        if self.zookeeper.exists(path, watch=lambda _: gone.set()):
            self.assertTrue(gone.wait(EVENT_SECONDS), f"{path} is still there")


if __name__ == "__main__":
    unittest.main()
