"""The main job on everything that is real, with nothing going wrong, and with a node that can not be made."""

import re
import unittest

from harness import FleetTest


def subject(row):
    span = row.get("range")
    return f"{span['first']} … {span['last']}" if span else row.get("atom", "(flow)")


class CreateCluster(FleetTest):
    def test_makes_every_server_once_and_configures_once(self):
        nodes = ("one-a", "one-b", "one-c")
        job = self.create_cluster(*nodes)
        rows, state = self.end_of(job)
        self.assertEqual("SUCCESS", state)
        self.assert_cluster(*nodes)
        started = [row["atom"] for row in rows if row.get("state") == "RUNNING" and "worker" in row]
        self.assertEqual("configure", started[-1])
        self.assertEqual(sorted([*(f"create-{n}" for n in nodes), *(f"wait-{n}" for n in nodes), "configure"]),
                         sorted(started))

    def test_a_failing_node_reverts_everything_last_first(self):
        nodes = ("two-a", "two-b", "two-c")
        self.cloud.faults({"verb": "create", "hostname": "two-c", "mode": "fail", "times": -1})
        rows, state = self.end_of(self.post_chain(*nodes))
        self.assertEqual("REVERTED", state)
        ended = [row["atom"] for row in rows if row.get("state") in ("SUCCESS", "FAILURE") and "atom" in row]
        self.assertEqual([f"create-{node}" for node in nodes], ended)
        self.assertEqual(ended[::-1], [row["atom"] for row in rows if row.get("state") == "REVERTED" and "atom" in row])
        self.assertEqual(set(), set(nodes) & set(self.cloud.servers()))
        for node in nodes[:2]:
            self.assertEqual([(node, "created")], self.cloud.calls("create", node))
            self.assertEqual([(node, "deleted")], self.cloud.calls("delete", node))

    def test_a_node_that_can_not_be_made_reverts_everything_last_first(self):
        nodes = ("retried-a", "retried-b", "retried-c")
        self.cloud.faults({"verb": "get", "hostname": "retried-c", "mode": "fail", "times": -1})
        rows, state = self.end_of(self.create_cluster(*nodes))
        self.assertEqual("REVERTED", state)
        self.assertEqual(set(), set(nodes) & set(self.cloud.servers()))
        self.assertEqual([], self.cloud.calls("configure", nodes[0]))
        reverted = [row["atom"] for row in rows if row.get("atom") and row.get("state") == "REVERTED"]
        for node in nodes:
            last = len(reverted) - 1 - reverted[::-1].index(f"create-{node}")
            self.assertIn(f"wait-{node}", reverted[:last], "what came last is reverted first")
        # Three tries for the node that fails, each undone; the others once.
        self.assertEqual(3, self.cloud.calls("create", "retried-c").count(("retried-c", "created")))
        for node, times in (("retried-a", 1), ("retried-b", 1), ("retried-c", 3)):
            self.assertEqual(times, self.cloud.calls("create", node).count((node, "created")))
            self.assertEqual(times, self.cloud.calls("delete", node).count((node, "deleted")))

    def test_the_history_of_a_retried_node_says_in_words_what_happened(self):
        self.cloud.faults({"verb": "create", "hostname": "told-a", "mode": "fail", "times": 1})
        job = self.create_cluster("told-a")
        rows, _ = self.end_of(job)
        self.assertRegex(rows[0]["what"], r"^claimed by conductor-1 at epoch 1\.\d+$")
        lines = [f"{subject(row)}: {re.sub('worker-[0-9]', 'W', row['what'])}" for row in rows]
        begin = next(n for n, line in enumerate(lines) if "FAILURE" in line)
        refused = 'CloudRefused: POST /servers: 503 {"error":"fault","message":"this call was asked to fail"}'
        self.assertEqual([f"create-told-a: FAILURE: {refused}",
                          "add-told-a_retry: SUCCESS (answered RETRY to the failure of 'create-told-a')",
                          "add-told-a_retry: to be tried again",
                          "create-told-a … configure: to be reverted (3 atoms)",
                          "create-told-a: REVERTING at W",
                          "create-told-a: REVERTED",
                          "add-told-a_retry: RETRYING",
                          "create-told-a … configure: PENDING again: 3 atoms reset, to be executed",
                          "add-told-a_retry: RUNNING, attempt 2",
                          "add-told-a_retry: SUCCESS, attempt 2",
                          "create-told-a: RUNNING at W, attempt 2",
                          "create-told-a: SUCCESS, attempt 2"], lines[begin:begin + 12])
        self.assertTrue(any(not row["at"].endswith("000Z") for row in rows), "the database has microseconds")
        shown = self.fleet.baton("history", job, capture_output=True).stdout
        self.assertIn("create-told-a … configure  PENDING again: 3 atoms reset, to be executed", shown)

    def post_chain(self, *nodes):
        """One server after the other, without a retry: an inline flow."""
        names = [f"create-{node}" for node in nodes]
        flow = {"name": "chain", "pattern": "linear",
                "nodes": [{"task": "server.create", "name": name, "inject": {"hostname": node}, "requires": ["hostname"]}
                          for name, node in zip(names, nodes)]}
        status, answer = self.api.ask("POST", "/v1/jobs", {"flow": flow})
        self.assertEqual(201, status, answer)
        return answer["uuid"]


if __name__ == "__main__":
    unittest.main()
