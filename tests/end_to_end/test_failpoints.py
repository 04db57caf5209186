"""kill -9 at every commit, send and receipt in turn, in the middle of a three-node cluster and of its undoing.

Each case arms one failpoint (common/failpoints) in one daemon, posts a job, starts the daemon again when it has died,
and judges ledger and history. BATON_FAILPOINTS=all (make failpoints) walks each moment until a job no longer comes to
it; else some of each are taken.
"""

import http.client
import itertools
import os
import time
import unittest
import uuid

from harness import FleetTest

CONDUCTOR, WORKER = "conductor-1", "worker-1"
MOMENTS = {CONDUCTOR: ("commit", "committed", "send", "sent", "receive", "received"),
           WORKER: ("send", "sent", "receive", "received")}
SAMPLE = (1, 4)  # of each moment, where not all are asked for
NUMBER_MAX = 200  # no job of these comes to so many: a counter that never ends is a defect
JOB_SECONDS = 40


class Failpoints(FleetTest):
    conductors = (CONDUCTOR,)
    workers = (WORKER,)

    def walk(self, daemon, story):
        """The deaths of one daemon; how many there were."""
        self.addCleanup(self.disarm, self.fleet.daemons[daemon])
        everything = os.environ.get("BATON_FAILPOINTS") == "all"
        deaths = 0
        for moment in MOMENTS[daemon]:
            died_at = []
            for number in itertools.count(1) if everything else SAMPLE:
                self.assertLess(number, NUMBER_MAX, f"{daemon} never came past its last {moment}")
                with self.subTest(daemon=daemon, failpoint=f"{moment}:{number}"):
                    if self.dies_at(daemon, f"{moment}:{number}", story):
                        died_at.append(number)
                    elif everything:
                        break
            self.assertTrue(died_at, f"{daemon} never died at {moment}: the failpoint is not there")
            deaths += len(died_at)
        print(f"{daemon}: {deaths} deaths", flush=True)

    @staticmethod
    def disarm(daemon):
        """A failpoint that no job came to stays armed, and the daemon would die of it in another one's walk."""
        daemon.process.stop(20)
        daemon.start()

    def dies_at(self, name, failpoint, story):
        """True: it died there, and all went well all the same. False: the job never came so far."""
        daemon = self.fleet.daemons[name]
        daemon.process.stop(20)
        daemon.environment["BATON_FAILPOINT"] = failpoint
        try:
            daemon.start()
        finally:
            del daemon.environment["BATON_FAILPOINT"]
        nodes = tuple(f"n{uuid.uuid4().hex[:8]}" for _ in range(3))
        job, flow = story.begin(self, nodes)
        died = self.until_ended(daemon, job, flow)
        story.judge(self, job, nodes, died, name)
        return died

    def until_ended(self, daemon, job, flow):
        deadline = time.monotonic() + JOB_SECONDS
        died, posted = False, False
        while time.monotonic() < deadline:
            posted = posted or self.try_to_post(job, flow)
            if posted and self.ended(job):
                return died
            if daemon.process.wait(0.02):
                died = True
                daemon.start()
        self.fail(f"job {job} has not ended in {JOB_SECONDS} s")

    def try_to_post(self, job, flow):
        """The API is in the daemon that dies: the same post again is the same job."""
        try:
            status, answer = self.api.ask("POST", "/v1/jobs", {"uuid": job, **flow})
        except (AssertionError, OSError, http.client.HTTPException):
            return False
        self.assertIn(status, (200, 201), answer)
        return True

    def ended(self, job):
        return self.sql(f"select finished_at is not null from jobs where uuid = '{job}'") == "t"

    def test_a_conductor_dies_at_each_moment_of_a_cluster(self):
        self.walk(CONDUCTOR, Making)

    def test_a_conductor_dies_at_each_moment_of_an_undoing(self):
        self.walk(CONDUCTOR, Undoing)

    def test_a_worker_dies_at_each_moment_of_a_cluster(self):
        self.walk(WORKER, Making)

    def test_a_worker_dies_at_each_moment_of_an_undoing(self):
        self.walk(WORKER, Undoing)

    def get(self, path):
        """Its death may come when the job has ended already."""
        daemon = self.fleet.daemons[CONDUCTOR]
        try:
            return self.api.get(path)
        except (AssertionError, OSError, http.client.HTTPException):
            if not daemon.process.wait(5):
                raise
            daemon.start()
            return self.api.get(path)

    def outcomes(self, verb, node):
        return [outcome for _, outcome in self.cloud.calls(verb, node)]

    def changes(self, job):
        """(atom, state) of the atoms' changes, oldest first."""
        rows = self.get(f"/v1/jobs/{job}/history?limit=500")["rows"]
        return [(row["atom"], row["state"]) for row in rows if row.get("atom") and row.get("state")]


class Making:
    """create-cluster: every server once, configured once, unless a worker died over it."""

    @staticmethod
    def begin(test, nodes):
        return str(uuid.uuid4()), {"flow": "create-cluster", "parameters": {"name": nodes[0], "nodes": list(nodes)}}

    @staticmethod
    def judge(test, job, nodes, died, daemon):
        test.assertEqual("SUCCESS", test.get(f"/v1/jobs/{job}")["state"])
        again = died and daemon == WORKER
        for node in nodes:
            outcomes = test.outcomes("create", node)
            test.assertEqual("created", outcomes[0])
            test.assertEqual(["repeated"] * (len(outcomes) - 1), outcomes[1:])
            if not again:
                test.assertEqual(1, len(outcomes))
        test.assertLessEqual(set(nodes), set(test.cloud.servers()))
        test.assertLessEqual(len(test.outcomes("configure", nodes[0])), 2 if again else 1)
        test.assertIn("configured", test.outcomes("configure", nodes[0]))
        changes = test.changes(job)
        for atom in [f"{what}-{node}" for what in ("create", "wait") for node in nodes] + ["configure"]:
            test.assertEqual(1, changes.count((atom, "SUCCESS")), atom)


class Undoing:
    """A chain whose last node is refused: what was made is undone once, last first."""

    @staticmethod
    def begin(test, nodes):
        test.cloud.faults({"verb": "create", "hostname": nodes[-1], "mode": "fail", "times": -1})
        tasks = [{"task": "server.create", "name": f"create-{node}", "inject": {"hostname": node}, "requires": ["hostname"]}
                 for node in nodes]
        return str(uuid.uuid4()), {"flow": {"name": "chain", "pattern": "linear", "nodes": tasks}}

    @staticmethod
    def judge(test, job, nodes, died, daemon):
        test.assertEqual("REVERTED", test.get(f"/v1/jobs/{job}")["state"])
        test.assertEqual(set(), set(nodes) & set(test.cloud.servers()))
        for node in nodes[:-1]:
            outcomes = test.outcomes("create", node)
            test.assertEqual(1, outcomes.count("created"), node)
            test.assertEqual(1, test.outcomes("delete", node).count("deleted"), node)
        changes = test.changes(job)
        reverted = [atom for atom, state in changes if state == "REVERTED"]
        test.assertEqual([f"create-{node}" for node in reversed(nodes)], reverted)
        for node in nodes[:-1]:
            test.assertEqual(1, changes.count((f"create-{node}", "SUCCESS")))


if __name__ == "__main__":
    unittest.main()
