"""`baton doctor` on real servers: a healthy fleet is well, and whatever is broken is found, exactly that, with what to do."""

import json
import os
import subprocess
import time
import unittest
from pathlib import Path

import deploy_dev  # noqa: F401
from fleet import toml
from harness import CONDUCTORS, EVENT_SECONDS, WORKERS, FleetTest
from own_server import OwnServer

PASSWORD = "correct-horse-battery"
# Of one host that is for tests: one server each, and its own clock and descriptors are not Baton's.
EXPECTED = {"zookeeper.quorum", "kafka.replication"}


class DoctorTest(FleetTest):
    conductors = CONDUCTORS[:1]
    workers = WORKERS[:1]

    @classmethod
    def change_fleet(cls):
        # What its settings say beside others is not what these tests are about.
        cls.fleet.daemons[WORKERS[0]].settings["worker"]["command_programs"] = []

    def settings(self, name="doctor.toml", mode=0o600, daemon=CONDUCTORS[0], **changes):
        """A file with the conductor's settings, but for `changes`: {"kafka": {"partitions": 9}}."""
        sections = {section: dict(values) for section, values in self.fleet.daemons[daemon].settings.items()}
        for section, values in changes.items():
            sections.setdefault(section, {}).update(values)
        file = Path(self.fleet.folder) / name
        file.write_text(toml(sections))
        file.chmod(mode)
        return file

    def run_doctor(self, *files, api=None, words=()):
        options = [word for file in files for word in ("--settings", str(file))]
        done = subprocess.run([self.fleet.build / "bin" / "baton", "doctor", *options, *words], text=True,
                              capture_output=True, timeout=EVENT_SECONDS * 2,
                              env={**os.environ, "BATON_API": api or self.fleet.address(CONDUCTORS[0])})
        self.assertNotIn(PASSWORD, done.stdout + done.stderr)
        return done

    def ask(self, *files, api=None):
        """Exit code, and what is not well: {check: [(verdict, seen, advice)]}, without what any test host has."""
        done = self.run_doctor(*files, api=api, words=("--output", "json", "--deadline-ms", "20000"))
        self.assertEqual("", done.stderr)
        trouble = {}
        for finding in json.loads(done.stdout)["findings"]:
            check = finding["check"]
            if finding["verdict"] != "ok" and check not in EXPECTED and not check.startswith("host."):
                trouble.setdefault(check, []).append((finding["verdict"], finding["seen"], finding["advice"]))
        return done.returncode, trouble

    def assert_only(self, found, check, verdict, seen, advice, code=None):
        """One check is not well; its first finding says this."""
        ended, trouble = found
        self.assertEqual([check], list(trouble), trouble)
        self.assertEqual(verdict, trouble[check][0][0])
        self.assertIn(seen, trouble[check][0][1])
        self.assertIn(advice, trouble[check][0][2])
        self.assertEqual(code if code is not None else 1 if verdict == "wrong" else 0, ended)


class Doctor(DoctorTest):
    def test_a_healthy_fleet_is_well(self):
        self.assertEqual((0, {}), self.ask())
        self.assertEqual((0, {}), self.ask(self.settings()))
        workers = self.settings("worker.toml", daemon=WORKERS[0])
        self.assertEqual((0, {}), self.ask(self.settings(), workers))

    def test_people_see_a_line_for_each_check_and_a_sum(self):
        done = self.run_doctor(self.settings())
        self.assertEqual(0, done.returncode)
        lines = done.stdout.splitlines()
        for check in ("conductor.reachable", "worker.there", "zookeeper.session", "kafka.topics", "postgres.fsync",
                      "clock.skew"):
            self.assertTrue([line for line in lines if line.startswith("ok ") and f" {check} " in line], check)
        self.assertRegex(lines[-1], r"^\d+ checks: \d+ ok, \d+ warning, 0 wrong, \d+ not looked at$")

    def test_a_schema_that_is_older_or_newer(self):
        newest = int(self.sql("select max(version) from migrations"))
        row = self.sql(f"delete from migrations where version = {newest} returning name || ' ' || checksum").split()
        restore = (f"insert into migrations (version, name, checksum) values ({newest}, '{row[0]}', '{row[1]}') "
                   "on conflict do nothing")
        self.addCleanup(self.sql, restore)
        self.assert_only(self.ask(self.settings()), "postgres.schema", "wrong",
                         f"found version {newest - 1}, this program needs version {newest}", "run 'baton admin migrate")
        self.sql(restore)
        self.sql(f"insert into migrations (version, name, checksum) values ({newest + 1}, 'x', 'y')")
        self.addCleanup(self.sql, f"delete from migrations where version = {newest + 1}")
        self.assert_only(self.ask(self.settings()), "postgres.schema", "wrong",
                         f"found version {newest + 1}, this program needs version {newest}", "the database is newer")

    def test_topics_that_are_missing_or_have_fewer_partitions(self):
        self.assert_only(self.ask(self.settings(kafka={"partitions": 100})), "kafka.partitions", "warning",
                         "64 partitions, kafka.partitions says 100", "--partitions 100")
        code, trouble = self.ask(self.settings(kafka={"topic_prefix": f"{self.fleet.prefix}-none"}))
        self.assertEqual(1, code)
        # The conductor has the right topics: that the file differs from it is said, too.
        self.assertEqual({"settings.agree", "kafka.topics"}, set(trouble))
        self.assertIn("baton admin topics", trouble["kafka.topics"][0][2])

    def test_servers_that_are_not_there(self):
        nowhere = "127.0.0.1:1"
        self.assert_only(self.ask(self.settings(kafka={"brokers": nowhere})), "kafka.reachable", "wrong", "refused",
                         "whether Kafka runs there")
        self.assert_only(self.ask(self.settings(zookeeper={"hosts": nowhere})), "zookeeper.reachable", "wrong",
                         "no connection", "whether ZooKeeper runs there")
        self.assert_only(self.ask(self.settings(postgres={"conninfo": "host=127.0.0.1 port=1 dbname=x user=x"})),
                         "postgres.reachable", "wrong", "refused", "whether Postgres runs there")
        self.assertEqual(3, self.ask(api=nowhere)[0])

    def test_a_session_timeout_that_the_server_does_not_grant(self):
        code, trouble = self.ask(self.settings(zookeeper={"session_timeout_ms": 300}))
        self.assertEqual(0, code)
        self.assertEqual({"settings.dangerous", "zookeeper.session"}, set(trouble))
        self.assertIn("granted 1 s, asked for 300 ms", trouble["zookeeper.session"][0][1])

    def test_a_settings_file_that_everybody_reads_or_nobody(self):
        conninfo = f"{self.fleet.services['postgres']} password={PASSWORD}"  # these servers ask for none
        self.assertEqual((0, {}), self.ask(self.settings(postgres={"conninfo": conninfo})))
        file = self.settings(mode=0o644, postgres={"conninfo": conninfo})
        self.assert_only(self.ask(file), "settings.permissions", "wrong", "mode 0644", f"chmod 600 {file}")
        self.assert_only(self.ask("/nowhere/conductor.toml"), "settings.readable", "wrong", "No such file", "sudo")

    def test_a_conductor_that_lies_under_another_address_is_asked_once(self):
        done = self.run_doctor(self.settings(), api=self.fleet.address(CONDUCTORS[0]).replace("127.0.0.1", "localhost") +
                               "," + self.fleet.address(CONDUCTORS[0]), words=("--output", "json"))
        reached = [one for one in json.loads(done.stdout)["findings"] if one["check"] == "conductor.reachable"]
        self.assertEqual(["ok"], [one["verdict"] for one in reached], reached)


class DoctorOfOwnServers(DoctorTest):
    """Servers with bad settings, that are stopped."""

    def psql(self, server, text):
        return subprocess.run(["psql", "-XAtq", server.endpoint(), "-c", text], check=True, capture_output=True,
                              text=True).stdout.strip()

    def reload(self, server, seen):
        """New sessions are under the new settings a little later than the reload is asked for: when `seen()` says so."""
        self.psql(server, "select pg_reload_conf()")
        deadline = time.monotonic() + EVENT_SECONDS
        while not seen():
            self.assertLess(time.monotonic(), deadline, "the reload was not seen")

    def test_postgres_with_settings_that_lose_commits_a_wrong_password_and_stopped(self):
        server = OwnServer("postgres")
        self.addCleanup(server.remove)
        settings = self.settings(postgres={"conninfo": server.endpoint()})
        subprocess.run([self.fleet.build / "bin" / "baton", "admin", "migrate", "--settings", settings], check=True,
                       capture_output=True)
        self.assertEqual((0, {}), self.ask(settings))
        for setting, bad in (("fsync", "off"), ("full_page_writes", "off"), ("synchronous_commit", "local")):
            self.psql(server, f"alter system set {setting} = {bad}")
            self.reload(server, lambda: self.psql(server, f"show {setting}") == bad)
            self.assert_only(self.ask(settings), f"postgres.{setting}", "wrong", f"{setting} is {bad}", "on")
            self.psql(server, f"alter system reset {setting}")
            self.reload(server, lambda: self.psql(server, f"show {setting}") == "on")
        self.psql(server, f"create role locked login password 'not-{PASSWORD}'")
        hba = Path(self.psql(server, "show hba_file"))
        hba.write_text("host all locked 127.0.0.1/32 scram-sha-256\n" + hba.read_text())
        conninfo = server.endpoint().replace("user=baton", "user=locked") + f" password={PASSWORD}"
        self.reload(server, lambda: subprocess.run(["psql", conninfo, "-c", ""], capture_output=True).returncode != 0)
        locked = self.settings(postgres={"conninfo": conninfo})
        self.assert_only(self.ask(locked), "postgres.login", "wrong", "password authentication failed",
                         "password and dbname in postgres.conninfo")
        server.down()
        self.assert_only(self.ask(settings), "postgres.reachable", "wrong", "refused", "whether Postgres runs there")

    def test_zookeeper_stopped(self):
        server = OwnServer("zookeeper")
        self.addCleanup(server.remove)
        settings = self.settings(zookeeper={"hosts": server.endpoint()})
        code, trouble = self.ask(settings)
        self.assertEqual((0, {"zookeeper.paths"}), (code, set(trouble)))  # no conductor was ever there
        server.down()
        self.assert_only(self.ask(settings), "zookeeper.reachable", "wrong", "no connection",
                         "whether ZooKeeper runs there")


if __name__ == "__main__":
    unittest.main()
