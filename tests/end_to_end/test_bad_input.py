"""Postings that can not be run: each is shown with its reason and harms no other job. Run with TaskFlow's Python, whose
ZooKeeper client posts what the API would refuse."""

import json
import threading
import unittest
import uuid

from harness import EVENT_SECONDS
from zookeeper_client import ZooKeeperFleetTest


def refusal(told):
    return (f"flow 'create-cluster' refuses its parameters:\n  {told}\n"
            "  parameters: nodes (list of string, required), name (string, default \"cluster\")\n"
            "  hint: correct the job's details.factory and post it again")


def step(name, **members):
    return {"task": "step", "name": name, **members}


# By the type of the failure: a pattern, nodes, and what is told.
BAD_FLOWS = {
    "MissingDependencies": ("linear", [step("a", requires=["nothing_provides_me"])],
                            "flow 'f': 1 argument has no provider\n"
                            "  task 'a' requires 'nothing_provides_me', but no atom before it provides it\n"
                            "    provided before it: nothing\n"
                            "    hint: pass 'nothing_provides_me' in the store, or add a task that provides it"),
    "DependencyFailure": ("graph", [step("a", requires=["x"], provides="y"), step("b", requires=["y"], provides="x")],
                          "flow 'f': its links form a cycle\n  'a' -> 'b', which requires 'y'\n"
                          "  'b' -> 'a', which requires 'x'\n  hint: remove or turn one of these links"),
    "Duplicate": ("linear", [step("a"), step("a")],
                  "flow 'f': the name 'a' is used twice, by a task of flow 'f' and by a task of flow 'f'\n"
                  "  hint: names of tasks and retries are unique in the whole flow; rename one of them")}
# Scripts whose output is no result, and why.
BAD_RESULTS = ((r"""printf '"\\u0000"'""", r"a string holds the character U\+0000, which Postgres cannot store"),
               ("echo 1e999", "a number is too large for a double"),
               ("yes '[' | head -n 1000; yes ']' | head -n 1000", "it is nested deeper than 256 levels"),
               ("yes 1 | head -c 3000000", r"it has \d+ bytes, the limit is 1048576"))


class BadInput(ZooKeeperFleetTest):
    workers = ("worker-1",)

    def put_on_board(self, content):
        return self.zookeeper.create(f"{self.fleet.board}/job", content, sequence=True)

    def post_by_hand(self, flow, **parameters):
        return self.post_details(flow, {"factory": {"name": flow, "args": [], "kwargs": parameters}, "store": {}})

    def post_details(self, name, details):
        job = str(uuid.uuid4())
        self.put_on_board(json.dumps({"uuid": job, "name": name, "priority": "NORMAL", "details": details}).encode())
        return job

    def assert_others_run(self, node):
        self.assertEqual("SUCCESS", self.end_of(self.create_cluster(node))[1])
        self.assert_cluster(node)

    def test_h15_an_unknown_flow_is_left_alone_and_shown(self):
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

    def test_h15_a_parameter_of_a_newer_version_leaves_the_job_alone(self):
        job = self.post_by_hand("create-cluster", nodes=["newer-a"], colour="red")
        self.assert_others_run("bad-g")
        self.assertEqual(refusal("parameter 'colour' is unknown") + ", unless a newer version of its module knows them: "
                         "the job is left to that", self.show(job)["waiting_for"])
        self.assertEqual("PENDING", self.show(job)["state"])
        self.assertEqual([], self.cloud.calls("create", "newer-a"))

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

    def test_a_flow_that_does_not_compile_is_refused_to_the_poster_and_ends_rejected_on_the_board(self):
        flows = {kind: {"name": "f", "pattern": pattern, "nodes": nodes} for kind, (pattern, nodes, _) in BAD_FLOWS.items()}
        jobs = {kind: self.post_details("f", {"flow": flow}) for kind, flow in flows.items()}
        self.assert_others_run("bad-e")
        for kind, (_, _, told) in BAD_FLOWS.items():
            with self.subTest(kind):
                self.assertEqual("REJECTED", self.end_of(jobs[kind])[1])
                failure = self.show(jobs[kind])["failure"]
                self.assertEqual((kind, told), (failure["type"], failure["message"]))
                status, problem = self.api.ask("POST", "/v1/jobs", {"flow": flows[kind]})
                self.assertEqual((422, "urn:baton:problem:bad-flow", told), (status, problem["type"], problem["detail"]))

    def test_a_result_that_can_not_be_kept_fails_its_atom_only(self):
        jobs = {}
        for number, (script, told) in enumerate(BAD_RESULTS):
            node = {"task": "command", "name": f"odd-{number}", "inject": {"argv": ["sh", "-c", script]}, "requires": ["argv"]}
            jobs[self.post_details("odd", {"flow": {"name": "odd", "pattern": "linear", "nodes": [node]}})] = told
        self.assert_others_run("bad-f")
        for job, told in jobs.items():
            with self.subTest(told):
                self.assertEqual("REVERTED", self.end_of(job)[1])
                failure = self.show(job)["atoms"][0]["failure"]
                self.assertEqual("BadResult", failure["type"])
                self.assertRegex(failure["message"], r"(?s)^the command's stdout \(it begins: .*\) can.?not be its result: "
                                 + told + r".*\n  hint: a result is JSON of at most 1048576 bytes, without U\+0000 and "
                                 "infinite numbers; keep larger values elsewhere and return where they are$")

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
