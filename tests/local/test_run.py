"""`baton run`: what it does, prints and ends with."""

import itertools
import os
import pty
import re
import shutil
import signal
import subprocess
import time
import unittest
from pathlib import Path

from local_case import BATON, SECONDS, LocalCase, command, linear, unordered

MODULES = Path(os.environ["BATON_BUILD"]) / "modules"
REFUSING = Path(os.environ["BATON_BUILD"]) / "tests" / "refusing"


def states(job):
    return {atom["name"]: atom["state"] for atom in job["atoms"]}


class Run(LocalCase):
    def test_every_executor_runs_a_flow_and_passes_results_on(self):
        flow = self.flow(linear(
            "hello", command("say", "echo", '{"said": "hello"}', provides="said"),
            command("hear", "cat", inject={}, rebind={"heard": "said"})))
        for executor in ("serial", "thread", "process"):
            with self.subTest(executor):
                job = self.json("run", flow, "--executor", executor)
                self.assertEqual({"say": "SUCCESS", "hear": "SUCCESS"}, states(job))
                self.assertEqual({"said": "hello"}, job["atoms"][0]["result"])
                self.assertEqual({"said": "hello"}, job["atoms"][1]["result"]["arguments"]["heard"])

    def test_the_picture_shows_what_happened_and_lines_come_meanwhile(self):
        text = self.baton("run", self.flow(linear("pair", command("a", "true"), command("b", "echo", "7"))))
        self.assertRegex(text, r"\d\dZ  a  +RUNNING\n")
        self.assertRegex(text, r"\d\dZ  b  +SUCCESS  7\n")
        self.assertRegex(text, r"\npair  SUCCESS  2/2 atoms\n")
        self.assertRegex(text, r"\npair/\n  a  SUCCESS  \d+ ms\n  b  SUCCESS")
        self.assertNotIn("\033", text)  # no terminal: no colours, no bar

    def test_on_a_terminal_there_are_colours_and_a_bar_that_goes_away(self):
        ours, its = pty.openpty()
        self.addCleanup(os.close, ours)
        flow = self.flow(linear("pair", command("a", "sleep", "0.3"), command("b", "true")))
        process = subprocess.Popen([BATON, "run", flow], cwd=self.folder, stdout=its)
        os.close(its)
        text = b""
        try:
            while part := os.read(ours, 65536):
                text += part
        except OSError:
            pass  # the other side is closed
        self.assertEqual(0, process.wait(30))
        text = text.decode()
        self.assertIn("\033[32mSUCCESS\033[0m", text)
        self.assertIn("[------------------------------] 0/2  a", text)
        self.assertNotIn("[", re.sub(r"\033\[\d*[mK]", "", text.split("\r\033[K")[-1]))

    def test_no_terminal_obeys_what_a_flow_calls_its_things(self):
        flow = self.flow(linear("f\033[2J", command("a\033]0;t\a", "true"), command("b\x9b", "true")))
        for words in ((), ("--dry-run",)):
            text = self.baton("run", flow, *words)
            self.assertIn("a?]0;t?", text)
            self.assertNotRegex(text, "[\0-\b\x0b-\x1f\x7f-\x9f]")

    def test_a_failure_reverts_and_is_the_exit_code(self):
        flow = self.flow(linear(
            "broken",
            self.logging("a", inject={"revert_argv": ["sh", "-c", f"echo undone >> {self.log}"]}),
            command("b", "sh", "-c", "echo went wrong >&2; exit 3")))
        job = self.json("run", flow, expect=1)
        self.assertEqual({"a": "REVERTED", "b": "REVERTED"}, states(job))
        self.assertEqual("REVERTED", job["state"])
        self.assertEqual("CommandFailed", job["atoms"][1]["failure"]["type"])
        self.assertIn("exit code 3: went wrong", job["atoms"][1]["failure"]["message"])
        self.assertEqual(["a 1 4294967297", "undone"], self.logged())

    def test_a_process_slot_that_crashes_takes_down_its_task_and_a_retry_tries_it_again(self):
        # The slot is the shell's grandparent: the command's guard is its child. Its crash is not one that a sanitizer would report.
        kill = "test $BATON_ATTEMPT = 1 || exit 0; guard=$(ps -o ppid= -p $PPID); kill -ABRT $guard; sleep 60"
        flow = self.flow(linear("crash", command("a", "sh", "-c", kill),
                                retry={"policy": "times", "attempts": 2}))
        job = self.json("run", flow, "--executor", "process", "--slots", "1")
        self.assertEqual("SUCCESS", job["state"])
        self.assertEqual(2, job["atoms"][1]["attempt"])

    def test_a_command_that_does_not_end_when_asked_is_dead_before_its_slot_is_touched(self):
        # The slot outlives it: it is the same one that runs the next attempt.
        slot = "ps -o ppid= -p $PPID >> slots; test $BATON_ATTEMPT = 1 || exit 0; trap '' TERM; while :; do sleep 0.1; done"
        flow = self.flow(linear("stubborn", command("a", "sh", "-c", slot, timeouts={"start_to_close_ms": 300}),
                                retry={"policy": "times", "attempts": 2}))
        self.assertEqual("SUCCESS", self.json("run", flow, "--executor", "process", "--slots", "1")["state"])
        first, second = (self.folder / "slots").read_text().split()
        self.assertEqual(first, second)

    def test_slots_begin_also_when_the_program_has_been_replaced(self):
        for program in (BATON, BATON.parent / "baton-command-guard"):
            shutil.copy(program, self.folder / program.name)
        flow = self.flow(linear("rebuilt", command("a", "rm", "baton"), {"flow": unordered(
            "both", *(command(one, "sh", "-c", f"touch {one}; for i in $(seq 500); do test -e {other} && exit 0; sleep 0.02; done; exit 1")
                      for one, other in (("b", "c"), ("c", "b"))))}))
        process = subprocess.run([self.folder / "baton", "run", flow, "--executor", "process", "--slots", "2"],
                                 cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(0, process.returncode, process.stdout + process.stderr)

    def test_suspended_without_a_state_file_promises_no_resume(self):
        flow = self.flow(linear("sad", command("a", "false"),
                                retry={"policy": "times", "attempts": 1, "on_exhausted": "suspend"}))
        process = subprocess.run([BATON, "run", flow], cwd=self.folder, capture_output=True, text=True, timeout=60)
        self.assertEqual(1, process.returncode, process.stdout + process.stderr)
        self.assertIn("baton: SUSPENDED", process.stderr)
        self.assertNotIn("baton resume", process.stderr)

    def test_wrong_input_is_told_before_anything_runs(self):
        for words, told in (
                (["run", "nothing.json"], "there is no file 'nothing.json'"),
                (["run", self.flow({"name": "x"}, "bad.json")], "flow"),
                (["run", self.flow(linear("x", {"task": "server.create", "name": "a"}), "type.json")],
                 "task 'a' is of the type 'server.create', which nothing here can run\n  known: command"),
                (["run", "x", "--module", "nowhere.so"], "nowhere.so"),
                (["run", "type.json", "--store", "x"], "'x' is no NAME=VALUE"),
                (["run", "type.json", "--store", 'x="\\u0000"'], "--store 'x': "),
                (["run", "type.json", "--executor", "parallel"], "parallel"),
                (["resume"], "name a job by its uuid, or a state file with --state: one of them"),
                (["resume", "uuid", "--state", "x"], "one of them")):
            with self.subTest(words):
                self.baton(*words, expect=2)
                self.assertIn(told, self.said)
        self.assertEqual([], self.logged())

    def test_what_the_system_refuses_is_told(self):
        flow = self.flow(linear("one", command("a", "true")))
        for words, call in itertools.product(
                (["run", flow], ["run", flow, "--state", "x.state"], ["resume", "--state", "x.state"], ["dev"]),
                ("epoll_create1", "timerfd_create")):
            with self.subTest(words, call=call):
                done = subprocess.run([REFUSING, call, BATON, *words], cwd=self.folder, capture_output=True, text=True,
                                      timeout=SECONDS)
                self.assertEqual((3, ""), (done.returncode, done.stdout), done.stderr)
                self.assertRegex(done.stderr, r"^baton: the system refuses this process what a run needs: .*Too many open files")
                self.assertIn("\n  hint: ulimit -n", done.stderr)

    def test_a_module_s_flow_is_run_by_name_with_parameters(self):
        job = self.json("run", "bench-fan", "--module", MODULES / "cloud_module.so", "--param", "width=300")
        self.assertEqual(("SUCCESS", 301), (job["state"], sum(s == "SUCCESS" for s in states(job).values())))
        self.baton("run", "bench-fan", "--module", MODULES / "cloud_module.so", "--param", "width=many", expect=2)
        self.assertIn("width", self.said)

    def test_told_to_stop_it_reverts_what_was_done(self):
        flow = self.flow(linear(
            "slow", self.logging("a", inject={"revert_argv": ["sh", "-c", f"echo undone >> {self.log}"]}),
            self.logging("b", "sleep 60")))
        process = self.start("run", flow, "--output", "json")
        self.await_lines(2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
        self.assertEqual(5, process.returncode, out + err)
        self.assertIn('"state":"CANCELLED"', out.replace(": ", ":"))
        self.assertEqual("undone", self.logged()[-1])

    def await_lines(self, count):
        """There is no event to wait for in a file that others write."""
        deadline = time.monotonic() + 30
        while len(self.logged()) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertGreaterEqual(len(self.logged()), count)

    def test_many_at_once_are_bounded_by_the_slots(self):
        flow = self.flow(unordered("many", *(self.logging(f"t{i}", "sleep 0.05") for i in range(6))))
        began = time.monotonic()
        self.baton("run", flow, "--slots", "6", "--quiet")
        self.assertEqual(6, len(self.logged()))
        self.assertLess(time.monotonic() - began, 6)


if __name__ == "__main__":
    unittest.main()
