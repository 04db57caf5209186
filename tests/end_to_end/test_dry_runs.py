"""--dry-run on everything that changes something, against everything that is real: it says what would be done, ends as
that would, and leaves board, database and topics as they are."""

import copy
import json
import unittest

from harness import FleetTest

TABLES = ("jobs", "flows", "orders", "history")


class DryRuns(FleetTest):
    def baton(self, *words, expect=0):
        done = self.fleet.baton(*words, "--output", "json", capture_output=True)
        self.assertEqual(expect, done.returncode, done.stdout + done.stderr)
        return json.loads(done.stdout if expect == 0 else done.stderr)

    def all_there_is(self):
        """Rows by table, and the jobs that the API lists: those that are only on the board too."""
        jobs = self.api.get("/v1/jobs")["jobs"]
        return ([self.sql(f"select count(*) from {table}") for table in TABLES],
                [(job["uuid"], job["run"], job["state"]) for job in jobs])

    def settings(self, section, **members):
        """A settings file of a conductor's that says something else."""
        daemon = copy.copy(self.fleet.daemons[self.conductors[0]])
        daemon.settings = {**daemon.settings, section: {**daemon.settings[section], **members}}
        daemon.settings_file = daemon.settings_file.with_name("other.toml")
        daemon.write_settings()
        return str(daemon.settings_file)

    def test_a_posting(self):
        before = self.all_there_is()
        would = self.baton("post", "create-cluster", "--param", "nodes=dry-a", "--param", "name=dry-a", "--dry-run",
                           "--reason", "to see", "--wait")
        self.assertEqual((True, False, "create-cluster"), (would["dry_run"], would["posted"], would["name"]))
        wrong = self.baton("post", "create-cluster", "--param", "nodes=dry-a", "--param", "colour=red", "--dry-run",
                           expect=4)
        self.assertEqual("urn:baton:problem:bad-parameters", wrong["type"])
        self.assertEqual(before, self.all_there_is())
        self.assertEqual([], self.cloud.calls("create", "dry-a"))

    def test_orders_of_a_job_that_has_ended(self):
        job = self.create_cluster("dry-b")
        self.assertEqual("SUCCESS", self.end_of(job)[1])
        before = self.all_there_is()
        self.assertEqual("urn:baton:problem:job-ended", self.baton("cancel", job, "--dry-run", expect=4)["type"])
        would = self.baton("rerun", job, "--anew", "--reason", "once more", "--dry-run", "--wait")
        self.assertEqual((True, 2, "rerun", "once more"),
                         (would["dry_run"], would["run"], would["order"], would["reason"]))
        refused = self.baton("retry", job, "no-such-atom", "--dry-run", expect=4)
        self.assertEqual("urn:baton:problem:no-such-atom", refused["type"])
        self.assertEqual(before, self.all_there_is())
        self.assertEqual([], self.api.get(f"/v1/jobs/{job}/orders")["orders"])

    def test_why_a_job_was_posted_begins_its_history(self):
        posted = self.baton("post", "create-cluster", "--param", "nodes=dry-c", "--param", "name=dry-c", "--reason",
                            "order 4711")
        self.end_of(posted["uuid"])
        told = self.fleet.baton("history", posted["uuid"], capture_output=True).stdout.splitlines()
        self.assertRegex(told[0], r"^\S+  \(flow\) +posted: order 4711$")
        self.assertIn("  reason     order 4711\n", self.fleet.baton("show", posted["uuid"], capture_output=True).stdout)

    def test_the_schema(self):
        schema = f"{self.fleet.prefix}_other"
        file = self.settings("postgres", schema=schema)
        would = self.baton("admin", "migrate", "--settings", file, "--dry-run")
        self.assertEqual((True, 0), (would["dry_run"], would["found"]))
        self.assertEqual("t", self.sql(f"select to_regnamespace('{schema}') is null"))
        ours = str(self.fleet.daemons[self.conductors[0]].settings_file)
        done = self.fleet.baton("admin", "migrate", "--settings", ours, "--dry-run", capture_output=True)
        self.assertEqual(f"schema {self.fleet.prefix}: version {would['version']}, nothing to do\n", done.stdout)

    def test_the_topics(self):
        prefix = f"{self.fleet.prefix}_other"
        file = self.settings("kafka", topic_prefix=prefix)
        both = [f"{prefix}.requests", f"{prefix}.replies"]
        for _ in range(2):  # the first has made none
            self.assertEqual(both, self.baton("admin", "topics", "--settings", file, "--dry-run")["missing"])
        ours = str(self.fleet.daemons[self.conductors[0]].settings_file)
        self.assertEqual([], self.baton("admin", "topics", "--settings", ours, "--dry-run")["missing"])


if __name__ == "__main__":
    unittest.main()
