"""Flow files that people write, posted by the command to everything that is real."""

import json
import tempfile
import unittest
from pathlib import Path

from harness import FleetTest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "flows"


class FlowFiles(FleetTest):
    def post_file(self, file, *words):
        done = self.fleet.baton("post", "--file", str(file), "--wait", "-o", "json", *words, capture_output=True)
        return done, json.loads(done.stdout.splitlines()[0])["uuid"] if done.stdout else done.stderr

    def test_the_example_makes_its_cluster_with_the_parameters_given(self):
        nodes = ("file-a", "file-b")
        done, job = self.post_file(EXAMPLES / "create-cluster.yaml", "--param", f"nodes={','.join(nodes)}",
                                   "--param", f"name={nodes[0]}")
        self.assertEqual(0, done.returncode, done.stderr)
        self.assert_cluster(*nodes)
        self.assertEqual("create-cluster", self.show(job)["name"])

    def test_a_failing_node_is_tried_again_as_its_file_says(self):
        self.cloud.faults({"verb": "create", "hostname": "again-a", "mode": "fail", "times": 2})
        done, job = self.post_file(EXAMPLES / "create-cluster.yaml", "--param", "nodes=again-a", "--param", "name=again-a")
        self.assertEqual(0, done.returncode, done.stderr)
        attempts = [row["attempt"] for row in self.end_of(job)[0]
                    if row.get("atom") == "create-again-a" and row.get("state") == "RUNNING"]
        self.assertEqual([1, 2, 3], attempts)

    def test_a_condition_on_a_result_runs_or_leaves_out_its_task(self):
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "asked.yaml"
            file.write_text("name: asked\nparameters:\n  host: {type: string}\n  wanted: {}\npattern: graph\nnodes:\n"
                            "  - {task: server.create, name: create, inject: {hostname: $host}, provides: server}\n"
                            "  - {task: server.wait, name: wait, rebind: {server: server}, provides: {keys: [status]}}\n"
                            "  - task: cluster.configure\n    name: configure\n    inject: {cluster: $host}\n"
                            "    when: {result_of: create, equals: $wanted}\n")
            done, job = self.post_file(file, "--param", "host=asked-a", "--param", "wanted=no")
        self.assertEqual(0, done.returncode, done.stderr)
        states = {atom["name"]: atom["state"] for atom in self.show(job)["atoms"]}
        self.assertEqual({"create": "SUCCESS", "wait": "SUCCESS", "configure": "IGNORE"}, states)

    def test_a_plan_names_the_workers_that_can_run_each_task(self):
        done = self.fleet.baton("flow", "plan", str(EXAMPLES / "create-cluster.yaml"), "--workers", "-o", "json",
                                capture_output=True)
        self.assertEqual(0, done.returncode, done.stderr)
        for task in json.loads(done.stdout)["tasks"]:
            self.assertTrue(set(task["workers"]) <= set(self.workers) and task["workers"], task)
        done = self.fleet.baton("flow", "validate", str(EXAMPLES / "release.yaml"), "--workers", "--param", "version=1",
                                capture_output=True)
        self.assertEqual(2, done.returncode)
        self.assertIn("nobody runs tasks of type 'mirror.upload'", done.stderr)


if __name__ == "__main__":
    unittest.main()
