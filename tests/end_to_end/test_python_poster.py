"""A service that posts with OpenStack's own client, as the README says: our conductor runs its job to the end, and the
service sees on the board that it is done. Run with TaskFlow's Python."""

import json
import subprocess
import sys
import threading
import unittest
from pathlib import Path

from harness import EVENT_SECONDS, FleetTest

CLIENT = Path(__file__).resolve().parents[1] / "interop" / "taskflow_client.py"


class PythonPoster(FleetTest):
    def client(self, *words):
        return subprocess.Popen([sys.executable, "-B", str(CLIENT), "--zk", self.fleet.services["zookeeper"],
                                 "--path", self.fleet.board, *words],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def told(self, *words):
        """The one line that the client prints."""
        client = self.client(*words)
        line, _ = client.communicate(timeout=EVENT_SECONDS)
        self.assertEqual(0, client.returncode, line)
        return json.loads(line)

    def post_by_python(self, job_name, *options, **kwargs):
        details = {"factory": {"name": "create-cluster", "kwargs": kwargs}}
        return self.told("post", "--name", job_name, "--details", json.dumps(details), *options)

    def test_a_job_posted_by_python_is_run_to_success(self):
        nodes = ("python-a", "python-b", "python-c")
        posted = self.post_by_python("the python cluster", nodes=list(nodes), name=nodes[0])
        self.assertEqual("SUCCESS", self.end_of(posted["uuid"])[1])
        self.assert_cluster(*nodes)
        shown = self.show(posted["uuid"])
        self.assertEqual(("the python cluster", "create-cluster", posted["path"]),
                         (shown["name"], shown["flow"], shown["board_path"]))

    def test_its_logbook_is_kept_and_its_priority_known(self):
        posted = self.post_by_python("with a book", "--book", "--priority", "high", nodes=["python-book"],
                                     name="python-book")
        self.assertEqual("SUCCESS", self.end_of(posted["uuid"])[1])
        shown = self.show(posted["uuid"])
        self.assertEqual(("HIGH", posted["book_name"]), (shown["priority"], shown["book"]["name"]))

    def test_python_sees_its_job_go_when_it_is_done(self):
        with self.client("watch") as watching:
            give_up = threading.Timer(EVENT_SECONDS, watching.kill)
            give_up.start()
            events = (json.loads(line) for line in watching.stdout)
            self.assertEqual("watching", next(events)["event"])
            posted = self.post_by_python("watched", nodes=["python-seen"], name="python-seen")
            seen = [next(event for event in events if event["uuid"] == posted["uuid"])["event"] for _ in range(2)]
            watching.stdin.close()
            give_up.cancel()
        self.assertEqual(["POSTED", "REMOVAL"], seen)
        self.assertEqual("SUCCESS", self.show(posted["uuid"])["state"])
        self.assert_cluster("python-seen")

    def test_wrong_kwargs_end_rejected_with_the_reason_and_leave_the_board(self):
        posted = self.post_by_python("wrong", nodes="python-wrong")
        self.assertEqual("REJECTED", self.end_of(posted["uuid"])[1])
        self.assertEqual("flow 'create-cluster' refuses its parameters:\n"
                         "  parameter 'nodes' is \"python-wrong\", expected: list of string\n"
                         "  parameters: nodes (list of string, required), name (string, default \"cluster\")\n"
                         "  hint: correct the job's details.factory and post it again",
                         self.show(posted["uuid"])["failure"]["message"])
        self.assertEqual([], self.cloud.calls("create", "python-wrong"))


if __name__ == "__main__":
    unittest.main()
