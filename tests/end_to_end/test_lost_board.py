"""ZooKeeper loses everything, or goes back to a backup, under running daemons: jobs go on by themselves and end right."""

import unittest

from harness import CONDUCTORS, FleetTest, services
from own_server import OwnServer

HOLD_MS = 8000  # longer than it takes until a lost ZooKeeper is back: what is held ends behind that


class LostBoard(FleetTest):
    conductors = CONDUCTORS

    @classmethod
    def servers(cls):
        cls.zookeeper = OwnServer("zookeeper")
        cls.addClassCleanup(cls.zookeeper.remove)
        return {**services(), "zookeeper": cls.zookeeper.endpoint()}

    def running_cluster(self, *nodes):
        """A job whose last node is being waited for, held there."""
        self.cloud.faults({"verb": "get", "hostname": nodes[-1], "mode": "hang", "delay_ms": HOLD_MS})
        job = self.create_cluster(*nodes)
        self.cloud.until(verb="get", hostname=nodes[-1])
        return job

    def assert_finished(self, job, *nodes):
        self.assertEqual("SUCCESS", self.end_of(job)[1])
        self.assert_cluster(*nodes)


class Wiped(LostBoard):

    def test_h12_a_job_half_done_goes_on_by_itself(self):
        first = ("ended-a", "ended-b")
        self.assert_finished(self.create_cluster(*first), *first)
        nodes = ("half-a", "half-b", "half-c")
        job = self.running_cluster(*nodes)
        self.zookeeper.wipe()
        self.assert_finished(job, *nodes)
        generations = self.generations(job)
        self.assertEqual([1, 2], [generations[0], generations[-1]])
        self.assertEqual(2, self.counted("sweeps"))
        self.assertEqual(1, self.counted("jobs_reposted"))
        later = ("later-a", "later-b")
        self.assert_finished(self.create_cluster(*later), *later)
        self.assert_cluster(*first)


class Restored(LostBoard):

    def test_h13_jobs_of_before_and_behind_the_backup_go_on(self):
        before = ("before-a", "before-b")
        job = self.running_cluster(*before)  # on the board of the backup, and ends before it comes back
        self.zookeeper.backup()
        self.assert_finished(job, *before)
        for number in range(5):  # the numbers that were given out behind the backup are many
            self.assertEqual("SUCCESS", self.end_of(self.create_cluster(f"number-{number}"))[1])
        nodes = ("behind-a", "behind-b", "behind-c")
        behind = self.running_cluster(*nodes)
        self.zookeeper.restore()
        self.assert_finished(behind, *nodes)
        self.assertEqual(2, self.generations(behind)[-1])
        self.assertEqual("SUCCESS", self.show(job)["state"])
        self.assert_cluster(*before)
        self.assertGreaterEqual(self.counted("boards_restored"), 1)
        self.assertEqual(1, self.counted("jobs_reposted"))
        later = ("later-a", "later-b")
        self.assert_finished(self.create_cluster(*later), *later)


if __name__ == "__main__":
    unittest.main()
