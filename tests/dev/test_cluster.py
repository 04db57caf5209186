import json
import unittest

from cluster_case import ClusterTest


class Life(ClusterTest):
    def test_up_twice_answers_and_starts_nothing_the_second_time(self):
        self.assertIn("zookeeper up in", self.up("zookeeper", "postgres"))
        first = self.status()
        self.assertEqual("", self.up("zookeeper", "postgres"))
        self.assertEqual(first, self.status())
        self.assertEqual("down", first["kafka"])
        endpoints = json.loads((self.folder / "services.json").read_text())
        self.assertEqual({"zookeeper", "kafka", "postgres"}, endpoints.keys())
        self.assertEqual(endpoints, json.loads(self.ok("env")))

    def test_postgres_is_durable_and_keeps_what_it_committed_over_a_kill(self):
        self.up("postgres")
        self.assertEqual("on|on", f"{self.query('show fsync')}|{self.query('show synchronous_commit')}")
        self.query("create table kept(x int)")
        self.ok("kill", "postgres")
        self.assertEqual("down", self.status()["postgres"])
        self.ok("restart", "postgres")
        self.assertEqual("1", self.query("select count(*) from pg_tables where tablename = 'kept'"))
        self.ok("restart", "postgres", "--signal", "KILL")
        self.assertEqual("0", self.query("select count(*) from kept"))

    def test_a_paused_server_is_shown_and_up_wakes_it(self):
        self.up("zookeeper")
        self.ok("kill", "zookeeper", "--signal", "STOP")
        self.assertTrue(self.status()["zookeeper"].startswith("paused"), self.status())
        self.up("zookeeper")
        self.assertTrue(self.status()["zookeeper"].startswith("up"), self.status())

    def test_wipe_leaves_no_data_behind(self):
        self.up("postgres")
        self.query("create table kept(x int)")
        self.ok("down", "--wipe")
        self.assertFalse((self.folder / "postgres").exists())
        self.up("postgres")
        self.assertEqual("0", self.query("select count(*) from pg_tables where tablename = 'kept'"))

    def test_data_that_is_wiped_is_not_brought_to_the_disk_first(self):
        self.up("postgres")
        self.ok("down")
        self.assertIn("checkpoint starting: shutdown", self.log("postgres"))
        self.up("postgres")
        before = self.log("postgres")
        done = self.cluster("down", "--wipe")
        self.assertEqual((0, ""), (done.returncode, done.stderr))  # it need not be killed either
        last = self.log("postgres").removeprefix(before)
        self.assertIn("received immediate shutdown request", last)
        self.assertNotIn("checkpoint starting", last)


if __name__ == "__main__":
    unittest.main()
