"""Each exit code of `baton` as its documentation has it, from the program itself: against a conductor that is told what
to answer, against nobody, and ended by a signal."""

import http.server
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import threading
import time
import unittest
from pathlib import Path

BATON = Path(os.environ["BATON_BUILD"]) / "bin" / "baton"
SOURCE = Path(__file__).resolve().parents[2]
SECONDS = 60  # for what takes milliseconds


class Conductor(http.server.ThreadingHTTPServer):
    """Answers each target with what it is told: (status, content type, body)."""

    daemon_threads = True

    def __init__(self, answers):
        self.answers = answers
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"127.0.0.1:{self.server_address[1]}"


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        status, kind, body = self.server.answers[self.path.split("?")[0]]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


def answer(body, status=200, kind="application/json"):
    return status, kind, json.dumps(body).encode()


def job(state):
    return answer({"uuid": "u", "name": "n", "flow": "f", "state": state, "atoms_total": 1, "atoms_done": 0})


ANSWERS = {
    "/v1/jobs": answer({"jobs": [{"uuid": "u", "name": "n", "flow": "f", "state": "RUNNING"}]}),
    "/v1/workers": answer({"workers": []}),
    "/v1/jobs/good": job("SUCCESS"),
    "/v1/jobs/bad": job("REVERTED"),
    "/v1/jobs/none": answer({"type": "urn:baton:problem:no-such-job", "title": "No such job", "status": 404,
                             "detail": "there is no job 'none'"}, 404, "application/problem+json"),
}


class EndingsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.conductor = Conductor(ANSWERS)
        cls.addClassCleanup(cls.conductor.server_close)
        cls.addClassCleanup(cls.conductor.shutdown)

    def environment(self, **more):
        return {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "BATON_API": self.conductor.address, **more}

    def baton(self, *words, **more):
        return subprocess.run([BATON, *words], capture_output=True, text=True, timeout=SECONDS,
                              env=self.environment(**more))

    def test_0_done(self):
        done = self.baton("list")
        self.assertEqual((0, ""), (done.returncode, done.stderr))
        self.assertEqual(0, self.baton("show", "good", "--watch").returncode)

    def test_1_the_flow_ended_otherwise(self):
        self.assertEqual(1, self.baton("show", "bad", "--watch").returncode)
        self.assertEqual(0, self.baton("show", "bad").returncode)  # it is shown, not followed

    def test_1_what_was_found_could_not_be_written(self):
        for words in (["list"], ["workers", "-o", "json"], ["help"], ["completion", "bash"]):
            with self.subTest(words), open("/dev/full", "w") as full:
                done = subprocess.run([BATON, *words], stdout=full, stderr=subprocess.PIPE, text=True, timeout=SECONDS,
                                      env=self.environment())
                self.assertEqual(1, done.returncode)
                self.assertRegex(done.stderr, r"^baton: not all of what was found could be written"
                                              r"(: No space left on device)?\n  hint: is there room .*\?\n$")

    def test_behind_a_tab_nobody_waits_for_who_does_not_answer(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            many = ",".join([f"127.0.0.1:{silent.getsockname()[1]}"] * 200)  # of each in vain: 140 s
            done = self.baton("__complete", "--api", many, "show", "")
        self.assertEqual((0, "", ""), (done.returncode, done.stdout, done.stderr))

    def test_2_wrong_arguments(self):
        wrong = self.baton("lsit")
        self.assertEqual((2, "baton: baton has no word 'lsit'\n  hint: did you mean baton list?\n"),
                         (wrong.returncode, wrong.stderr))
        self.assertEqual(2, self.baton("list", "--limit", "0").returncode)
        self.assertEqual(2, self.baton("list", "--profile", "x").returncode)
        self.assertEqual(2, self.baton("flow", "validate", "/nowhere.yaml").returncode)
        without = self.baton("job")
        self.assertEqual(2, without.returncode)
        self.assertIn("baton job wants a word more, one of: post list show", without.stderr)

    def test_3_nobody_answers(self):
        nobody = self.baton("list", BATON_API="127.0.0.1:1,127.0.0.1:2")
        self.assertEqual(3, nobody.returncode)
        self.assertEqual("baton: no conductor answers:\n  127.0.0.1:1: Connection refused\n"
                         "  127.0.0.1:2: Connection refused\n"
                         "  hint: is one running? `make demo` starts a cluster; --api, --profile or BATON_API says where "
                         "it is\n", nobody.stderr)

    def test_4_refused(self):
        refused = self.baton("show", "none")
        self.assertEqual((4, "baton: No such job (404)\n  there is no job 'none'\n"), (refused.returncode, refused.stderr))

    def test_5_stopped_by_a_signal(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number), subprocess.Popen([BATON, "workers", "--watch"], stdout=subprocess.PIPE, text=True,
                                                        env=self.environment()) as process:
                self.assertTrue(process.stdout.readline().startswith("NAME"))
                process.send_signal(number)
                self.assertEqual(5, process.wait(SECONDS))

    def test_the_documents_have_the_same_codes(self):
        told = re.findall(r"^  (\d)  (.*(?:\n {5}.*)*)$", self.baton("--help").stdout.split("exit codes:")[1], re.MULTILINE)
        listed = re.findall(r"^\| (\d) \| (.*) \|$", (SOURCE / "docs" / "command.md").read_text(), re.MULTILINE)
        self.assertEqual(["0", "1", "2", "3", "4", "5"], [code for code, _ in told])
        self.assertEqual([(code, " ".join(means.split())) for code, means in told], listed)

    def at_terminal(self, *words, **more):
        pid, master = pty.fork()
        if pid == 0:
            os.execve(BATON, ["baton", *words], self.environment(TERM="xterm", **more))
        said, deadline = b"", time.monotonic() + SECONDS
        while select.select([master], [], [], max(0, deadline - time.monotonic()))[0]:
            try:
                more_said = os.read(master, 4096)
            except OSError:
                break
            if not more_said:
                break
            said += more_said
        os.close(master)
        self.assertEqual(0, os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        return said.decode()

    def test_colours_are_for_terminals(self):
        self.assertIn("\033[32mSUCCESS\033[0m", self.at_terminal("show", "good"))
        self.assertNotIn("\033", self.at_terminal("show", "good", NO_COLOR="1"))
        self.assertNotIn("\033", self.baton("show", "good").stdout)


if __name__ == "__main__":
    unittest.main()
