"""The main job on everything that is real, with nothing going wrong, and with a node that can not be made."""

import unittest

from harness import FleetTest


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
