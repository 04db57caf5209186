"""`baton dev`: every verb works against it, and after a kill -9 the next one goes on."""

import json
import re
import signal
import time
import unittest
import urllib.request

from local_case import LocalCase, command, linear


class Dev(LocalCase):
    def dev(self, *words):
        """Starts it; BATON_API of the verbs is its address."""
        process = self.start("dev", "--port", "0", "--state", "dev.state", *words)
        line = process.stdout.readline()
        self.assertRegex(line, r"^baton dev: http://127\.0\.0\.1:\d+, jobs in dev\.state", process.poll())
        self.api = re.search(r"127\.0\.0\.1:\d+", line)[0]
        return process

    def verb(self, *words, expect=0):
        return self.baton("--api", self.api, *words, expect=expect)

    def await_lines(self, count):
        deadline = time.monotonic() + 30
        while len(self.logged()) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertGreaterEqual(len(self.logged()), count)

    def test_every_verb_works_against_it(self):
        self.dev()
        self.flow(linear("pair", self.logging("a"), command("b", "echo", "7")))
        posted = self.verb("post", "--file", "flow.json", "--wait")
        uuid = re.search(r"posted (\S+)", posted)[1]
        self.assertIn("SUCCESS", posted)
        self.assertIn("2/2 atoms", self.verb("show", uuid))
        self.assertIn("a  ", self.verb("history", uuid))
        self.assertIn(uuid, self.verb("list", "--state", "SUCCESS"))
        self.assertIn("dev", self.verb("workers"))
        self.assertIn("dev", self.verb("conductors"))
        self.verb("left-alone")
        self.verb("flow", "list")
        self.verb("suspend", uuid, expect=4)  # it has ended

    def test_suspend_resume_cancel(self):
        self.dev()
        flag = self.folder / "go"
        self.flow(linear("pair", self.logging("a", f"while ! test -e {flag}; do sleep 0.02; done"), self.logging("b")))
        uuid = json.loads(self.verb("post", "--file", "flow.json", "--output", "json"))["uuid"]
        self.await_lines(1)
        self.verb("suspend", uuid)
        flag.touch()
        self.verb("suspend", uuid, "--wait")
        self.verb("resume", uuid, "--wait")
        self.verb("watch", uuid)
        self.assertEqual(2, len(self.logged()))

    def test_a_job_posted_by_http(self):
        self.dev()
        body = json.dumps({"flow": linear("one", command("a", "echo", "1"))}).encode()
        request = urllib.request.Request(f"http://{self.api}/v1/jobs", body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            self.assertEqual(201, answer.status)
            uuid = json.load(answer)["uuid"]
        self.verb("watch", uuid)

    def test_after_a_kill_unfinished_jobs_go_on_and_ended_ones_are_still_there(self):
        first = self.dev()
        self.flow(linear("done", command("x", "true")))
        done = re.search(r"posted (\S+)", self.verb("post", "--file", "flow.json", "--wait"))[1]
        self.flow(linear("pair", self.logging("a"), self.logging("b", "test $(grep -c '^b' " + str(self.log) + ") -gt 1 || sleep 60")))
        uuid = json.loads(self.verb("post", "--file", "flow.json", "--output", "json"))["uuid"]
        self.await_lines(2)
        self.kill(first)
        self.dev()
        self.verb("watch", uuid)
        self.assertEqual(["a", "b", "b"], [line.split()[0] for line in self.logged()])
        self.assertIn("SUCCESS", self.verb("show", done))

    def test_what_was_acknowledged_survives_a_kill_at_once(self):
        uuids = []
        for _ in range(4):
            process = self.dev()
            self.flow(linear("one", self.logging("a")))
            uuids.append(json.loads(self.verb("post", "--file", "flow.json", "--output", "json"))["uuid"])
            self.kill(process)
        self.dev()
        for uuid in uuids:
            self.verb("watch", uuid)

    def test_stored_flow_files_survive_a_kill_and_jobs_keep_their_version(self):
        first = self.dev()
        flow = linear("pair", self.logging("a"), self.logging("b", "test $(grep -c '^b' " + str(self.log) + ") -gt 1 || sleep 60"))
        self.flow(flow)
        self.assertIn("stored pair@1", self.verb("flow", "put", "flow.json", "--reason", "the first"))
        uuid = json.loads(self.verb("post", "pair", "--output", "json"))["uuid"]
        self.await_lines(2)
        self.flow(linear("pair", *flow["nodes"], self.logging("c")))
        self.assertIn("stored pair@2", self.verb("flow", "put", "flow.json"))
        self.kill(first)
        self.dev()
        self.verb("watch", uuid)
        self.assertEqual(["a", "b", "b"], [line.split()[0] for line in self.logged()])
        self.assertIn("pair@1", self.verb("show", uuid))
        self.assertRegex(self.verb("flow", "list"), r"(?m)^pair +flow file +2 ")
        self.assertIn("the first", self.verb("flow", "list", "pair"))
        self.verb("flow", "diff", "flow.json", "pair")
        self.verb("flow", "diff", "pair@1", "pair", expect=1)
        self.verb("post", "pair", "--wait")
        self.assertEqual("c", self.logged()[-1].split()[0])

    def test_it_ends_when_told_to(self):
        process = self.dev()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=30)
        self.assertEqual((0, "", ""), (process.returncode, out, err))

    def test_a_file_of_a_run_is_not_taken_and_the_other_way_round(self):
        self.flow(linear("one", command("a", "true")))
        self.baton("run", "flow.json", "--state", "run.state")
        self.baton("dev", "--state", "run.state", "--port", "0", expect=4)
        self.assertIn("is a state file of baton run", self.said)
        process = self.dev()
        self.verb("post", "--file", "flow.json", "--wait")
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        self.baton("resume", "--state", "dev.state", expect=4)
        self.assertIn("is a file of baton dev", self.said)


if __name__ == "__main__":
    unittest.main()
