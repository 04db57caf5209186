"""--dry-run of a flow or a state file: it says what would run, runs nothing, and the file keeps its bytes."""

import contextlib
import os
import signal
import sqlite3
import time
import unittest

from local_case import LocalCase, command, linear

FAILED, USAGE, UNREACHABLE, REFUSED = 1, 2, 3, 4


class DryRun(LocalCase):
    def bytes(self):
        """Of all that is there but the log of what ran."""
        return {file.name: file.read_bytes() for file in self.folder.iterdir() if file != self.log}

    def names(self):
        return [line.split()[0] for line in self.logged()]

    def dry(self, *words):
        """What it says it would do; nothing of it is done."""
        before, ran = self.bytes(), self.logged()
        told = self.json(*words, "--dry-run")
        self.assertIn("nothing was run, nothing was changed", self.baton(*words, "--dry-run"))
        self.assertEqual((before, ran), (self.bytes(), self.logged()))
        self.assertIs(True, told.pop("dry_run"))
        return told

    def wait_for(self, ran):
        deadline = time.monotonic() + 30
        while len(self.logged()) < ran and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertEqual(ran, len(self.logged()))

    def killed(self):
        """While b ran: what is recorded is still in the log beside the file."""
        hold = "test $BATON_DISPATCH -gt 4294967297 || sleep 60"
        self.flow(linear("three", self.logging("a"), self.logging("b", hold), self.logging("c")))
        process = self.start("run", "flow.json", "--state", "run.state")
        self.wait_for(2)
        self.kill(process)
        self.assertIn("run.state-wal", self.bytes())

    def test_of_a_flow_is_its_plan_and_no_file_is_made(self):
        self.flow(linear("pair", self.logging("a"), self.logging("b")))
        plan = self.json("flow", "plan", "flow.json")
        self.assertEqual(plan, self.dry("run", "flow.json", "--state", "run.state"))
        self.assertEqual(plan, self.dry("run", "flow.json"))

    def test_who_ends_it_while_it_copies_leaves_no_copy(self):
        self.killed()
        with open(self.folder / "run.state-journal", "wb") as file:  # so that it takes a while
            file.truncate(200 << 20)
        passing = self.folder / "passing"
        passing.mkdir()
        process = self.start("resume", "--state", "run.state", "--dry-run", env={**os.environ, "TMPDIR": str(passing)})
        deadline = time.monotonic() + 30
        while not any(passing.iterdir()) and process.poll() is None and time.monotonic() < deadline:
            pass
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        self.assertEqual([], list(passing.iterdir()))

    def test_resume_says_where_it_goes_on_and_then_does_that(self):
        self.killed()
        told = self.dry("resume", "--state", "run.state")
        self.assertEqual({"flow": "three", "run": 1, "state": "RUNNING", "begins_with": ["b"], "runs": ["b", "c"],
                          "reverts": [], "keeps": ["a"]}, told)
        self.baton("resume", "--state", "run.state")
        self.assertEqual(["a", "b", "b", "c"], self.names())

    def test_resume_of_a_rollback_says_what_is_reverted(self):
        log = f"echo revert-a >> {self.log}; test $BATON_DISPATCH -gt 4294967298 || sleep 60"
        self.flow(linear("pair", self.logging("a", inject={"revert_argv": ["sh", "-c", log]}), command("b", "false")))
        process = self.start("run", "flow.json", "--state", "run.state")
        self.wait_for(2)
        self.kill(process)
        told = self.dry("resume", "--state", "run.state")
        self.assertEqual((["a"], [], ["a"]), (told["begins_with"], told["runs"], told["reverts"]))

    def test_rerun_says_what_is_kept_and_then_runs_the_rest(self):
        flag = self.folder / "repaired"
        self.flow(linear("pair", self.logging("a"), self.logging("b", f"test -e {flag}")))
        self.baton("run", "flow.json", "--state", "run.state", expect=FAILED)
        told = self.dry("rerun", "--state", "run.state")
        self.assertEqual((2, ["a"], ["a", "b"], []), (told["run"], told["begins_with"], told["runs"], told["keeps"]))
        flag.touch()
        self.baton("rerun", "--state", "run.state")
        self.assertEqual(["a", "b", "a", "b"], self.names())
        told = self.dry("rerun", "--state", "run.state")
        self.assertEqual((3, [], [], ["a", "b"]), (told["run"], told["begins_with"], told["runs"], told["keeps"]))
        told = self.dry("rerun", "--state", "run.state", "--anew")
        self.assertEqual((3, ["a"], ["a", "b"], []), (told["run"], told["begins_with"], told["runs"], told["keeps"]))

    def same(self, code, *words):
        """It is refused as without --dry-run, and before that."""
        before = self.bytes()
        self.baton(*words, "--dry-run", expect=code)
        dry = self.said
        self.assertEqual(before, self.bytes())
        self.baton(*words, expect=code)
        self.assertEqual(self.said, dry)

    def test_what_would_be_refused_is_refused_alike(self):
        self.flow(linear("pair", self.logging("a")))
        self.same(UNREACHABLE, "run", "flow.json", "--state", "no-folder/run.state")
        self.same(USAGE, "resume", "--state", "run.state")
        self.same(USAGE, "run", "flow.json", "--param", "x=1")
        self.baton("run", "flow.json", "--state", "run.state")
        self.same(REFUSED, "run", "flow.json", "--state", "run.state")
        self.same(REFUSED, "resume", "--state", "run.state")
        self.same(USAGE, "rerun", "--state", "run.state", "--module", "typo.so")
        self.flow({"name": "x", "nodes": [{"task": "unknown", "name": "a"}]}, "unknown.json")
        self.same(USAGE, "run", "unknown.json", "--state", "new.state")
        self.flow(linear("other", command("a", "true")), "other.json")
        self.same(REFUSED, "run", "other.json", "--state", "run.state")
        (self.folder / "text.state").write_text("what is this? " * 1000)
        self.same(REFUSED, "resume", "--state", "text.state")

    def test_a_file_that_another_process_has(self):
        self.flow(linear("slow", self.logging("a", "sleep 60")))
        process = self.start("run", "flow.json", "--state", "run.state")
        self.wait_for(1)
        self.baton("resume", "--state", "run.state", "--dry-run", expect=REFUSED)
        self.assertIn(f"run.state is in use by another process, pid {process.pid}", self.said)

    def test_a_file_that_another_program_has_open(self):
        self.flow(linear("one", self.logging("a")))
        self.baton("run", "flow.json", "--state", "run.state")
        with contextlib.closing(sqlite3.connect(self.folder / "run.state")) as other:
            other.execute("select * from jobs").fetchall()
            self.baton("rerun", "--state", "run.state", "--dry-run", expect=REFUSED)
            self.assertIn("run.state is locked by another program", self.said)
        self.dry("rerun", "--state", "run.state")


if __name__ == "__main__":
    unittest.main()
