"""What ended long ago is pruned beside a fleet at work, and who looks for it is told."""

import json
import time
import unittest

from harness import CONDUCTORS, FleetTest

SECONDS = 40


class Prune(FleetTest):
    conductors = CONDUCTORS[:1]
    workers = ("worker-1",)

    def prune(self, *words):
        settings = str(self.fleet.daemons[self.conductors[0]].settings_file)
        done = self.fleet.baton("admin", "prune", "--settings", settings, "--older-than", "30d", *words, "--output", "json",
                                capture_output=True)
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        return json.loads(done.stdout)

    def ended_job(self):
        """Its node has left the board, and Postgres knows: the last that is heard of a job."""
        job = self.post("bench-chain", length=3)
        self.end_of(job)
        deadline = time.monotonic() + SECONDS
        while not self.sql(f"select 1 from jobs where uuid = '{job}' and removed_at is not null"):
            self.assertLess(time.monotonic(), deadline)
        return job

    def test_a_job_that_ended_long_ago_goes_and_is_said_to_be_pruned(self):
        old, young = self.ended_job(), self.ended_job()
        self.sql(f"update jobs set finished_at = finished_at - interval '60 days' where uuid = '{old}'")
        counted = self.prune("--dry-run")
        self.assertEqual((True, 1, 3), (counted["dry_run"], counted["jobs"], counted["atoms"]))
        self.assertNotIn("default_rows", counted)  # only a prune walks through it
        self.assertEqual("SUCCESS", self.show(old)["state"])
        done = self.prune()
        self.assertEqual((False, 1, 3), (done["dry_run"], done["jobs"], done["atoms"]))
        self.assertEqual(0, done["default_rows"])
        self.assertEqual({"busy", "on_board", "for_order", "for_call"}, set(done["stay"]))
        for path in ("", "/history", "/events"):
            status, answer = self.api.ask("GET", f"/v1/jobs/{old}{path}")
            self.assertEqual(404, status)
            self.assertIn(f"jobs that ended before {done['before'][:19]}", answer["detail"])
        self.assertEqual("SUCCESS", self.show(young)["state"])
        self.assertEqual(0, self.prune()["jobs"])
        again = self.post("bench-chain", length=3)
        self.assertEqual("SUCCESS", self.end_of(again)[1])

    def test_a_prune_of_what_has_just_ended_is_refused(self):
        settings = str(self.fleet.daemons[self.conductors[0]].settings_file)
        done = self.fleet.baton("admin", "prune", "--settings", settings, "--older-than", "1h", capture_output=True)
        self.assertEqual(2, done.returncode)
        self.assertIn("--older-than is too young: at least 24h, people still look at what has just ended", done.stderr)


if __name__ == "__main__":
    unittest.main()
