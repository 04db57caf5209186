import os
import signal
import subprocess
import sys
import unittest
import unittest.mock

from cluster_case import PORTS, PROGRAM, ClusterTest

TAKES_A_SECOND_TO_END = """
import signal, sys, time
def end(*_):
    time.sleep(1)
    print("ended", flush=True)
    sys.exit()
signal.signal(signal.SIGINT, end)
signal.signal(signal.SIGTERM, end)
print("begun", flush=True)
signal.pause()
"""


class Run(ClusterTest):
    def run_script(self, script):
        return self.cluster("run", "--", sys.executable, "-c", script, options=("--ports", PORTS, "--jvm", "quick"))

    def test_the_command_s_exit_code_is_ours_and_all_is_down_afterwards(self):
        script = ("import json, os, socket, sys; services = json.load(open(os.environ['BATON_TEST_SERVICES']));"
                  "[socket.create_connection(services[name].split(':')) for name in ('zookeeper', 'kafka')];"
                  "sys.exit(7)")
        done = self.run_script(script)
        self.assertEqual(7, done.returncode, done.stderr)
        self.assertEqual({"down"}, set(self.status().values()))
        self.assertNotIn("checkpoint starting: shutdown", self.log("postgres"), "the logs stay; the data need not")

    def test_when_a_server_does_not_start_the_others_go_down_again(self):
        without_jars = {**os.environ, "XDG_CACHE_HOME": str(self.folder / "nothing")}
        with unittest.mock.patch.dict(os.environ, without_jars):
            done = self.run_script("print('never run')")
        self.assertEqual((1, ""), (done.returncode, done.stdout), done.stderr)
        self.assertRegex(done.stderr, "kafka: its jars are not at .*\n  run 'make setup'")
        self.assertEqual({"down"}, set(self.status().values()))

    def test_ended_from_outside_it_still_takes_down_what_it_started(self):
        command = [sys.executable, "-B", str(PROGRAM), "--folder", str(self.folder), "--ports", PORTS, "--jvm", "quick",
                   "run", "--", "bash", "-c", "echo begun; exec sleep 60"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
            self.assertEqual(b"begun\n", run.stdout.readline())
            self.assertTrue(self.status()["postgres"].startswith("up"))
            run.send_signal(signal.SIGTERM)
            self.assertEqual(128 + signal.SIGTERM, run.wait(30))
        self.assertEqual({"down"}, set(self.status().values()))

    def test_a_command_that_is_interrupted_has_time_to_take_down_what_it_has_started(self):
        signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs do not hear it
        command = [sys.executable, "-B", str(PROGRAM), "--folder", str(self.folder), "--ports", PORTS, "--jvm", "quick",
                   "run", "--", sys.executable, "-c", TAKES_A_SECOND_TO_END]
        for number, interrupt in ((signal.SIGINT, os.killpg), (signal.SIGTERM, os.kill)):  # Ctrl-C reaches both
            with self.subTest(number), subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                                        start_new_session=True) as run:
                self.assertEqual(b"begun\n", run.stdout.readline())
                interrupt(run.pid, number)
                self.assertEqual(b"ended\n", run.stdout.readline())
                self.assertEqual(128 + number, run.wait(30))
            self.assertEqual({"down"}, set(self.status().values()))


if __name__ == "__main__":
    unittest.main()
