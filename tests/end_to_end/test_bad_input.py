"""Postings that can not be run: each is shown with its reason and harms no other job. Run with TaskFlow's Python, whose
ZooKeeper client posts what the API would refuse."""

import json
import threading
import unittest
import uuid

from harness import EVENT_SECONDS, FleetTest
from kazoo.client import KazooClient


def refusal(told):
    return (f"flow 'create-cluster' refuses its parameters:\n  {told}\n"
            "  parameters: nodes (list of string, required), name (string, default \"cluster\")\n"
            "  hint: correct the job's details.factory and post it again")


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
        known = ", ".join(flow["name"] for flow in self.api.get("/v1/flows")["flows"])
        reason = (f"no module of this conductor knows the flow 'make-coffee'; known: {known}; start a conductor with its "
                  "module (conductor.modules), or remove the job and post it with a flow that is known")
        self.assertEqual(reason, left[answer["uuid"]]["reason"])
        self.assertEqual(reason, self.show(answer["uuid"])["waiting_for"])
        self.assertTrue(self.zookeeper.exists(answer["board_path"]))

    def test_wrong_or_missing_parameters_are_refused_to_the_poster(self):
        for parameters, told in (({"nodes": 7}, "parameter 'nodes' is 7, expected: list of string"),
                                 ({}, "parameter 'nodes' is missing, expected: list of string")):
            status, problem = self.api.ask("POST", "/v1/jobs", {"flow": "create-cluster", "parameters": parameters})
            self.assertEqual((422, "urn:baton:problem:bad-parameters", refusal(told)),
                             (status, problem["type"], problem["detail"]))

    def test_wrong_or_missing_parameters_on_the_board_end_rejected_with_the_reason(self):
        jobs = {"parameter 'nodes' is 7, expected: list of string": self.post_by_hand("create-cluster", nodes=7),
                "parameter 'nodes' is missing, expected: list of string": self.post_by_hand("create-cluster")}
        self.assert_others_run("bad-b")
        for told, job in jobs.items():
            self.assertEqual("REJECTED", self.end_of(job)[1])
            self.assertEqual({"type": "BadParameters", "message": refusal(told)}, self.show(job)["failure"])

    def test_a_node_that_is_not_json_is_trashed_with_the_reason_while_other_jobs_run(self):
        path = self.put_on_board(b"\xff not json")
        self.assert_gone(path)
        self.assert_others_run("bad-c")
        why = ("this board node is no job: it is not JSON: syntax error (at byte 0); its bytes are in the board's .trash: "
               "post it again as a JSON object with uuid, name and details")
        trashed, = (job for job in self.api.get("/v1/jobs?state=TRASHED")["jobs"] if job["board_path"] == path)
        self.assertEqual({"type": "Trashed", "message": why}, trashed["failure"])
        listed = self.fleet.baton("list", "--state", "TRASHED", capture_output=True).stdout
        self.assertRegex(listed, rf"{path} +TRASHED +\S+ +Trashed: this board node is no job: it is not JSON: syntax")
        self.assertEqual(b"\xff not json", self.zookeeper.get(path.replace("/jobs/", "/.trash/"))[0])

    def test_a_value_that_can_not_be_stored_trashes_its_node_only(self):
        paths = {self.put_on_board(('{"uuid": "u", "name": "n", "details": {"store": {"x": %s}}}' % value).encode()): told
                 for value, told in ((r'"\u0000"', "a string holds the character U+0000, which Postgres cannot store"),
                                     ("1e999", "a number is too large for a double"),
                                     ("[" * 1000 + "]" * 1000, "it is nested deeper than 256 levels"))}
        for path in paths:
            self.assert_gone(path)
        self.assert_others_run("bad-d")
        listed = {job["board_path"]: job["failure"]["message"] for job in self.api.get("/v1/jobs?state=TRASHED")["jobs"]}
        for path, told in paths.items():
            self.assertIn(f"this board node is no job: {told} (at byte ", listed[path])

    def assert_gone(self, path):
        gone = threading.Event()
        if self.zookeeper.exists(path, watch=lambda _: gone.set()):
            self.assertTrue(gone.wait(EVENT_SECONDS), f"{path} is still there")


if __name__ == "__main__":
    unittest.main()
