"""State files: what is kept in them, and what is refused, each by name and with nothing lost."""

import json
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

from local_case import BATON, LocalCase, command, linear

REFUSED, USAGE = 4, 2


class StateFiles(LocalCase):
    def ended(self, expect=0, second=("b", "true")):
        """A run that has ended, in run.state."""
        self.flow(linear("pair", self.logging("a"), command(*second)))
        return self.json("run", "flow.json", "--state", "run.state", expect=expect)

    def interrupted(self):
        """One that was killed while b ran."""
        self.flow(linear("pair", self.logging("a"), self.logging("b", "test $BATON_DISPATCH -gt 4294967297 || sleep 60")))
        process = self.start("run", "flow.json", "--state", "run.state")
        deadline = time.monotonic() + 30
        while len(self.logged()) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        self.kill(process)

    def refused(self, *words, told, expect=REFUSED):
        self.baton(*words, expect=expect)
        for text in told:
            self.assertIn(text, self.said)

    def test_after_a_kill_resume_goes_on_and_does_not_do_again_what_was_done(self):
        self.interrupted()
        job = self.json("resume", "--state", "run.state")
        self.assertEqual("SUCCESS", job["state"])
        self.assertEqual(["a 1 4294967297", "b 1 4294967297", "b 1 4294967298"], self.logged())
        self.refused("resume", "--state", "run.state", told=["has ended SUCCESS", "baton rerun"])

    def test_a_run_again_of_what_the_file_holds_says_what_to_do(self):
        self.interrupted()
        self.refused("run", "flow.json", "--state", "run.state", told=["already, RUNNING", "baton resume --state run.state"])
        self.refused("rerun", "--state", "run.state", told=["has not ended", "baton resume"])
        self.baton("resume", "--state", "run.state")
        self.refused("run", "flow.json", "--state", "run.state", told=["already, SUCCESS", "baton rerun --state run.state"])

    def test_rerun_after_a_manual_clean_up(self):
        flag = self.folder / "repaired"
        self.ended(expect=1, second=("b", "sh", "-c", f"test -e {flag}"))
        self.assertEqual(1, len(self.logged()))
        flag.touch()
        job = self.json("rerun", "--state", "run.state")
        self.assertEqual(("SUCCESS", 2), (job["state"], job["run"]))
        self.assertEqual(2, len(self.logged()))  # a was reverted, so it is done anew

    def names(self):
        return [line.split()[0] for line in self.logged()]

    def test_rerun_keeps_what_succeeded_and_anew_keeps_nothing(self):
        self.flow(linear("pair", self.logging("a"), self.logging("b")))
        self.baton("run", "flow.json", "--state", "run.state")
        job = self.json("rerun", "--state", "run.state")
        self.assertEqual(("SUCCESS", 2, ["a", "b"]), (job["state"], job["run"], self.names()))
        job = self.json("rerun", "--state", "run.state", "--anew", "--who", "ann", "--reason", "cleaned up")
        self.assertEqual(("SUCCESS", 3, ["a", "b"] * 2), (job["state"], job["run"], self.names()))
        self.assertEqual([2, 2], [atom["attempt"] for atom in job["atoms"]])
        with sqlite3.connect(self.folder / "run.state") as file:
            orders = [json.loads(asked) for asked, in file.execute("SELECT asked FROM orders ORDER BY id")]
        self.assertEqual([True, False], [order.get("keep", False) for order in orders])
        self.assertEqual(("ann", "cleaned up"), (orders[1]["who"], orders[1]["why"]))

    def test_anew_after_a_revert_that_failed_and_was_done_by_hand(self):
        flag = self.folder / "repaired"
        self.flow(linear("pair", self.logging("a", inject={"revert_argv": ["false"]}),
                         command("b", "sh", "-c", f"test -e {flag}")))
        job = self.json("run", "flow.json", "--state", "run.state", expect=1)
        self.assertEqual(("FAILURE", "REVERT_FAILURE"), (job["state"], job["atoms"][0]["state"]))
        flag.touch()
        job = self.json("rerun", "--state", "run.state", "--anew")
        self.assertEqual(("SUCCESS", ["a", "a"]), (job["state"], self.names()))

    def test_a_run_anew_that_was_killed_goes_on_and_does_not_begin_again(self):
        hold = "test $BATON_ATTEMPT -lt 2 || test $(grep -c '^b 2' %s) -gt 1 || sleep 60" % self.log
        self.flow(linear("three", self.logging("a"), self.logging("b", hold), self.logging("c")))
        self.baton("run", "flow.json", "--state", "run.state")
        process = self.start("rerun", "--state", "run.state", "--anew")
        deadline = time.monotonic() + 40
        while len(self.logged()) < 5 and time.monotonic() < deadline:
            time.sleep(0.01)
        self.kill(process)
        self.refused("rerun", "--state", "run.state", "--anew", told=["has not ended", "baton resume"])
        job = self.json("resume", "--state", "run.state")
        self.assertEqual(("SUCCESS", 2), (job["state"], job["run"]))
        self.assertEqual(["a", "b", "c", "a", "b", "b", "c"], self.names())

    def test_what_cannot_be_run_is_told_before_the_file_is_touched(self):
        self.ended()
        self.refused("rerun", "--state", "run.state", "--module", "typo.so", told=["typo.so"], expect=USAGE)
        self.refused("resume", "--state", "run.state", told=["run 1 of the flow 'pair', which has ended SUCCESS"])

    def test_a_file_of_another_flow(self):
        self.ended()
        before = (self.folder / "run.state").read_bytes()
        self.flow(linear("other", command("x", "true")))
        self.refused("run", "flow.json", "--state", "run.state",
                     told=["run.state holds another flow: run 1 of the flow 'pair', SUCCESS", "name another file"])
        self.flow(linear("pair", command("b", "true"), command("a", "true")))  # the same name, another flow
        self.refused("run", "flow.json", "--state", "run.state", told=["holds another flow"])
        self.assertEqual(before, (self.folder / "run.state").read_bytes())

    def test_a_file_that_was_cut_in_the_middle_is_told_and_left_as_it_is(self):
        self.ended()
        path = self.folder / "run.state"
        whole = path.read_bytes()
        for size in (len(whole) // 2, len(whole) // 3, 4096 + 100, 60):
            path.write_bytes(whole[:size])
            for word in ("resume", "rerun"):
                with self.subTest(size=size, word=word):
                    self.refused(word, "--state", "run.state", told=["run.state cannot be used as a state file", "hint:"])
            self.assertEqual(whole[:size], path.read_bytes())
        path.write_bytes(whole)
        self.baton("rerun", "--state", "run.state")

    def test_what_is_no_state_file(self):
        (self.folder / "text.state").write_text("what is this? " * 1000)
        database = sqlite3.connect(self.folder / "other.state")
        database.execute("create table t (x)")
        database.commit()
        database.close()
        self.ended()
        shutil.copy(self.folder / "run.state", self.folder / "later.state")
        later = sqlite3.connect(self.folder / "later.state")
        later.execute("pragma user_version = 9")
        later.commit()
        later.close()
        for file, told in (("text.state", "not a database"), ("other.state", "another program's database"),
                           ("later.state", "its version is 9, and this program knows"), (".", "is no file")):
            with self.subTest(file):
                self.refused("resume", "--state", file, told=[told])
                self.refused("run", "flow.json", "--state", file, told=[told])
        self.refused("resume", "--state", "missing.state", told=["no state file missing.state"], expect=USAGE)

    def test_a_file_that_another_process_has(self):
        self.flow(linear("slow", self.logging("a", "sleep 60")))
        process = self.start("run", "flow.json", "--state", "run.state")
        deadline = time.monotonic() + 30
        while not self.logged() and time.monotonic() < deadline:
            time.sleep(0.01)
        self.refused("resume", "--state", "run.state",
                     told=[f"run.state is in use by another process, pid {process.pid}", "hint:"])
        self.refused("dev", "--state", "run.state", "--port", "0", told=["in use by another process"])

    def test_a_file_that_another_program_has_locked(self):
        self.ended()
        holds = subprocess.Popen([sys.executable, "-c", "import sqlite3, sys; d = sqlite3.connect('run.state'); "
                                  "d.execute('begin immediate'); print('locked', flush=True); sys.stdin.read()"],
                                 cwd=self.folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.addCleanup(holds.communicate)
        self.assertEqual("locked\n", holds.stdout.readline())
        self.refused("rerun", "--state", "run.state", told=["run.state is locked by another program"])
        holds.communicate()
        self.baton("rerun", "--state", "run.state")

    def test_told_to_stop_it_suspends_and_resume_goes_on(self):
        flag = self.folder / "go"
        self.flow(linear("pair", self.logging("a", f"while ! test -e {flag}; do sleep 0.02; done"), self.logging("b")))
        process = self.start("run", "flow.json", "--state", "run.state", "--output", "json")
        deadline = time.monotonic() + 30
        while not self.logged() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        self.assertIn("stopping when what runs has ended", process.stderr.readline())
        flag.touch()
        out, err = process.communicate(timeout=30)
        self.assertEqual((5, "SUSPENDED"), (process.returncode, json.loads(out)["state"]), err)
        self.assertIn("baton resume --state run.state", err)
        self.assertEqual(1, len(self.logged()))
        self.assertEqual("SUCCESS", self.json("resume", "--state", "run.state")["state"])
        self.assertEqual(2, len(self.logged()))

    def test_a_full_disk_ends_the_run_and_loses_nothing(self):
        self.flow(linear("big", *(command(f"t{i}", "sh", "-c", f"printf '\"%400000s\"' x; echo t{i} >> {self.log}")
                                  for i in range(30))))
        limit = "ulimit -f 6000; trap '' XFSZ; exec " + str(BATON)  # blocks of 1 KiB: some 6 MB
        process = subprocess.run(["bash", "-c", limit + " run flow.json --state run.state --executor serial --quiet"],
                                 cwd=self.folder, capture_output=True, text=True)
        self.assertEqual(3, process.returncode, process.stdout + process.stderr)
        self.assertIn("the run cannot go on: run.state", process.stderr)
        done = len(self.logged())
        self.assertGreater(done, 3)
        job = self.json("resume", "--state", "run.state", "--executor", "serial")
        self.assertEqual("SUCCESS", job["state"])
        self.assertLessEqual(len(self.logged()), 30 + 2)  # at most the ones whose outcome was not kept


if __name__ == "__main__":
    unittest.main()
