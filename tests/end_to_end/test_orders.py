"""Suspend, resume, cancel on everything that is real: what was acknowledged is carried out, whoever dies meanwhile."""

import json
import signal
import unittest

from harness import CONDUCTORS, WORKERS, Api, FleetTest

HOLD_MS = 1500  # the flow can not end before


class OrdersTest(FleetTest):
    conductors = CONDUCTORS
    workers = WORKERS

    def running_cluster(self, *nodes):
        """A job whose last node is being waited for, held there; the names of its owner and of the other conductor."""
        self.cloud.faults({"verb": "get", "hostname": nodes[-1], "mode": "hang", "delay_ms": HOLD_MS})
        job = self.create_cluster(*nodes)
        self.cloud.until(verb="get", hostname=nodes[-1])
        owner = self.show(job)["conductor"]
        other, = set(CONDUCTORS) - {owner}
        return job, owner, other

    def ask(self, conductor, job, **order):
        """At that conductor, whoever owns the job."""
        status, answer = Api([self.fleet.address(conductor)]).ask("POST", f"/v1/jobs/{job}/orders",
                                                                  {"who": "ann@test", "reason": "a test", **order})
        self.assertEqual(202, status, answer)
        return answer["id"]

    def kill(self, conductor):
        self.fleet.daemons[conductor].kill()
        self.addCleanup(self.fleet.daemons[conductor].start)

    def baton(self, *words):
        done = self.fleet.baton(*words, capture_output=True)
        self.assertEqual("", done.stderr)
        return done

    def orders_told(self, rows):
        return [(row["order"]["order"], row["order"]["who"], row["order"]["reason"]) for row in rows if "order" in row]

    def order(self, job, number):
        return next(one for one in self.api.get(f"/v1/jobs/{job}/orders")["orders"] if one["id"] == number)

    def assert_gone(self, *nodes):
        self.assertEqual(set(), set(nodes) & set(self.cloud.servers()))

    def until_claimed(self, job, conductor):
        for row in self.api.events(job):
            if row.get("claim", {}).get("conductor") == conductor:
                return
        self.fail(f"{job} ended without a claim of {conductor}")


class Orders(OrdersTest):
    session_timeout_ms = 40_000  # who is stopped keeps its claims for as long as a test waits

    def test_a_suspended_job_outlives_its_conductor_and_ends_when_it_is_resumed(self):
        nodes = ("sus-a", "sus-b", "sus-c")
        job, owner, other = self.running_cluster(*nodes)
        suspended = self.baton("suspend", job, "--reason", "maintenance", "--who", "ann@test", "--wait")
        self.assertEqual(0, suspended.returncode)
        self.assertIn("suspend asked for by ann@test: maintenance", suspended.stdout)
        self.assertEqual("SUSPENDED", self.show(job)["state"])
        self.kill(owner)
        self.until_claimed(job, other)
        self.assertEqual("SUSPENDED", self.show(job)["state"])
        self.ask(other, job, order="resume")
        rows = list(self.rows_to_success(job))
        self.assert_cluster(*nodes)
        self.assertEqual([("suspend", "ann@test", "maintenance"), ("resume", "ann@test", "a test")],
                         self.orders_told(rows))

    def test_an_order_that_its_owner_never_heard_is_carried_out_by_the_next_one(self):
        nodes = ("deaf-a", "deaf-b")
        job, owner, other = self.running_cluster(*nodes)
        self.fleet.daemons[owner].kill(signal.SIGSTOP)
        self.api = Api([self.fleet.address(other)])  # the stopped one takes a question, too, and lets us wait
        number = self.ask(other, job, order="cancel")
        self.assertNotIn("taken_at", self.order(job, number))
        self.assertTrue(self.show(job)["cancelling"])
        self.kill(owner)
        rows, state = self.end_of(job)
        self.assertEqual("CANCELLED", state)
        self.assertIn("taken_at", self.order(job, number))
        self.assertEqual([("cancel", "ann@test", "a test")], self.orders_told(rows))
        self.assert_gone(*nodes)

    def test_a_cancel_reverts_everything_and_the_cloud_is_empty(self):
        nodes = ("can-a", "can-b", "can-c")
        job, owner, other = self.running_cluster(*nodes)
        done = self.baton("cancel", job, "--reason", "by mistake", "--wait")
        self.assertEqual(0, done.returncode, done.stdout)
        self.assertEqual("CANCELLED", self.show(job)["state"])
        self.assert_gone(*nodes)
        for node in nodes:
            self.assertEqual(self.cloud.calls("create", node).count((node, "created")),
                             self.cloud.calls("delete", node).count((node, "deleted")))
        refused = self.fleet.baton("resume", job, "--output", "json", capture_output=True)
        self.assertEqual(4, refused.returncode)
        self.assertEqual("urn:baton:problem:job-ended", json.loads(refused.stderr)["type"])

    def test_a_cancel_that_keeps_reverts_nothing(self):
        nodes = ("keep-a", "keep-b")
        job, owner, other = self.running_cluster(*nodes)
        self.ask(other, job, order="cancel", keep=True)
        _, state = self.end_of(job)
        self.assertEqual("CANCELLED", state)
        self.assertEqual([], self.cloud.calls("delete", *nodes))
        self.assertEqual(set(nodes), set(nodes) & set(self.cloud.servers()))

    def test_a_job_that_waits_for_workers_that_are_not_there_can_be_cancelled(self):
        flow = {"name": "nobody", "pattern": "linear", "nodes": [{"task": "no.such.type", "name": "a"}]}
        status, answer = self.api.ask("POST", "/v1/jobs", {"flow": flow})
        self.assertEqual(201, status, answer)
        job = answer["uuid"]
        self.until(job, state="RUNNING")
        self.baton("cancel", job)
        self.assertEqual("CANCELLED", self.end_of(job)[1])

    def rows_to_success(self, job):
        for row in self.api.events(job):
            yield row
            if "atom" not in row and row.get("state") == "SUCCESS":
                return
        self.fail(f"{job} did not end in SUCCESS")


if __name__ == "__main__":
    unittest.main()
