"""A conductor that stands still for longer than every patience that it has: what was answered meanwhile counts, nobody is
called silent, nothing is ended."""

import signal
import unittest

from harness import FleetTest

STALL_SECONDS = 5  # longer than all of these
PATIENCE = {"heartbeat_ms": 1000, "start_to_close_ms": 3000}
HOLD_MS = 500  # the tasks are at work when it stops, and have ended long before their time is over
TASKS = 12  # more than the workers' slots: some wait there, and start while nobody looks


class StalledConductor(FleetTest):
    session_timeout_ms = 40_000  # it keeps its claims: this is not about another one that takes over

    def test_h26_a_conductor_that_was_stopped_reads_what_came_meanwhile_before_its_timers_fire(self):
        nodes = [f"stall-{number:02}" for number in range(TASKS)]
        self.cloud.faults(*({"verb": "create", "hostname": node, "mode": "hang", "delay_ms": HOLD_MS} for node in nodes))
        job = self.post_creates(nodes)
        self.cloud.until(verb="create", hostname=nodes[0])
        conductor = self.fleet.daemons["conductor-1"]
        conductor.kill(signal.SIGSTOP)
        self.addCleanup(conductor.start)
        for node in nodes:
            self.cloud.until(verb="create", hostname=node)
        self.assertFalse(conductor.process.wait(STALL_SECONDS))
        conductor.kill(signal.SIGCONT)
        rows, state = self.end_of(job)
        self.assertEqual("SUCCESS", state)
        for node in nodes:
            told = [(row["state"], row["attempt"]) for row in rows if row.get("atom") == f"create-{node}"]
            self.assertEqual([("RUNNING", 1), ("SUCCESS", 1)], [one for n, one in enumerate(told) if one not in told[:n]])
            self.assertEqual([("create", "created", 1)], self.cloud.deliveries(f"create-{node}", "create"))
        self.assertEqual([], [row["what"] for row in rows if "redelivered" in row["what"] or "asked to end" in row["what"]])

    def post_creates(self, nodes):
        """All side by side."""
        flow = {"name": "stalled", "pattern": "unordered",
                "nodes": [{"task": "server.create", "name": f"create-{node}", "inject": {"hostname": node},
                           "requires": ["hostname"], "timeouts": PATIENCE} for node in nodes]}
        status, answer = self.api.ask("POST", "/v1/jobs", {"flow": flow})
        self.assertEqual(201, status, answer)
        return answer["uuid"]


if __name__ == "__main__":
    unittest.main()
