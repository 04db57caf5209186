"""A worker that is stopped in the middle of a task and woken when its work has moved on: what it does late is refused by
a cloud that checks tokens, and leaks into one that does not. A task that runs too long and does not hear of it."""

import os
import signal
import tempfile
import unittest
from pathlib import Path

from harness import FleetTest

GATED, OTHER = "worker-1", "worker-2"
ABANDON_MS = 2500  # the other worker has started by then


class Gated(FleetTest):
    """Creates at worker-1 wait behind the gate of their hostname; worker-2 knows no gates and starts when it is told."""

    conductors = ("conductor-1",)
    workers = (GATED,)

    @classmethod
    def change_fleet(cls):
        gates = tempfile.TemporaryDirectory(prefix="baton-gates-")
        cls.addClassCleanup(gates.cleanup)
        cls.gates = Path(gates.name)
        for name in (GATED, OTHER):
            cls.fleet.daemons[name].settings["worker"]["modules"].append(
                str(cls.fleet.build / "modules" / "end_to_end_module.so"))
        cls.fleet.daemons[GATED].environment["BATON_TEST_GATES"] = gates.name

    def create(self, node, **more):
        os.mkfifo(self.gates / node)
        return {"task": "gated.create", "name": f"create-{node}", "inject": {"hostname": node}, "requires": ["hostname"],
                **more}

    def post_flow(self, *nodes, **more):
        flow = {"name": "gated", "pattern": "linear", "nodes": list(nodes), **more}
        status, answer = self.api.ask("POST", "/v1/jobs", {"flow": flow})
        self.assertEqual(201, status, answer)
        return answer["uuid"]

    def open_gate(self, node):
        gate = os.open(self.gates / node, os.O_RDWR)
        self.addCleanup(os.close, gate)

    def start_other(self):
        self.fleet.daemons[OTHER].start()
        self.addCleanup(self.fleet.stop, [OTHER])

    def told(self, node):
        return self.cloud.deliveries(f"create-{node}", "create", "delete")


class StoppedAndWoken(Gated):
    def stop_before_create(self, node):
        """The worker has looked at the cloud, and its create is the next thing that it does. Others take it for dead."""
        self.cloud.until(verb="get", hostname=node)
        self.fleet.daemons[GATED].kill(signal.SIGSTOP)
        self.addCleanup(self.fleet.daemons[GATED].start)  # a start wakes it
        self.start_other()

    def wake(self, node):
        self.open_gate(node)
        self.fleet.daemons[GATED].kill(signal.SIGCONT)

    def revert_what_made_nothing(self, node):
        """The create fails at the other worker before it has done anything: its revert finds nothing to delete."""
        job = self.post_flow(self.create(node))
        self.cloud.faults({"verb": "create", "hostname": node, "mode": "fail"})
        self.stop_before_create(node)
        self.assertEqual("REVERTED", self.end_of(job)[1])
        self.assertEqual([("create", "failed", 2), ("delete", "nothing", 3)], self.told(node))
        return job


class FencedEffects(StoppedAndWoken):
    def test_h3_a_worker_that_wakes_after_another_did_and_undid_its_work_is_refused(self):
        node, refused = "woken-a", "woken-b"
        job = self.post_flow(self.create(node),
                             {"task": "server.create", "name": "refused", "inject": {"hostname": refused},
                              "requires": ["hostname"]})
        self.cloud.faults({"verb": "create", "hostname": refused, "mode": "fail"})
        self.stop_before_create(node)
        rows, state = self.end_of(job)
        self.assertEqual("REVERTED", state)
        self.wake(node)
        self.cloud.until(verb="create", hostname=node, outcome="stale")
        self.assertEqual([("create", "created", 2), ("delete", "deleted", 3), ("create", "stale", 1)], self.told(node))
        self.assertNotIn(node, self.cloud.servers())
        self.assert_serves_again("woken-c")
        self.assertEqual(rows, self.end_of(job)[0], "what it said late is recorded nowhere")

    def assert_serves_again(self, node):
        """The woken worker, alone."""
        self.fleet.stop([OTHER])
        job = self.create_cluster(node)
        self.assertEqual("SUCCESS", self.end_of(job)[1])
        self.assert_cluster(node)

    def test_h4_a_create_that_comes_after_a_revert_of_nothing_is_refused(self):
        node = "late-a"
        job = self.revert_what_made_nothing(node)
        self.wake(node)
        self.cloud.until(verb="create", hostname=node, outcome="stale")
        self.assertEqual(("create", "stale", 1), self.told(node)[-1])
        self.assertNotIn(node, self.cloud.servers())
        self.assertEqual("REVERTED", self.show(job)["state"])


class WithoutTokens(StoppedAndWoken):
    @classmethod
    def change_fleet(cls):
        super().change_fleet()
        cls.fleet.daemons["cloud"].settings["cloud"]["check_tokens"] = False

    def test_h4_a_cloud_that_checks_no_tokens_keeps_what_a_woken_worker_made_after_the_revert(self):
        node = "leak-a"
        job = self.revert_what_made_nothing(node)
        self.wake(node)
        self.cloud.until(verb="create", hostname=node, outcome="created")
        self.assertEqual(("create", "created", 1), self.told(node)[-1])
        self.assertEqual("REVERTED", self.show(job)["state"])
        self.assertIn(node, self.cloud.servers(), "the leak that the token prevents")


class Closing(Gated):
    def test_h6_what_runs_too_long_is_closed_before_it_is_undone_and_tried_again(self):
        node = "close-a"
        job = self.post_flow(self.create(node, timeouts={"start_to_close_ms": 300}),
                             retry={"name": "twice", "policy": "times", "attempts": 2})
        self.until(job, atom=f"create-{node}", attempt=1, state="RUNNING")
        self.start_other()  # it could be undone there
        self.until_told(job, "asked to end")
        self.assertEqual("SUCCESS", self.end_of(self.create_cluster("close-b"))[1], "time for what must not come")
        self.assertEqual([], self.told(node))
        self.assertEqual(["asked to end"], self.words_behind(job, "asked to end"))
        self.open_gate(node)
        rows, state = self.end_of(job)
        self.assertEqual("SUCCESS", state)
        failed, = [row for row in rows if row.get("state") == "FAILURE" and row.get("atom") == f"create-{node}"]
        self.assertIn("TimedOut", failed["what"])
        self.assertEqual([("delete", "nothing", 2), ("create", "created", 3)], self.told(node))
        self.assertIn(node, self.cloud.servers())

    def test_h6_an_abandoned_execution_holds_up_neither_its_revert_nor_the_next_attempt(self):
        nodes = ("left-a", "left-b", "left-c")
        limits = {"start_to_close_ms": 300, "abandon_after_ms": ABANDON_MS}
        job = self.post_flow(*({"flow": {"name": f"make-{node}", "pattern": "linear", "nodes": [self.create(node, timeouts=limits)],
                                         "retry": {"name": f"twice-{node}", "policy": "times", "attempts": 2}}}
                               for node in nodes), pattern="unordered")
        for node in nodes:
            self.until(job, atom=f"create-{node}", attempt=1, state="RUNNING")
        self.start_other()
        rows, state = self.end_of(job)  # the gates are shut all the time
        self.assertEqual("SUCCESS", state)
        for node in nodes:
            failed, = [row for row in rows if row.get("state") == "FAILURE" and row.get("atom") == f"create-{node}"]
            self.assertIn("abandoned", failed["what"])
            self.open_gate(node)
        self.fleet.stop([GATED])  # drained: what was abandoned has ended, and made nothing
        self.fleet.daemons[GATED].start()
        for node in nodes:
            self.assertEqual([("delete", "nothing", 2), ("create", "created", 3)], self.told(node))

    def until_told(self, job, words):
        for row in self.api.events(job):
            if words in row["what"]:
                return
        self.fail(f"{job} ended without being told: {words}")

    def words_behind(self, job, words):
        """What its history tells from there on, in short."""
        rows = [row["what"] for row in self.api.get(f"/v1/jobs/{job}/history?limit=500")["rows"]]
        first = next(n for n, what in enumerate(rows) if words in what)
        return [words if words in what else what for what in rows[first:]]


if __name__ == "__main__":
    unittest.main()
