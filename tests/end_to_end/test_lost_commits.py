"""Postgres fails over to a standby that has not heard of the last commits: what was forgotten is done again."""

import subprocess
import time
import unittest

from harness import CONDUCTORS, EVENT_SECONDS, FleetTest, services
from own_server import OwnServer


SUCCESS = "2"  # as Postgres keeps it


class LostCommits(FleetTest):
    conductors = CONDUCTORS

    @classmethod
    def servers(cls):
        cls.primary = OwnServer("postgres")
        cls.addClassCleanup(cls.primary.remove)
        port = cls.port_of(cls.primary)
        cls.standby = OwnServer("postgres", BATON_STANDBY_OF=port)
        cls.addClassCleanup(cls.standby.remove)
        both = cls.primary.endpoint().replace("127.0.0.1", "127.0.0.1,127.0.0.1") \
            .replace(f"port={port}", f"port={port},{cls.port_of(cls.standby)}")
        return {**services(), "postgres": both + " target_session_attrs=read-write"}

    @staticmethod
    def port_of(server):
        return dict(part.split("=") for part in server.endpoint().split())["port"]

    @staticmethod
    def ask(server, text):
        done = subprocess.run(["psql", "-XAtq", server.endpoint(), "-c", text], check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def until_said(self, server, text, wanted):
        deadline = time.monotonic() + EVENT_SECONDS
        while (said := self.ask(server, text)) != wanted:
            self.assertLess(time.monotonic(), deadline, f"{text}: {said}, not {wanted}")

    def cut_off(self):
        """The standby has all that was committed until now, and nothing of what comes."""
        last = self.ask(self.primary, "select pg_current_wal_lsn()")
        self.until_said(self.standby, f"select pg_last_wal_replay_lsn() >= '{last}'", "t")
        self.ask(self.standby, "alter system set primary_conninfo = ''")
        self.ask(self.standby, "select pg_reload_conf()")
        self.until_said(self.standby, "select count(*) from pg_stat_wal_receiver", "0")

    def fail_over(self):
        self.primary.kill()
        self.assertEqual("t", self.ask(self.standby, "select pg_promote()"))

    def held(self, *nodes):
        """A job whose last node is being waited for until release()."""
        self.cloud.faults({"verb": "get", "hostname": nodes[-1], "mode": "hang", "delay_ms": 6000})
        job = self.create_cluster(*nodes)
        self.cloud.until(verb="get", hostname=nodes[-1])
        return job

    def test_h17_what_was_forgotten_is_done_again_and_ends(self):
        ended = ("ended-a", "ended-b")
        known = self.create_cluster(*ended)
        self.assertEqual("SUCCESS", self.end_of(known)[1])
        nodes = ("end-a", "end-b")
        forgotten = self.held(*nodes)
        self.cut_off()
        self.assertEqual("SUCCESS", self.end_of(forgotten)[1])
        self.assertEqual([1], self.generations(forgotten))
        self.cloud.faults()
        self.fail_over()
        self.until_said(self.standby, f"select state from {self.fleet.prefix}.jobs where uuid = '{forgotten}'", SUCCESS)
        self.assertEqual([1, 2], self.generations(forgotten))
        for node in nodes:
            self.assertEqual(1, self.cloud.calls("create", node).count((node, "created")))
        self.assertLessEqual(set(nodes), set(self.cloud.servers()))
        self.assertEqual([1], self.generations(known))
        self.assertEqual(1, self.counted("jobs_reposted"))
        later = ("later-a", "later-b")
        self.assertEqual("SUCCESS", self.end_of(self.create_cluster(*later))[1])
        self.assert_cluster(*later)


if __name__ == "__main__":
    unittest.main()
