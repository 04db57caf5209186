"""A board in four folders: jobs are spread over them, run, go on when a conductor dies, and leave nothing there."""

import unittest

from harness import CONDUCTORS, FleetTest

SHARDS = 4
JOBS = 16
LENGTH = 5


class ShardedBoard(FleetTest):
    conductors = CONDUCTORS
    workers = ("worker-1",)

    @classmethod
    def change_fleet(cls):
        for name in cls.conductors:
            cls.fleet.daemons[name].settings["conductor"]["board_shards"] = SHARDS

    def shards_used(self):
        """Of the jobs that Postgres knows."""
        paths = self.sql("select board_path from jobs").splitlines()
        for path in paths:
            self.assertRegex(path, rf"^/{self.fleet.prefix}\.[0-3]/jobs/job\d+$")
        return {path.split("/")[1] for path in paths}

    def test_jobs_of_all_shards_end_whoever_dies(self):
        jobs = [self.post("bench-chain", length=LENGTH) for _ in range(JOBS)]
        self.fleet.daemons[CONDUCTORS[0]].kill()
        self.addCleanup(self.fleet.daemons[CONDUCTORS[0]].start)
        for job in jobs:
            self.assertEqual("SUCCESS", self.end_of(job)[1])
        self.assertGreater(len(self.shards_used()), 1)

    def test_a_uuid_that_is_posted_twice_is_one_job(self):
        job = self.post("bench-chain", length=1)
        self.end_of(job)
        posted = {"flow": "bench-chain", "parameters": {"length": 1}, "uuid": job}
        self.assertEqual(200, self.api.ask("POST", "/v1/jobs", posted)[0])


if __name__ == "__main__":
    unittest.main()
