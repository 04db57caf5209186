"""Flow files stored by name and version, on everything that is real: a job keeps the version it was posted with."""

import json
import tempfile
import threading
import unittest
from pathlib import Path

from harness import CONDUCTORS, WORKERS, Api, FleetTest

HOLD_MS = 6000  # the flow can not end before: a put and a kill on a busy machine fit into it

HEAD = "parameters:\n  host: {type: string}\npattern: linear\nnodes:\n"
CREATE = "  - {task: server.create, name: create-$host, inject: {hostname: $host}, provides: server}\n"
WAIT = "  - {task: server.wait, name: wait-$host, requires: [server]}\n"
CONFIGURE = "  - {task: cluster.configure, name: configure-$host, inject: {cluster: $host}}\n"
FIRST = HEAD + CREATE + WAIT
SECOND = HEAD + CREATE + WAIT + CONFIGURE


class StoredFlows(FleetTest):
    conductors = CONDUCTORS
    workers = WORKERS
    session_timeout_ms = 40_000  # who is stopped keeps its claims for as long as a test waits

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="baton-flows-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def baton(self, *words, expect=0):
        done = self.fleet.baton(*map(str, words), capture_output=True)
        self.assertEqual(expect, done.returncode, done.stdout + done.stderr)
        return done

    def file(self, name, text):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return path

    def put(self, name, text, conductor=None, **more):
        """Its version; at that conductor."""
        api = Api([self.fleet.address(conductor)]) if conductor else self.api
        body = {"main": "flow.yaml", "files": {"flow.yaml": f"name: {name}\n{text}"}, "who": "ann@test", **more}
        status, answer = api.ask_until_there("POST", f"/v1/flow-files/{name}", body)
        self.assertIn(status, (200, 201), answer)
        return answer["version"]

    def states(self, job):
        return {atom["name"]: atom["state"] for atom in self.show(job)["atoms"]}

    def assert_ran_as(self, job, version, host, *verbs):
        shown = self.show(job)
        self.assertEqual(("SUCCESS", version), (shown["state"], shown["flow_version"]))
        self.assertEqual(version, shown["details"]["flow_file"]["version"])
        self.assertEqual({f"{verb}-{host}": "SUCCESS" for verb in verbs}, self.states(job))

    def test_a_job_keeps_its_version_over_a_take_over_and_the_next_one_has_the_next(self):
        self.assertEqual(1, self.put("kept", FIRST))
        self.cloud.faults({"verb": "get", "hostname": "kept-a", "mode": "hang", "delay_ms": HOLD_MS})
        job = self.post("kept", host="kept-a")
        self.cloud.until(verb="get", hostname="kept-a")
        owner = self.show(job)["conductor"]
        other, = set(CONDUCTORS) - {owner}
        self.assertEqual(2, self.put("kept", SECOND, other))
        self.fleet.daemons[owner].kill()
        self.addCleanup(self.fleet.daemons[owner].start)
        self.assertEqual("SUCCESS", self.end_of(job)[1])
        self.assertEqual(other, self.show(job)["conductor"])
        self.assert_ran_as(job, 1, "kept-a", "create", "wait")
        self.assertEqual([], self.cloud.calls("configure", "kept-a"))
        self.assertIn("kept@1", self.baton("show", job).stdout)
        later = self.post("kept", host="kept-b")
        self.assertEqual("SUCCESS", self.end_of(later)[1])
        self.assert_ran_as(later, 2, "kept-b", "create", "wait", "configure")

    def test_a_rerun_has_the_version_of_the_first_run(self):
        self.put("again", FIRST)
        self.cloud.faults({"verb": "create", "hostname": "again-a", "mode": "fail", "times": -1})
        job = self.post("again", host="again-a")
        self.assertEqual("REVERTED", self.end_of(job)[1])
        self.cloud.faults()
        self.assertEqual(2, self.put("again", SECOND))
        self.baton("rerun", job, "--who", "ann@test", "--reason", "cleaned up", "--wait")
        self.assertEqual(2, self.show(job)["run"])
        self.assert_ran_as(job, 1, "again-a", "create", "wait")
        self.assertIn("again@1", self.baton("list", "--flow", "again").stdout)

    def test_a_job_that_waits_for_a_worker_keeps_its_version(self):
        self.put("waits", FIRST)
        self.addCleanup(self.fleet.start, WORKERS)
        self.fleet.stop(WORKERS)
        job = self.post("waits", host="waits-a")
        self.assertEqual(2, self.put("waits", SECOND))
        self.fleet.start(WORKERS)
        self.assertEqual("SUCCESS", self.end_of(job)[1])
        self.assert_ran_as(job, 1, "waits-a", "create", "wait")

    def test_of_puts_of_several_people_none_is_lost(self):
        versions, lock = [], threading.Lock()

        def put(number):
            version = self.put("many", FIRST + f"# of person {number}\n", CONDUCTORS[number % 2], who=f"person-{number}")
            with lock:
                versions.append((version, f"person-{number}"))

        people = [threading.Thread(target=put, args=[number]) for number in range(8)]
        for person in people:
            person.start()
        for person in people:
            person.join()
        kept = {file["version"]: file["who"] for file in self.api.get("/v1/flow-files/many/versions")["versions"]}
        self.assertEqual(list(range(1, len(kept) + 1)), sorted(kept))
        self.assertEqual({f"person-{number}" for number in range(8)}, {who for _, who in versions})
        for version, who in versions:
            self.assertEqual(who, kept[version])

    def test_the_command_puts_lists_shows_compares_and_posts(self):
        self.file("parts/wait.yaml", f"name: part\nparameters:\n  host: {{type: string}}\npattern: linear\nnodes:\n{WAIT}")
        include = "  - {include: parts/wait.yaml, parameters: {host: $host}}\n"
        flow = self.file("flow.yaml", f"name: words\n{HEAD}{CREATE}{include}")
        self.assertIn("would be stored as words@1", self.baton("flow", "put", flow, "--dry-run").stdout)
        self.assertIn("stored words@1", self.baton("flow", "put", flow, "--reason", "the first", "--who", "ann").stdout)
        self.assertIn("words@1 is the same, by ann", self.baton("flow", "put", flow, "--who", "bob").stdout)
        self.baton("flow", "diff", flow, "words")
        flow.write_text(flow.read_text() + CONFIGURE)
        stale = self.baton("flow", "put", flow, "--if-version", "0", expect=4)
        self.assertIn("the newest is 'words' version 1, by ann", stale.stderr)
        self.assertIn("stored words@2", self.baton("flow", "put", flow, "--if-version", "1").stdout)
        diff = self.baton("flow", "diff", "words@1", "words@2", "--param", "host=a", expect=1).stdout
        self.assertIn(f"+{CONFIGURE}", diff)
        self.assertIn("+ task configure-a (cluster.configure)", diff)
        listed = self.baton("flow", "list").stdout
        self.assertRegex(listed, r"(?m)^words +flow file +2 ")
        self.assertRegex(listed, r"(?m)^create-cluster +registered ")
        self.assertIn("the first", self.baton("flow", "list", "words").stdout)
        shown = json.loads(self.baton("flow", "show", "words@1", "--output", "json").stdout)
        self.assertEqual({"flow.yaml", "parts/wait.yaml"}, set(shown["files"]))
        self.assertIn("words@2: words is good: 3 tasks",
                      self.baton("flow", "validate", "words", "--param", "host=a").stdout)
        posted = self.baton("post", "words@1", "--param", "host=words-a", "--wait", "--output", "json").stdout
        self.assert_ran_as(json.loads(posted.splitlines()[0])["uuid"], 1, "words-a", "create", "wait")

    def test_mistakes_are_told_with_their_places_whoever_looks(self):
        wrong = {"main": "f.yaml", "files": {"f.yaml": "name: f\npattern: linear\nnodes:\n  - {task: a, nmae: b}\n"},
                 "who": "ann"}
        status, answer = self.api.ask_until_there("POST", "/v1/flow-files/wrong", wrong)
        self.assertEqual((422, "urn:baton:problem:bad-flow-file"), (status, answer["type"]))
        self.assertEqual({("f.yaml", 4)}, {(error["file"], error["line"]) for error in answer["errors"]})
        told = self.baton("flow", "put", self.file("f.yaml", wrong["files"]["f.yaml"]), expect=2).stderr
        for error in answer["errors"]:
            self.assertIn(error["detail"], told)
        taken = self.baton("flow", "put", self.file("c.yaml", f"name: create-cluster\n{FIRST}"), expect=4)
        self.assertIn("registered here by the module", taken.stderr)
        self.assertIn("no flow file 'nobody@3' is stored", self.baton("post", "nobody@3", expect=4).stderr)


if __name__ == "__main__":
    unittest.main()
