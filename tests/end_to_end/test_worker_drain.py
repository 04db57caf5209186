"""A worker that is told to go: what runs there ends there, what has not started is handed back and done elsewhere."""

import signal
import unittest

from harness import EVENT_SECONDS, FleetTest

SLOTS = 4  # of a worker
HOLD_MS = 2500  # what runs when it is told to go takes longer than the rest needs to end elsewhere
TASKS = 9  # some wait at the worker behind those that run


class WorkerDrain(FleetTest):
    workers = ("worker-1",)
    session_timeout_ms = 40_000  # nobody is taken for dead

    def test_what_has_not_started_is_handed_back_and_what_runs_ends(self):
        nodes = [f"drain-{number}" for number in range(TASKS)]
        held, waiting = nodes[:SLOTS], nodes[SLOTS:]
        self.cloud.faults(*({"verb": "create", "hostname": node, "mode": "hang", "delay_ms": HOLD_MS} for node in held))
        job = self.post_creates(nodes)
        for node in held:
            self.cloud.until(verb="create", hostname=node)
        for node in waiting:  # they are recorded as sent to it
            self.until(job, atom=f"create-{node}", state="RUNNING", worker="worker-1")
        worker = self.fleet.daemons["worker-1"].process
        worker.send(signal.SIGTERM)
        self.addCleanup(self.fleet.daemons["worker-1"].start)
        self.fleet.daemons["worker-2"].start()
        self.addCleanup(self.fleet.stop, ["worker-2"])
        for node in waiting:
            self.cloud.until(verb="create", hostname=node)
        self.assertIsNotNone(worker.pid(), "what runs there has not ended yet")
        rows, state = self.end_of(job)
        self.assertEqual("SUCCESS", state)
        self.assertTrue(worker.wait(EVENT_SECONDS))
        for node in held:
            self.assertEqual([("worker-1", 1)], self.deliveries(rows, node))
            self.assertEqual([("create", "created", 1)], self.cloud.deliveries(f"create-{node}", "create"))
        atoms = {atom["name"]: atom for atom in self.show(job)["atoms"]}
        for node in waiting:
            told = self.deliveries(rows, node)
            self.assertEqual(("worker-1", 1), told[0])
            self.assertEqual("worker-2", told[-1][0])
            self.assertEqual(list(range(1, len(told) + 1)), [dispatch for _, dispatch in told])
            self.assertEqual([("create", "created", len(told))], self.cloud.deliveries(f"create-{node}", "create"))
            self.assertEqual(1, atoms[f"create-{node}"]["attempt"])
        self.assertIn("redelivered: handed back", " ".join(row["what"] for row in rows))

    def deliveries(self, rows, node):
        """(worker, dispatch within its generation), in their order."""
        return [(row["worker"], row["dispatch"] & 0xFFFFFFFF) for row in rows
                if row.get("atom") == f"create-{node}" and row.get("state") == "RUNNING" and row.get("worker")]

    def post_creates(self, nodes):
        """All side by side, started in their order."""
        flow = {"name": "drained", "pattern": "unordered",
                "nodes": [{"task": "server.create", "name": f"create-{node}", "inject": {"hostname": node},
                           "requires": ["hostname"]} for node in nodes]}
        status, answer = self.api.ask("POST", "/v1/jobs", {"flow": flow})
        self.assertEqual(201, status, answer)
        return answer["uuid"]


if __name__ == "__main__":
    unittest.main()
