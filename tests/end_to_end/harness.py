"""A fleet of one test class on the servers of BATON_TEST_SERVICES: own board, topics, schema, ports and cloud."""

import json
import os
import signal
import subprocess
import tempfile
import unittest
import uuid
from pathlib import Path

import deploy_dev  # noqa: F401
import ports
from api_client import EVENT_SECONDS, Api, NotSeen  # noqa: F401
from cloud_ledger import CloudLedger
from fleet import CONDUCTORS, GUARDIAN_SECONDS, SESSION_TIMEOUT_MS, WORKERS, Fleet  # noqa: F401

PORTS = (24000, 24999)
FINAL = {"SUCCESS", "FAILURE", "REVERTED", "SUSPENDED", "CANCELLED", "REJECTED", "TRASHED"}


def services():
    file = os.environ.get("BATON_TEST_SERVICES")
    if not file:
        raise AssertionError("BATON_TEST_SERVICES is not set: it names the servers' services.json\n"
                             "  'make test' starts servers and sets it; 'make services' keeps some up")
    return json.loads(Path(file).read_text())


class FleetTest(unittest.TestCase):
    """Tests of one class share a fleet; each uses hostnames of its own."""

    conductors = CONDUCTORS[:1]
    workers = WORKERS[:2]
    session_timeout_ms = SESSION_TIMEOUT_MS

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="baton-e2e-")
        cls.addClassCleanup(folder.cleanup)
        prefix = f"e2e_{uuid.uuid4().hex[:12]}"
        cls.fleet = Fleet(folder.name, os.environ["BATON_BUILD"], cls.servers(), ports.free_block(PORTS, prefix), prefix,
                          cls.session_timeout_ms)
        cls.cloud = CloudLedger(Path(folder.name) / "cloud.ledger", cls.fleet.address("cloud"))
        cls.addClassCleanup(cls.cloud.close)
        cls.api = Api([cls.fleet.address(name) for name in cls.conductors])
        cls.addClassCleanup(cls.end_fleet)
        cls.change_fleet()
        cls.fleet.prepare()
        cls.fleet.start(("cloud", *cls.workers, *cls.conductors))

    @classmethod
    def servers(cls):
        """For a class that has one of its own."""
        return services()

    @classmethod
    def change_fleet(cls):
        """For a class whose daemons are told something else."""

    @classmethod
    def end_fleet(cls):
        """Nothing of it stays with the servers, which may serve many fleets: topics and schema go."""
        for daemon in cls.fleet.named():
            daemon.process.send(signal.SIGKILL, tree=True)
            daemon.process.wait(5)
            daemon.guardian.wait(GUARDIAN_SECONDS)
        subprocess.run([Path(os.environ["BATON_BUILD"]) / "tests" / "delete_topics", cls.fleet.services["kafka"],
                        cls.fleet.prefix], check=True)
        cls.sql(f"set client_min_messages = error; drop schema if exists {cls.fleet.prefix} cascade")

    @classmethod
    def sql(cls, text):
        """What Postgres answers, unaligned, without the last line end."""
        done = subprocess.run(["psql", "-XAtq", cls.fleet.services["postgres"], "-c",
                               f"set search_path = {cls.fleet.prefix}", "-c", text],
                              check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def run(self, result=None):
        """A failed test shows what the daemons said."""
        before = len(result.failures) + len(result.errors) if result else 0
        done = super().run(result)
        if result and len(result.failures) + len(result.errors) > before:
            for daemon in self.fleet.named():
                print(f"---- {daemon.process.log_file}\n{daemon.process.log_tail(40)}")
        return done

    def post(self, flow, **parameters):
        return self.api.post_job(flow, parameters)

    def create_cluster(self, *nodes):
        return self.post("create-cluster", name=nodes[0], nodes=list(nodes))

    def until(self, job, **wanted):
        """Waits for a row of the job's history."""
        for row in self.api.events(job):
            if wanted.items() <= row.items():
                return row
        raise NotSeen(f"{job} ended without {wanted}")

    def end_of(self, job):
        """Waits for the end; all rows of the history, and the final state."""
        rows = list(self.rows_to_the_end(job))
        return rows, rows[-1]["state"]

    def rows_to_the_end(self, job):
        for row in self.api.events(job):
            yield row
            if "atom" not in row and row.get("state") in FINAL:
                return

    def generations(self, job):
        """Of the board, at each claim of the job."""
        rows = self.api.get(f"/v1/jobs/{job}/history?limit=500")["rows"]
        return [row["claim"]["epoch"]["generation"] for row in rows if "claim" in row]

    def counted(self, counter):
        """Of all conductors."""
        return sum(self.api.counter(self.fleet.address(name), counter) for name in self.conductors)

    def show(self, job):
        return self.api.get(f"/v1/jobs/{job}")

    def assert_cluster(self, *nodes):
        """Every server created once, the cluster configured once, and all of it still there."""
        self.assertEqual(sorted((node, "created") for node in nodes), sorted(self.cloud.calls("create", *nodes)))
        self.assertEqual([(nodes[0], "configured")], self.cloud.calls("configure", nodes[0]))
        self.assertLessEqual(set(nodes), set(self.cloud.servers()))
