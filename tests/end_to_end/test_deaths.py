"""kill -9 in the middle: the job is finished all the same, and nothing is done twice."""

import unittest

from harness import CONDUCTORS, WORKERS, FleetTest

HOLD_MS = 1500  # the flow can not end before: what is killed is killed in the middle
FOR_EVER_MS = 40_000  # a session that lasts as long as a test waits: what is seen has not waited for its end


class DeathsTest(FleetTest):
    conductors = CONDUCTORS
    workers = WORKERS

    def running_cluster(self, *nodes):
        """A job whose last node is being waited for, held there."""
        self.cloud.faults({"verb": "get", "hostname": nodes[-1], "mode": "hang", "delay_ms": HOLD_MS})
        job = self.create_cluster(*nodes)
        self.cloud.until(verb="get", hostname=nodes[-1])
        return job

    def assert_finished(self, job, *nodes):
        self.assertEqual("SUCCESS", self.end_of(job)[1])
        self.assert_cluster(*nodes)

    def claims(self, job):
        return [row["claim"] for row in self.api.get(f"/v1/jobs/{job}/history?limit=500")["rows"] if "claim" in row]


class Deaths(DeathsTest):
    session_timeout_ms = FOR_EVER_MS

    def test_another_conductor_finishes_what_a_killed_one_ran(self):
        nodes = ("die-a", "die-b", "die-c")
        job = self.running_cluster(*nodes)
        killed = self.show(job)["conductor"]
        self.fleet.daemons[killed].kill()
        self.addCleanup(self.fleet.daemons[killed].start)
        self.assert_finished(job, *nodes)
        other, = set(CONDUCTORS) - {killed}
        self.assertEqual(other, self.show(job)["conductor"])
        claims = self.claims(job)
        self.assertEqual([killed, other], [claim["conductor"] for claim in claims])
        self.assertLess(claims[0]["epoch"]["lock_czxid"], claims[1]["epoch"]["lock_czxid"])

    def test_the_only_conductor_killed_and_started_again_finishes_it(self):
        self.fleet.stop(["conductor-2"])
        self.addCleanup(self.fleet.daemons["conductor-2"].start)
        nodes = ("only-a", "only-b", "only-c")
        job = self.running_cluster(*nodes)
        self.fleet.daemons["conductor-1"].kill()
        self.fleet.daemons["conductor-1"].start()
        self.assert_finished(job, *nodes)

    def test_the_task_of_a_killed_worker_goes_on_elsewhere_with_the_same_key(self):
        nodes = ("lost-a", "lost-b", "lost-c")
        self.cloud.faults({"verb": "create", "hostname": "lost-b", "mode": "hang", "delay_ms": 60_000})
        job = self.create_cluster(*nodes)
        self.cloud.until(verb="create", hostname="lost-b")
        killed = self.until(job, atom="create-lost-b", state="RUNNING")["worker"]
        self.fleet.daemons[killed].kill()
        self.addCleanup(self.fleet.daemons[killed].start)
        rows, state = self.end_of(job)
        self.assertEqual("SUCCESS", state)
        deliveries = [row["worker"] for row in rows
                      if (row.get("atom"), row.get("state")) == ("create-lost-b", "RUNNING")]
        self.assertEqual([killed], deliveries[:-1])
        self.assertNotEqual(killed, deliveries[-1])
        calls = self.cloud.calls("create", "lost-b")
        self.assertEqual([("lost-b", "created"), ("lost-b", "repeated")], calls)
        # Others of the same worker may have been cut off too: their calls are repeated, never done twice.
        for node in ("lost-a", "lost-c"):
            self.assertEqual(1, self.cloud.calls("create", node).count((node, "created")))
        self.assertEqual([("lost-a", "configured")], self.cloud.calls("configure", "lost-a"))
        self.assertEqual(list(nodes), [node for node in self.cloud.servers() if node in nodes])


class LostHosts(DeathsTest):
    """Nobody notes these deaths: the sessions' timeout tells of them."""

    def test_another_conductor_finishes_what_a_lost_host_ran(self):
        nodes = ("gone-a", "gone-b")
        job = self.running_cluster(*nodes)
        lost = self.show(job)["conductor"]
        self.fleet.daemons[lost].lose()
        self.addCleanup(self.fleet.daemons[lost].start)
        self.assert_finished(job, *nodes)
        other, = set(CONDUCTORS) - {lost}
        self.assertEqual([lost, other], [claim["conductor"] for claim in self.claims(job)])

    def test_the_task_of_a_lost_worker_goes_on_elsewhere(self):
        self.cloud.faults({"verb": "create", "hostname": "away-a", "mode": "hang", "delay_ms": 60_000})
        job = self.create_cluster("away-a")
        self.cloud.until(verb="create", hostname="away-a")
        lost = self.until(job, atom="create-away-a", state="RUNNING")["worker"]
        self.fleet.daemons[lost].lose()
        self.addCleanup(self.fleet.daemons[lost].start)
        self.assertEqual("SUCCESS", self.end_of(job)[1])
        self.assertEqual([("away-a", "created"), ("away-a", "repeated")], self.cloud.calls("create", "away-a"))

    def test_h18_a_worker_started_again_under_its_name_is_another_one(self):
        """At once, so that the old one is still listed beside it."""
        self.fleet.stop([name for name in WORKERS if name != "worker-1"])
        self.addCleanup(self.fleet.start, WORKERS)
        self.cloud.faults({"verb": "create", "hostname": "again-a", "mode": "hang", "delay_ms": 60_000})
        job = self.create_cluster("again-a")
        self.cloud.until(verb="create", hostname="again-a")
        self.fleet.daemons["worker-1"].lose()
        self.cloud.faults()
        self.fleet.daemons["worker-1"].start()
        rows, state = self.end_of(job)
        self.assertEqual("SUCCESS", state)
        deliveries = [row for row in rows if (row.get("atom"), row.get("state")) == ("create-again-a", "RUNNING")]
        self.assertEqual(["worker-1", "worker-1"], [row["worker"] for row in deliveries])
        self.assertLess(deliveries[0]["dispatch"], deliveries[1]["dispatch"])
        self.assertEqual(1, self.cloud.calls("create", "again-a").count(("again-a", "created")))


if __name__ == "__main__":
    unittest.main()
