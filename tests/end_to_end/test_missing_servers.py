"""A daemon whose server is not there says which, why, and which setting names it; it waits, and serves when it comes."""

import json
import subprocess
import threading
import unittest

from harness import EVENT_SECONDS, FleetTest

NOWHERE = "127.0.0.1:1"


class MissingServers(FleetTest):
    conductors = workers = ()

    def said(self, daemon, section, setting, value, message):
        """Starts it with another setting; its first log line with this message. It must end by SIGTERM while it waits."""
        daemon.settings[section][setting] = value
        daemon.write_settings()
        with subprocess.Popen([str(daemon.program), "--settings", str(daemon.settings_file)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True) as process:
            give_up = threading.Timer(EVENT_SECONDS, process.kill)
            give_up.start()
            lines = []
            for text in process.stdout:
                lines.append(json.loads(text))
                if lines[-1]["msg"].startswith(message):
                    break
            process.terminate()
            process.stdout.read()
            process.wait()
            give_up.cancel()
        self.assertTrue(lines and lines[-1]["msg"].startswith(message), lines)
        return lines[-1]

    def fresh(self, name):
        return self.fleet._daemon(name)

    def test_a_conductor_without_postgres(self):
        line = self.said(self.fresh("conductor-1"), "postgres", "conninfo", "host=127.0.0.1 port=1 dbname=x user=x",
                         "waiting for a server")
        self.assertIn("Postgres at 127.0.0.1:1/x does not answer", line["why"])
        self.assertEqual("the settings zookeeper.hosts, kafka.brokers and postgres.conninfo say where the servers are",
                         line["hint"])

    def test_a_conductor_without_kafka_or_zookeeper(self):
        for section, setting, waits in (("kafka", "brokers", "Kafka, to check its topics"),
                                        ("zookeeper", "hosts", "ZooKeeper, to lease an inbox")):
            line = self.said(self.fresh("conductor-1"), section, setting, NOWHERE, "not serving yet")
            self.assertEqual(waits, line["waiting_for"])
            self.assertIn(f"{section}.{setting}", line["hint"])

    def test_a_worker_without_kafka_or_zookeeper(self):
        for section, setting, waits in (("kafka", "brokers", "Kafka, to check its topics"),
                                        ("zookeeper", "hosts", "ZooKeeper, to lease an inbox")):
            line = self.said(self.fresh("worker-1"), section, setting, NOWHERE, "not serving yet")
            self.assertEqual(waits, line["waiting_for"])
            self.assertIn(f"{section}.{setting}", line["hint"])

    def test_a_database_of_another_version_ends_the_conductor_with_what_to_do(self):
        conductor = self.fresh("conductor-1")
        conductor.settings["postgres"]["schema"] = f"{self.fleet.prefix}_none"
        conductor.write_settings()
        done = subprocess.run([str(conductor.program), "--settings", str(conductor.settings_file)], capture_output=True,
                              text=True, timeout=EVENT_SECONDS)
        self.assertEqual(4, done.returncode)
        self.assertRegex(done.stdout + done.stderr, r"found no tables of Baton, this program needs version \d+; "
                                                    r"run 'baton admin migrate --settings FILE'")

    def test_a_newer_database_ends_the_conductor_and_the_migration(self):
        newer = int(self.sql("select max(version) from migrations")) + 1
        self.sql(f"insert into migrations (version, name, checksum) values ({newer}, 'x', 'y')")
        self.addCleanup(self.sql, f"delete from migrations where version = {newer}")
        conductor = self.fresh("conductor-1")
        conductor.write_settings()
        told = (f"found version {newer}, this program needs version {newer - 1}; the database is newer: "
                "install a Baton of at least its version")
        done = subprocess.run([str(conductor.program), "--settings", str(conductor.settings_file)], capture_output=True,
                              text=True, timeout=EVENT_SECONDS)
        self.assertEqual(4, done.returncode)
        self.assertIn(told, done.stdout + done.stderr)
        done = self.fleet.baton("admin", "migrate", "--settings", str(conductor.settings_file), capture_output=True)
        self.assertEqual(4, done.returncode)
        self.assertIn(told, done.stderr)

    def test_an_unknown_setting_is_refused_by_file_line_and_name(self):
        worker = self.fresh("worker-1")
        worker.settings["worker"]["slot"] = 3
        worker.write_settings()
        done = subprocess.run([str(worker.program), "--settings", str(worker.settings_file)], capture_output=True,
                              text=True, timeout=EVENT_SECONDS)
        self.assertEqual(2, done.returncode)
        self.assertRegex(done.stderr, rf"{worker.settings_file}:\d+: unknown setting 'worker.slot'\n"
                                      r"  did you mean 'worker.slots'\?\n  --help lists all settings")

    def test_the_command_without_kafka_or_postgres(self):
        for words, section, setting, value, told in (
                (("admin", "migrate"), "postgres", "conninfo", "host=127.0.0.1 port=1 dbname=x user=x",
                 "baton: no connection to Postgres at 127.0.0.1:1/x: "),
                (("admin", "topics"), "kafka", "brokers", NOWHERE, f"baton: making topics at {NOWHERE}: ")):
            conductor = self.fresh("conductor-1")
            conductor.settings[section][setting] = value
            conductor.write_settings()
            done = self.fleet.baton(*words, "--settings", str(conductor.settings_file), capture_output=True)
            self.assertEqual(3, done.returncode, done.stderr)
            self.assertTrue(done.stderr.startswith(told), done.stderr)


if __name__ == "__main__":
    unittest.main()
