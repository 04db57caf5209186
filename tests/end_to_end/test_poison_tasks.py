"""A task that ends every worker that runs it: it is found and fails, what runs beside it is not charged; workers come
again as systemd starts them."""

import time
import unittest

from harness import EVENT_SECONDS, WORKERS, FleetTest

DELIVERIES_MAX = 3  # of a task that says nothing else
HOLD_MS = 3000  # of each delivery: what runs beside the poison outlives several deaths


class PoisonTasks(FleetTest):
    workers = WORKERS[:2]
    session_timeout_ms = 40_000  # deaths are noted: nobody waits for the end of a session

    @classmethod
    def change_fleet(cls):
        for name in WORKERS:
            cls.fleet.daemons[name].settings["worker"]["modules"].append(
                str(cls.fleet.build / "modules" / "end_to_end_module.so"))

    def post_poison(self, node, task, **inject):
        """After a server that its failure has to undo."""
        flow = {"name": "poisoned", "pattern": "linear",
                "nodes": [{"task": "server.create", "name": f"create-{node}", "inject": {"hostname": node},
                           "requires": ["hostname"]},
                          {"task": task, "name": "crash", "inject": inject, "requires": list(inject)}]}
        status, answer = self.api.ask("POST", "/v1/jobs", {"flow": flow})
        self.assertEqual(201, status, answer)
        return answer["uuid"]

    def post_innocent(self, *nodes):
        """They run at the workers for a while."""
        self.cloud.faults(*({"verb": "create", "hostname": node, "mode": "hang", "delay_ms": HOLD_MS, "times": -1}
                            for node in nodes))
        flow = {"name": "innocent", "pattern": "unordered",
                "nodes": [{"task": "server.create", "name": f"create-{node}", "inject": {"hostname": node},
                           "requires": ["hostname"]} for node in nodes]}
        status, answer = self.api.ask("POST", "/v1/jobs", {"flow": flow})
        self.assertEqual(201, status, answer)
        for node in nodes:
            self.cloud.until(verb="create", hostname=node)
        return answer["uuid"]

    def deaths_until_ended(self, job):
        """Starts workers again that have died, until the job has ended."""
        deaths, deadline, ended = 0, time.monotonic() + EVENT_SECONDS, False
        while not ended:
            self.assertLess(time.monotonic(), deadline)
            ended = self.show(job).get("finished_at") is not None
            deaths += self.start_the_dead()  # once more behind the end: the other worker may have undone it meanwhile
        return deaths

    def start_the_dead(self):
        """As systemd does. Returns how many there were."""
        dead = [daemon for daemon in self.fleet.named(self.workers) if daemon.process.wait(0.02)]
        for daemon in dead:
            daemon.start()
        return len(dead)

    def assert_poison_found(self, job, node):
        atom = next(atom for atom in self.show(job)["atoms"] if atom["name"] == "crash")
        self.assertEqual("WorkerLost", atom["failure"]["type"])
        self.assertIn(f"the last of {DELIVERIES_MAX} deliveries", atom["failure"]["message"])
        rows, state = self.end_of(job)
        self.assertEqual("REVERTED", state)
        told = [row["what"] for row in rows if row.get("atom") == "crash"]
        self.assertEqual(DELIVERIES_MAX, len([what for what in told if what.startswith("RUNNING")]))
        self.assertEqual(1, len([what for what in told if what.startswith("FAILURE: WorkerLost")]), told)
        self.assertNotIn(node, self.cloud.servers())
        return atom["failure"]["message"]

    def test_h22_a_task_that_crashes_its_workers_fails_and_what_runs_beside_it_is_not_charged(self):
        nodes = [f"innocent-{number}" for number in range(6)]  # more than one worker's slots: some at each
        innocent = self.post_innocent(*nodes)
        poison = self.post_poison("poison-a", "crash")
        self.assertEqual(DELIVERIES_MAX, self.deaths_until_ended(poison))
        self.assertIn("this task ended it, SIGABRT", self.assert_poison_found(poison, "poison-a"))
        rows, state = self.end_of(innocent)
        self.assertEqual("SUCCESS", state)
        lost = [row["what"] for row in rows if "redelivered" in row["what"]]
        self.assertGreaterEqual(len(lost), DELIVERIES_MAX, "some ran at each of the workers that died")
        self.assertEqual([], [what for what in lost if "not counted" not in what])
        for atom in self.show(innocent)["atoms"]:
            self.assertEqual(1, atom["attempt"])
        for name in nodes:
            self.assertEqual(1, self.cloud.calls("create", name).count((name, "created")))

    def test_h22_a_task_whose_worker_is_killed_from_outside_fails_after_as_many_deaths(self):
        poison = self.post_poison("poison-b", "crash", kill=True)
        self.assertEqual(DELIVERIES_MAX, self.deaths_until_ended(poison))
        self.assert_poison_found(poison, "poison-b")
        nodes = ("after-a", "after-b")
        self.assertEqual("SUCCESS", self.end_of(self.create_cluster(*nodes))[1])
        self.assert_cluster(*nodes)

    def test_h22_a_command_that_kills_its_worker_fails_after_as_many_deaths(self):
        worker = "$(cut -d' ' -f4 /proc/$PPID/stat)"  # the parent of its guard
        poison = self.post_poison("poison-c", "command", argv=["sh", "-c", f"kill -9 {worker}"])
        self.assertEqual(DELIVERIES_MAX, self.deaths_until_ended(poison))
        self.assert_poison_found(poison, "poison-c")


if __name__ == "__main__":
    unittest.main()
