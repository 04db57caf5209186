"""A job that has ended is run again as a person asks, on everything that is real: rerun, retry, skip, done."""

import http.client
import json
import signal
import time
import unittest

from harness import EVENT_SECONDS, FINAL, NotSeen
from test_orders import HOLD_MS, OrdersTest

FOR_GOOD = {"mode": "fail", "times": -1}


class Reruns(OrdersTest):
    session_timeout_ms = 40_000  # who is stopped keeps its session for as long as a test waits

    def cluster(self, *nodes):
        """create-cluster's form, but a node that cannot be had is given up alone: the others stay."""
        def node(name):
            return {"flow": {"name": f"add-{name}", "pattern": "linear", "retry": {"policy": "times", "attempts": 1},
                             "nodes": [{"task": "server.create", "name": f"create-{name}", "inject": {"hostname": name},
                                        "requires": ["hostname"], "provides": f"server_{name}"},
                                       {"task": "server.wait", "name": f"wait-{name}",
                                        "rebind": {"server": f"server_{name}"}}]}}
        servers = {"name": "servers", "pattern": "unordered", "nodes": [node(name) for name in nodes]}
        return self.post_flow({"name": "cluster", "pattern": "linear",
                               "nodes": [{"flow": servers},
                                         {"task": "cluster.configure", "name": "configure",
                                          "inject": {"cluster": nodes[0]}, "requires": ["cluster"]}]})

    def post_flow(self, flow):
        status, answer = self.api.ask("POST", "/v1/jobs", {"flow": flow})
        self.assertEqual(201, status, answer)
        return answer["uuid"]

    def ended(self, job, state):
        self.assertEqual(state, self.end_of(job)[1])
        self.cloud.faults()

    def broken(self, *nodes, verb="create"):
        """A cluster whose last node has failed for good; the cloud is well again."""
        self.cloud.faults({"verb": verb, "hostname": nodes[-1], **FOR_GOOD})
        job = self.cluster(*nodes)
        self.ended(job, "REVERTED")
        return job

    def run_again(self, *words):
        done = self.baton(*words, "--who", "ann@test", "--reason", "cleaned up", "--wait")
        self.assertEqual(0, done.returncode, done.stdout)

    def refused(self, code, *words):
        done = self.fleet.baton(*words, "--output", "json", capture_output=True)
        self.assertEqual(4, done.returncode, done.stdout)
        problem = json.loads(done.stderr)
        self.assertEqual(f"urn:baton:problem:{code}", problem["type"])
        return problem["detail"]

    def attempts(self, job):
        return {atom["name"]: atom["attempt"] for atom in self.show(job)["atoms"]}

    def states(self, job):
        return {atom["name"]: atom["state"] for atom in self.show(job)["atoms"]}

    def assert_ended(self, job, state, run, *orders):
        shown = self.show(job)
        self.assertEqual((state, run), (shown["state"], shown["run"]))
        rows = self.api.get(f"/v1/jobs/{job}/history?limit=500")["rows"]
        self.assertEqual([(order, "ann@test", "cleaned up") for order in orders], self.orders_told(rows))
        return rows

    def created(self, *nodes):
        return sorted(name for name, outcome in self.cloud.calls("create", *nodes) if outcome == "created")

    def server_by_hand(self, hostname):
        """As a person makes it, without Baton; what server.create would have returned."""
        connection = http.client.HTTPConnection(self.cloud.address, timeout=10)
        connection.request("POST", "/servers", json.dumps({"hostname": hostname}), {"Connection": "close"})
        with connection.getresponse() as response:
            self.assertEqual(201, response.status)
            return response.read().decode()

    def test_a_rerun_keeps_what_succeeded_and_executes_only_the_rest(self):
        nodes = ("keeps-a", "keeps-b", "keeps-c")
        job = self.broken(*nodes)
        before = self.attempts(job)
        self.run_again("rerun", job)
        rows = self.assert_ended(job, "SUCCESS", 2, "rerun")
        self.assertEqual(sorted(nodes), self.created(*nodes))
        self.assertEqual([], self.cloud.calls("delete", *nodes[:2]))
        self.assertEqual([(nodes[0], "configured")], self.cloud.calls("configure", nodes[0]))
        after = self.attempts(job)
        for node in nodes[:2]:
            self.assertEqual(before[f"create-{node}"], after[f"create-{node}"])
        self.assertEqual(before[f"create-{nodes[2]}"] + 1, after[f"create-{nodes[2]}"])
        self.assertIn("run 2, asked for by ann@test: what succeeded is kept; cleaned up",
                      [row["data"].get("note") for row in rows if row.get("state") == "RUNNING" and "atom" not in row
                       and "data" in row])

    def test_a_rerun_anew_executes_everything_with_new_attempts(self):
        nodes = ("anew-a", "anew-b")
        self.cloud.faults({"verb": "create", "hostname": nodes[1], **FOR_GOOD})
        job = self.create_cluster(*nodes)
        self.ended(job, "REVERTED")
        self.assert_gone(*nodes)
        before = self.attempts(job)
        self.run_again("rerun", job, "--anew")
        self.assert_ended(job, "SUCCESS", 2, "rerun")
        after = self.attempts(job)
        self.assertTrue(all(after[atom] > before[atom] for atom in after), (before, after))
        self.assertLessEqual(set(nodes), set(self.cloud.servers()))
        self.assertEqual("'configure' has succeeded; a rerun anew runs it again, with everything else",
                         self.refused("atom-refused", "retry", job, "configure").split(": ", 1)[1])

    def test_a_revert_that_failed_is_tried_again_and_then_the_job_is_run_again(self):
        nodes = ("again-a", "again-b")
        self.cloud.faults({"verb": "create", "hostname": nodes[1], **FOR_GOOD},
                          {"verb": "delete", "hostname": nodes[0], **FOR_GOOD})
        job = self.post_flow({"name": "chain", "pattern": "linear",
                              "nodes": [{"task": "server.create", "name": f"create-{node}", "requires": ["hostname"],
                                         "inject": {"hostname": node}} for node in nodes]})
        self.ended(job, "FAILURE")
        self.assertIn(nodes[0], self.cloud.servers())
        self.run_again("retry", job, f"create-{nodes[0]}")
        self.assert_ended(job, "REVERTED", 2, "retry")
        self.assert_gone(*nodes)
        self.run_again("rerun", job)
        self.assert_ended(job, "SUCCESS", 3, "retry", "rerun")
        self.assertLessEqual(set(nodes), set(self.cloud.servers()))

    def test_one_atom_is_tried_again(self):
        nodes = ("once-a", "once-b")
        job = self.broken(*nodes)
        self.run_again("retry", job, f"create-{nodes[1]}")
        self.assert_ended(job, "SUCCESS", 2, "retry")
        self.assertEqual(sorted(nodes), self.created(*nodes))

    def test_an_atom_is_skipped_unless_another_needs_what_it_provides(self):
        nodes = ("skip-a", "skip-b")
        job = self.broken(*nodes, verb="get")
        self.assertIn(f"'wait-{nodes[1]}' requires 'server_{nodes[1]}', which only 'create-{nodes[1]}' provides",
                      self.refused("atom-refused", "skip", job, f"create-{nodes[1]}"))
        self.assertEqual([], self.api.get(f"/v1/jobs/{job}/orders")["orders"])
        self.cloud.faults({"verb": "get", "hostname": nodes[1], **FOR_GOOD})
        self.run_again("skip", job, f"wait-{nodes[1]}")
        self.cloud.faults()
        self.assert_ended(job, "SUCCESS", 2, "skip")
        self.assertEqual("IGNORE", self.states(job)[f"wait-{nodes[1]}"])
        self.assertEqual([(nodes[0], "configured")], self.cloud.calls("configure", nodes[0]))

    def test_an_atom_that_a_person_has_done_is_not_executed(self):
        nodes = ("done-a", "done-b")
        job = self.broken(*nodes)
        made = self.server_by_hand(nodes[1])
        self.assertIn("no atom", self.refused("no-such-atom", "done", job, "nothing"))
        self.run_again("done", job, f"create-{nodes[1]}", "--result", made)
        self.assert_ended(job, "SUCCESS", 2, "done")
        atom, = [atom for atom in self.show(job)["atoms"] if atom["name"] == f"create-{nodes[1]}"]
        self.assertEqual(json.loads(made)["id"], atom["result"]["id"])
        self.assertEqual(sorted(nodes), self.created(*nodes))  # the second by hand, once
        self.assertLessEqual(set(nodes), set(self.cloud.servers()))

    def test_what_is_asked_of_a_job_that_has_not_ended_or_of_another_run_is_refused(self):
        nodes = ("early-a", "early-b")
        job, _, _ = self.running_cluster(*nodes)
        for words in (("rerun", job), ("retry", job, "configure"), ("skip", job, "configure"), ("done", job, "configure")):
            self.assertIn("is RUNNING (run 1)", self.refused("job-at-work", *words))
        self.ended(job, "SUCCESS")
        self.assertIn("its last one is run 1", self.refused("other-run", "rerun", job, "--run", "2"))
        self.assertEqual([], self.api.get(f"/v1/jobs/{job}/orders")["orders"])

    def outlives(self, order, *nodes, state="SUCCESS", **more):
        """The conductor that has acknowledged it dies at once; what it began hangs until then."""
        job = self.broken(*nodes, verb=more.pop("verb", "create"))
        self.outlives_of(job, order, nodes, state, more)
        return job

    def outlives_of(self, job, order, nodes, state, more):
        first, second = self.conductors
        self.cloud.faults(*({"verb": verb, "hostname": nodes[-1], "mode": "hang", "delay_ms": HOLD_MS, "times": 1}
                            for verb in ("create", "get", "delete")))
        self.fleet.daemons[second].kill(signal.SIGSTOP)
        self.addCleanup(self.continues, second)
        number = self.ask(first, job, order=order, who="ann@test", reason="cleaned up", **more)
        self.kill(first)
        self.continues(second)
        self.row_of_run(job, 2, lambda row: row.get("claim", {}).get("conductor") == second)
        end = self.row_of_run(job, 2, lambda row: "atom" not in row and row.get("state") in FINAL)
        self.assertEqual(state, end["state"])
        self.assert_ended(job, state, 2, order)
        self.assertIn("taken_at", self.order(job, number))
        self.assertNotIn("no_effect", self.order(job, number))

    def continues(self, conductor):
        if self.fleet.daemons[conductor].process.pid():
            self.fleet.daemons[conductor].kill(signal.SIGCONT)

    def row_of_run(self, job, run, wanted):
        """Until it is claimed the job's events end with the run before."""
        deadline = time.monotonic() + EVENT_SECONDS
        while time.monotonic() < deadline:
            for row in self.api.events(job):
                if row["run"] == run and wanted(row):
                    return row
        raise NotSeen(f"nothing like it in run {run} of {job}")

    def test_a_rerun_outlives_the_conductor_that_acknowledged_it(self):
        nodes = ("live-keep-a", "live-keep-b")
        self.outlives("rerun", *nodes)
        self.assertEqual([nodes[0]], self.created(nodes[0]))
        self.assertLessEqual(set(nodes), set(self.cloud.servers()))

    def test_a_rerun_anew_outlives_the_conductor_that_acknowledged_it(self):
        nodes = ("live-anew-a", "live-anew-b")
        job = self.outlives("rerun", *nodes, anew=True)
        self.assertEqual(2, self.attempts(job)[f"create-{nodes[0]}"])

    def test_a_retry_outlives_the_conductor_that_acknowledged_it(self):
        nodes = ("live-retry-a", "live-retry-b")
        self.outlives("retry", *nodes, atom=f"create-{nodes[1]}")
        self.assertEqual([nodes[0]], self.created(nodes[0]))

    def test_a_skip_outlives_the_conductor_that_acknowledged_it(self):
        nodes = ("live-skip-a", "live-skip-b")
        job = self.outlives("skip", *nodes, verb="get", atom=f"wait-{nodes[1]}")
        self.assertEqual("IGNORE", self.states(job)[f"wait-{nodes[1]}"])

    def test_a_mark_as_done_outlives_the_conductor_that_acknowledged_it(self):
        nodes = ("live-done-a", "live-done-b")
        job = self.broken(*nodes)
        made = json.loads(self.server_by_hand(nodes[1]))
        self.outlives_of(job, "done", nodes, "SUCCESS", {"atom": f"create-{nodes[1]}", "result": made})
        self.assertEqual(sorted(nodes), self.created(*nodes))


if __name__ == "__main__":
    unittest.main()
