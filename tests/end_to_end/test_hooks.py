"""Hooks on everything that is real: who is to be called is called, whatever dies or is away meanwhile."""

import http.server
import json
import signal
import ssl
import subprocess
import threading
import time
import unittest

from harness import CONDUCTORS, WORKERS, FleetTest

PAGE, TLS = "page", "tls"
WAIT_SECONDS = 80


class Receiver:
    """A webhook's host: remembers what it is sent. Its port is its own also before it listens."""

    def __init__(self, tls=None):
        self.requests = []
        self.tls = tls
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.requests.append((dict(self.headers), json.loads(body)))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        # Bound and not listening: who connects is refused.
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler, bind_and_activate=False)
        self.server.server_bind()
        self.port = self.server.server_address[1]

    def listen(self):
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.server.server_activate()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.server_close()


class Hooks(FleetTest):
    conductors = CONDUCTORS
    workers = WORKERS[:1]

    @classmethod
    def change_fleet(cls):
        folder = cls.fleet.folder
        folder.mkdir(parents=True, exist_ok=True)
        cls.ledger = folder / "called"
        cls.secret = folder / "token"
        cls.secret.write_text("Bearer topsecret\n")
        cls.gate, cls.fail_now = folder / "gate", folder / "fail"
        certificate = folder / "tls.pem", folder / "tls.key"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                        "-addext", "subjectAltName=IP:127.0.0.1", "-out", certificate[0], "-keyout", certificate[1]],
                       check=True, capture_output=True)
        cls.web, cls.tls = Receiver(), Receiver(certificate)
        cls.addClassCleanup(cls.web.close)
        cls.addClassCleanup(cls.tls.close)
        append = ["/bin/sh", "-c", f"cat >> {cls.ledger}"]
        cls.released = folder / "released"
        cls.addClassCleanup(cls.released.touch)
        slow = ["/bin/sh", "-c", f"cat >> {cls.ledger}; while [ ! -e {cls.released} ]; do sleep 0.1; done"]
        hooks = [
            {"name": PAGE, "events": ["failed", "reverted", "not_reverted"], "flows": ["page-*"], "command": append},
            {"name": "web", "events": ["reverted"], "flows": ["web"],
             "webhook": {"url": f"http://127.0.0.1:{cls.web.port}/hook", "headers_from_file": {"Authorization": str(cls.secret)}}},
            {"name": TLS, "events": ["reverted"], "flows": [TLS],
             "webhook": {"url": f"https://127.0.0.1:{cls.tls.port}/", "ca_file": str(certificate[0])}},
            {"name": "hangs", "events": ["reverted"], "flows": ["hangs"], "command": ["/bin/sh", "-c", "echo begun; sleep 1000"],
             "timeout": "500ms", "attempts": 2},
            {"name": "slow", "events": ["reverted"], "flows": ["slow"], "command": slow, "timeout": "10s"},
            {"name": "stalls", "events": ["stalled"], "stalled_after": "2s", "flows": ["stalls-*"], "command": append},
        ]
        file = folder / "hooks.json"
        file.write_text(json.dumps({"hooks": hooks}))
        for name in CONDUCTORS:
            cls.fleet.daemons[name].settings["conductor"]["hooks_file"] = str(file)
        cls.fleet.daemons[cls.workers[0]].settings["worker"]["commands"].append(str(cls.write_commands(folder)))

    @classmethod
    def write_commands(cls, folder):
        fails = "echo no quota >&2; exit 1"
        tasks = {"story.fails": fails, "story.ok": "echo null",
                 "story.fails_later": f"while [ ! -e {cls.fail_now} ]; do sleep 0.1; done; exit 1",
                 "story.waits": f"while [ ! -e {cls.gate} ]; do sleep 0.1; done; echo null"}
        file = folder / "story-commands.json"
        told = {name: {"argv": ["/bin/sh", "-c", script]} for name, script in tasks.items()}
        told["story.stays"] = {"argv": ["false"], "revert_argv": ["false"]}
        file.write_text(json.dumps(told))
        return file

    def post_flow(self, name, task):
        flow = {"name": name, "pattern": "linear", "nodes": [{"task": task, "name": "only"}]}
        status, answer = self.api.ask_until_there("POST", "/v1/jobs", {"flow": flow, "name": f"a job of {name}"})
        self.assertIn(status, (200, 201), answer)
        return answer["uuid"]

    def until_true(self, what, ask):
        deadline = time.monotonic() + WAIT_SECONDS
        while not (answer := ask()):
            self.assertLess(time.monotonic(), deadline, f"not in {WAIT_SECONDS} s: {what}")
            time.sleep(0.1)
        return answer

    def called(self, job):
        """The documents that commands were given about the job."""
        return [document for document in self.all_called() if document["job"] == job]

    def all_called(self):
        text = self.ledger.read_text() if self.ledger.exists() else ""
        whole, _, _ = text.rpartition("\n")  # the last line may be about to be written
        return [json.loads(line) for line in whole.splitlines()]

    def calls(self, job):
        return self.api.get(f"/v1/jobs/{job}/hooks")["calls"]

    def until_call_ended(self, job, state="done"):
        return self.until_true(f"a call about {job} is {state}",
                               lambda: [call for call in self.calls(job) if call["state"] == state])

    def test_a_flow_that_is_reverted_calls_its_hook_once_with_what_happened(self):
        job = self.post_flow("page-reverted", "story.fails")
        self.assertEqual("REVERTED", self.end_of(job)[1])
        call, = self.until_call_ended(job)
        document, = self.called(job)
        self.assertEqual((PAGE, "reverted", 1, 1, "REVERTED", "page-reverted", "a job of page-reverted"),
                         tuple(document[name] for name in ("hook", "event", "attempt", "run", "state", "flow", "name")))
        self.assertEqual("CommandFailed", document["failure"]["type"])
        self.assertTrue(document["link"].endswith(f"/v1/jobs/{job}"))
        self.assertEqual((PAGE, "reverted", 1), (call["hook"], call["event"], call["attempts"]))
        rows = self.api.get(f"/v1/jobs/{job}/history?limit=500")["rows"]
        self.assertEqual([f"hook {PAGE} called: reverted; taken"], [row["what"] for row in rows if "hook" in row.get("data", {})])
        shown = self.fleet.baton("show", job, capture_output=True)
        self.assertIn("hooks", shown.stdout)
        self.assertIn(PAGE, shown.stdout)
        # What is not asked for is not told.
        other = self.post_flow("page-ok", "story.ok")
        self.assertEqual("SUCCESS", self.end_of(other)[1])
        self.assertEqual([], self.calls(other))

    def test_a_flow_that_could_not_be_reverted_says_so(self):
        job = self.post_flow("page-stays", "story.stays")
        self.assertEqual("FAILURE", self.end_of(job)[1])
        self.until_call_ended(job)
        document, = self.called(job)
        self.assertEqual(("not_reverted", "FAILURE"), (document["event"], document["state"]))

    def test_a_call_outlives_the_conductor_that_recorded_it(self):
        first, second = (self.fleet.daemons[name] for name in CONDUCTORS)
        second.process.stop(20)
        first.process.stop(20)
        first.environment["BATON_FAILPOINT"] = "ended:1"
        try:
            first.start()
        finally:
            del first.environment["BATON_FAILPOINT"]
        job = self.post_flow("page-orphan", "story.fails_later")
        self.fail_now.touch()
        self.assertTrue(first.process.wait(WAIT_SECONDS), "it has not died behind the last commit")
        self.assertEqual([], self.called(job))
        second.start()
        self.until_call_ended(job)
        first.start()
        self.assertEqual(1, len(self.called(job)))

    def test_a_call_under_way_at_a_kill_is_made_again_under_the_same_id(self):
        job = self.post_flow("slow", "story.fails")
        self.until_true("it is called", lambda: self.called(job))
        held, = self.calls(job)
        maker = self.fleet.daemons[held["made_by"]]
        maker.process.send(signal.SIGKILL)
        self.addCleanup(maker.start)
        self.released.touch()
        self.until_call_ended(job)  # when the dead one's time is over: its hook's timeout and 20 s
        first, again = self.called(job)
        self.assertEqual(first["id"], again["id"])
        self.assertNotEqual(first["conductor"], again["conductor"])

    def test_a_webhook_that_is_away_is_called_when_it_is_back(self):
        job = self.post_flow("web", "story.fails")
        failed = self.until_true("it was tried", lambda: [call for call in self.calls(job) if call["attempts"] > 0])
        self.assertIn("no connection", failed[0]["error"])
        self.web.listen()
        call, = self.until_call_ended(job)
        (headers, document), = self.web.requests
        self.assertEqual("Bearer topsecret", headers["Authorization"])
        self.assertEqual(document["id"], headers["Idempotency-Key"])
        self.assertEqual((job, call["attempts"]), (document["job"], document["attempt"]))
        everything = json.dumps([self.calls(job), self.api.get("/v1/hooks"), self.api.get(f"/v1/jobs/{job}/history?limit=500")])
        logs = "".join(self.fleet.daemons[name].process.log_file.read_text() for name in CONDUCTORS)
        self.assertNotIn("topsecret", everything + logs)

    def test_a_webhook_by_https(self):
        self.tls.listen()
        job = self.post_flow(TLS, "story.fails")
        self.until_call_ended(job)
        (_, document), = self.tls.requests
        self.assertEqual(job, document["job"])

    def test_a_hook_that_hangs_is_killed_and_given_up_and_shown(self):
        job = self.post_flow("hangs", "story.fails")
        call, = self.until_call_ended(job, "given_up")
        self.assertEqual(2, call["attempts"])
        self.assertIn("it had not ended after 500 ms and was killed", call["error"])
        self.assertIn(job, [one["job"] for one in self.api.get("/v1/hooks")["given_up"]])
        listed = self.fleet.baton("hooks", "list", capture_output=True)
        self.assertIn("given up, nobody has been told", listed.stdout)
        self.assertIn(job, listed.stdout)
        self.assertEqual(1, self.counted("hook_calls_given_up"))
        self.order_again(job, str(call["id"]))
        self.until_true("it is given up again",
                        lambda: [one for one in self.calls(job) if (one["attempts"], one["state"]) == (4, "given_up")])
        self.assertIn(": it is mended", self.fleet.baton("history", job, capture_output=True).stdout)

    def order_again(self, job, number):
        tried = self.fleet.baton("hooks", "retry", number, "--dry-run", capture_output=True)
        self.assertEqual(0, tried.returncode, tried.stderr)
        self.assertEqual("given_up", self.calls(job)[0]["state"])
        again = self.fleet.baton("hooks", "retry", number, "--reason", "it is mended", capture_output=True)
        self.assertEqual((0, f"call {number} of hook hangs about job {job} will be made again\n"), (again.returncode, again.stdout))

    def test_a_stall_is_told_once(self):
        jobs = [self.post_flow("stalls-first", "story.waits")]
        running = lambda job: [one for one in self.called(job) if one["state"] == "RUNNING"]
        self.until_true("the first stall is told", lambda: running(jobs[0]))
        jobs.append(self.post_flow("stalls-later", "story.waits"))
        self.until_true("the later one is told", lambda: running(jobs[1]))  # all were looked at again
        self.gate.touch()
        for job in jobs:
            self.assertEqual("SUCCESS", self.end_of(job)[1])
            documents = self.called(job)
            self.assertEqual({"stalled"}, {document["event"] for document in documents})
            self.assertIn("RUNNING", [document["state"] for document in documents])
            # On a busy machine it may have stood on the board for as long before; that is another stall.
            stalls = [document["nothing_recorded_since"] for document in documents]
            self.assertEqual(sorted(set(stalls)), sorted(stalls))

    def test_a_hook_can_be_tried(self):
        tried = self.fleet.baton("hooks", "test", PAGE, capture_output=True)
        self.assertEqual((0, f"{PAGE}: taken\n"), (tried.returncode, tried.stdout))
        self.assertTrue(any(document.get("test") for document in self.all_called()))
        none = self.fleet.baton("hooks", "test", "none", capture_output=True)
        self.assertEqual(4, none.returncode)
        self.assertIn("it has: page, web, tls, hangs, slow, stalls", none.stderr)

    def test_a_hooks_file_with_a_mistake_starts_nothing(self):
        file = self.fleet.folder / "wrong.yaml"
        file.write_text("hooks:\n  - name: page\n    events: [fails]\n    command: [/bin/true]\n")
        program = self.fleet.build / "bin" / "baton-conductor"
        done = subprocess.run([program, "--conductor.hooks_file", file, "--check-config"], capture_output=True, text=True)
        self.assertEqual(2, done.returncode, done.stderr)
        self.assertIn("wrong.yaml:3:14: 'fails' is no event", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
