"""Kafka's topics are made anew under running daemons: what was in them is gone, and jobs go on by themselves."""

import os
import subprocess
import unittest
from pathlib import Path

from harness import CONDUCTORS, FleetTest

HOLD_MS = 5000  # longer than it takes to make topics anew: the answer goes to the new ones


class LostTopics(FleetTest):
    conductors = CONDUCTORS

    def make_topics_anew(self):
        subprocess.run([Path(os.environ["BATON_BUILD"]) / "tests" / "delete_topics", self.fleet.services["kafka"],
                        self.fleet.prefix], check=True)
        self.fleet.prepare()

    def test_h8_a_job_half_done_goes_on_by_itself(self):
        first = ("first-a", "first-b")  # so that inboxes are read behind the beginning
        self.assertEqual("SUCCESS", self.end_of(self.create_cluster(*first))[1])
        nodes = ("half-a", "half-b")
        self.cloud.faults({"verb": "get", "hostname": nodes[-1], "mode": "hang", "delay_ms": HOLD_MS})
        job = self.create_cluster(*nodes)
        self.cloud.until(verb="get", hostname=nodes[-1])
        self.make_topics_anew()
        self.assertEqual("SUCCESS", self.end_of(job)[1])
        self.assert_cluster(*nodes)
        self.assertEqual(0, self.counted("deliveries_lost"))
        later = ("later-a", "later-b")
        self.assertEqual("SUCCESS", self.end_of(self.create_cluster(*later))[1])
        self.assert_cluster(*later)


if __name__ == "__main__":
    unittest.main()
