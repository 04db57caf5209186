"""A job whose flow kills every conductor that compiles it: it is found, and the others are not charged. Run with
TaskFlow's Python, whose ZooKeeper client posts it: the API would compile it at once."""

import json
import time
import unittest
import uuid

from harness import CONDUCTORS, EVENT_SECONDS, FleetTest
from kazoo.client import KazooClient

DEATHS = 3  # Bounds::deaths_max


class Poison(FleetTest):
    conductors = CONDUCTORS
    workers = ("worker-1",)

    @classmethod
    def change_fleet(cls):
        for name in CONDUCTORS:
            cls.fleet.daemons[name].settings["conductor"]["modules"].append(str(cls.fleet.build / "modules" / "deadly_module.so"))

    def put_on_board(self, flow):
        job = str(uuid.uuid4())
        content = {"uuid": job, "name": flow, "priority": "NORMAL", "details": {"factory": {"name": flow}}}
        zookeeper = KazooClient(self.fleet.services["zookeeper"])
        zookeeper.start()
        zookeeper.create(f"{self.fleet.board}/job", json.dumps(content).encode(), sequence=True)
        zookeeper.stop()
        zookeeper.close()
        return job

    def start_the_dead(self):
        """As systemd does. Returns how many there were."""
        dead = [daemon for daemon in self.fleet.named(CONDUCTORS) if daemon.process.wait(0.05)]
        for daemon in dead:
            daemon.start()
        return len(dead)

    def left_alone(self):
        status, answer = self.api.ask("GET", "/v1/left-alone")
        self.assertEqual(200, status)
        return [job for job in answer["left_alone"] if "conductors died" in job["reason"]]

    def test_a_job_that_kills_conductors_is_left_alone_and_the_others_go_on(self):
        innocent = self.create_cluster("innocent-a")
        poison = self.put_on_board("die")
        deadline, deaths = time.monotonic() + EVENT_SECONDS, 0
        while time.monotonic() < deadline:
            deaths += self.start_the_dead()
            if deaths >= DEATHS and any(job["job"] == poison for job in self.left_alone()):
                break
        self.assertEqual(DEATHS, deaths)
        self.assertEqual([poison], [job["job"] for job in self.left_alone()])
        self.assertEqual("SUCCESS", self.end_of(innocent)[1])
        self.assertEqual("SUCCESS", self.end_of(self.create_cluster("innocent-b"))[1])
        self.assertEqual(0, self.start_the_dead())


if __name__ == "__main__":
    unittest.main()
