"""conformance_runner judges: what a case states and does not happen is a failure, whatever engine runs it.

A runner that compares too little passes everything, so each statement of recorded cases is falsified here, one by one.
"""
import copy
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

RUNNER = os.path.abspath(os.environ["BATON_CONFORMANCE_RUNNER"])
ENGINES = ("serial", "threads", "cluster-sim")
CASES = Path(__file__).parent / "cases"
RULES = {case["id"]: case for case in map(json.loads, (CASES / "rules.jsonl").open())}
OTHER_STATE = {"SUCCESS": "REVERTED", "REVERTED": "SUCCESS"}


def run(lines, *words, plant=None):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(line if isinstance(line, str) else json.dumps(line) + "\n" for line in lines)
        file.flush()
        environment = {**os.environ, "BATON_PLANT": plant} if plant else None
        return subprocess.run([RUNNER, *words, file.name], capture_output=True, text=True, timeout=60, env=environment)


def falsified(case):
    """(what was changed, the case with that one statement made false)"""
    def one(what, change):
        false = copy.deepcopy(case)
        change(false["expect"])
        return what, false

    expect = case["expect"]
    for member in ("error", "error_stage"):
        if member in expect:
            other = "build" if expect[member] != "build" else "compile"
            yield one(member, lambda e, m=member, o=other: e.update({m: o}))
    if "missing" in expect:
        yield one("missing", lambda e: e["missing"].append("zebra"))
    if "error" in expect:
        return
    yield one("flow_state", lambda e: e.update(flow_state=OTHER_STATE.get(e["flow_state"], "SUCCESS")))
    yield one("run_states", lambda e: e.update(run_states=["CRASH"] + e.get("run_states", [e["flow_state"]])))
    yield one("suspended", lambda e: e.update(suspended=e.get("suspended", []) + [{}]))
    for state in expect.get("suspended", [])[:1]:
        for atom in state:
            yield one("suspended", lambda e, a=atom: e["suspended"][0].pop(a))
    if expect.get("order"):
        yield one("order", lambda e: e["order"][0].reverse())
    if expect["atoms"]:
        yield one("atoms", lambda e: e["atoms"].pop(sorted(e["atoms"])[0]))
    for name, atom in expect["atoms"].items():
        for what, change in falsified_atom(atom):
            yield one(f"{name}.{what}", lambda e, n=name, c=change: c(e["atoms"][n]))


def falsified_atom(atom):
    def other_state(a):
        a.pop("result", None)
        a["state"] = OTHER_STATE.get(a["state"], "SUCCESS")

    yield "state", other_state
    if atom.get("intention") != "*":
        yield "intention", lambda a: a.update(intention="REVERT" if a.get("intention") == "RETRY" else "RETRY")
    for count in ("executions", "reverts"):
        yield count, lambda a, c=count: a.update({c: a.get(c, 0) + 1})
    if atom["state"] == "SUCCESS":
        yield "result", lambda a: a.update(result=[a.get("result"), "another"])
    if atom["state"] not in ("PENDING", "IGNORE"):
        yield "failure", lambda a: a.update(failure=not a.get("failure", False))
    yield "revert_failure", lambda a: a.update(revert_failure=not a.get("revert_failure", False))
    if "history" in atom:
        yield "history", lambda a: a["history"].append(["another", []])
    if atom.get("history"):
        yield "history", lambda a: a["history"][0][1].append("another")
    if "asked" in atom:
        yield "asked", lambda a: a["asked"].append("RETRY" if a["asked"][-1:] != ["RETRY"] else "REVERT")
    if "last_revert" in atom:
        yield "last_revert.result", lambda a: a["last_revert"].update(result="another")
        yield "last_revert.args", lambda a: a["last_revert"].update(args={"another": 1})


class Runner(unittest.TestCase):
    def failed(self, lines, *words):
        done = run(lines, *words)
        report = done.stdout.splitlines()
        self.assertEqual(1, done.returncode, done)
        self.assertRegex(report[-1], r"^\d+ passed, \d+ failed, \d+ skipped$")
        return [line.split()[1].rstrip(":") for line in report if line.startswith("FAILED ")], done.stdout

    def test_every_statement_that_is_false_is_noticed_by_every_engine(self):
        kinds = {}
        for case in RULES.values():
            if any(tag.startswith("quirk:") for tag in case.get("tags", [])) or case.get("concurrent"):
                continue
            for what, false in falsified(case):
                kind = what.partition(".")[2] or what
                false["id"] = f"{case['id']}/{what}/{len(kinds.setdefault(kind, []))}"
                kinds[kind].append(false)
        self.assertEqual({"state", "intention", "executions", "reverts", "result", "failure", "revert_failure",
                          "history", "asked", "last_revert.result", "last_revert.args", "flow_state", "run_states",
                          "suspended", "order", "atoms", "error", "error_stage", "missing"}, set(kinds))
        for engine, each in (("serial", None), ("threads", 6), ("cluster-sim", 6)):
            cases = [case for false in kinds.values() for case in false[:each]]
            failed, _ = self.failed(cases, "--engine", engine)
            self.assertEqual([], sorted({case["id"] for case in cases} - set(failed)), engine)

    def test_a_failure_says_what_was_expected_and_what_was_seen(self):
        case = copy.deepcopy(RULES["linear-runs-in-order"])
        atom = sorted(case["expect"]["atoms"])[0]
        case["expect"]["atoms"][atom]["executions"] = 3
        for engine in ENGINES:
            _, text = self.failed([case], "--engine", engine)
            self.assertIn(f"FAILED linear-runs-in-order: {case['title']}\n", text)
            self.assertIn(f"{atom}.executions: expected 3, got 1\n", text)
            self.assertIn(f"calls: execute:{atom} ", text)

    def test_it_says_what_it_really_did(self):
        case = RULES["resume-failure-asks-retry"]
        for engine in ENGINES:
            done = run([case], "--engine", engine, "--seed", "5")
            self.assertEqual(0, done.returncode, done.stdout)
            said, last = done.stdout.splitlines()[-2:]
            self.assertEqual("1 passed, 0 failed, 0 skipped", last)
            self.assertRegex(said, r"^done: [1-9]\d* tasks executed, \d+ reverted, [1-9]\d* messages, [1-9]\d* commits "
                                   r"of [1-9]\d* facts, 1 crashes, 0 suspensions, at most [1-9]\d* threads; seed 5$")

    def test_a_seed_repeats_and_another_one_differs(self):
        cases = [case for case in RULES.values() if "crash" not in case]
        told = {seed: run(cases, "--engine", "cluster-sim", "--seed", seed).stdout for seed in ("3", "4")}
        self.assertEqual(told["3"], run(cases, "--engine", "cluster-sim", "--seed", "3").stdout)
        self.assertNotEqual(told["3"].replace("seed 3", ""), told["4"].replace("seed 4", ""))

    def test_a_case_that_does_not_pass_is_counted_and_the_others_go_on(self):
        good = RULES["linear-runs-in-order"]
        done = run([good, "{broken\n", "\n", good])
        self.assertEqual(1, done.returncode)
        self.assertRegex(done.stdout, r"FAILED .*:2: not JSON: ")
        self.assertTrue(done.stdout.endswith("\n2 passed, 1 failed, 0 skipped\n"), done.stdout)

    def test_a_case_that_ends_the_process_has_failed_and_the_others_go_on(self):
        rules = [RULES[name] for name in ("linear-runs-in-order", "resume-failure-asks-retry", "no-retry-reverts-all")]
        for engine in ENGINES:
            whole = run(rules, "--engine", engine).stdout.splitlines()[-2].split()
            for at, planted in enumerate(rules):
                done = run(rules, "--engine", engine, plant=f"crash:{planted['id']}")
                self.assertEqual((1, ""), (done.returncode, done.stderr), done.stdout)
                self.assertTrue(done.stdout.startswith(
                    f"FAILED {planted['id']}: {planted['title']}\n    ended by signal 6 (Aborted)\n"
                    "    baton: assertion failed: planted != "), done.stdout)
                self.assertTrue(done.stdout.endswith("\n2 passed, 1 failed, 0 skipped\n"), done.stdout)
                alone = run([planted], "--engine", engine).stdout.splitlines()[-2].split()
                executed = done.stdout.splitlines()[-2].split()[1]
                self.assertEqual(int(whole[1]) - int(alone[1]), int(executed), (engine, at))
        twice = run([rules[0], rules[0]], plant=f"crash:{rules[0]['id']}")
        self.assertTrue(twice.stdout.endswith("\n0 passed, 2 failed, 0 skipped\n"), twice.stdout)

    def test_a_case_that_does_not_end_has_failed_and_the_others_go_on(self):
        good, bad = RULES["linear-runs-in-order"], RULES["no-retry-reverts-all"]
        done = run([good, bad, good], "--case-seconds", "2", plant=f"hang:{bad['id']}")
        self.assertEqual(1, done.returncode)
        self.assertIn(f"FAILED {bad['id']}: {bad['title']}\n    it did not end in time\n", done.stdout)
        self.assertTrue(done.stdout.endswith("\n2 passed, 1 failed, 0 skipped\n"), done.stdout)

    def test_what_no_case_may_say_is_refused_by_name_and_place(self):
        good = RULES["linear-runs-in-order"]
        atom = sorted(good["expect"]["atoms"])[0]
        for change, said in (
                (lambda c: c.update(crashes=[]), 'case: unknown member "crashes"'),
                (lambda c: c.pop("expect"), 'case: needs the member "expect"'),
                (lambda c: c.pop("flow"), 'case: needs the member "flow"'),
                (lambda c: c.pop("id"), 'case: needs the member "id"'),
                (lambda c: c.update(runs=0), "case.runs: must be a whole number from 1"),
                (lambda c: c.update(runs="2"), "case.runs: must be a number, not a string"),
                (lambda c: c.update(store=[]), "case.store: must be an object, not an array"),
                (lambda c: c.update(concurrent=1), "case.concurrent: must be a boolean"),
                (lambda c: c.update(script={"a": {"fails": 1}}), 'script."a": unknown member "fails"'),
                (lambda c: c.update(script={"a": {"fail_first": -1}}), 'script."a".fail_first: must be'),
                (lambda c: c.update(script={"a": {"result_seq": []}}), 'script."a".result_seq: must hold a result'),
                (lambda c: c.update(script={"a": {"slow": "1"}}), 'script."a".slow: must be a number'),
                (lambda c: c.update(options={"max_workers": 2}), 'options: unknown member "max_workers"'),
                (lambda c: c.update(options={"never_resolve": 1}), "options.never_resolve: must be a boolean"),
                (lambda c: c.update(crash={"state": "FAILURE"}), 'crash: needs the member "atom"'),
                (lambda c: c.update(crash={"atom": atom, "state": "DONE"}), 'crash.state: no atom is ever "DONE"'),
                (lambda c: c.update(crash=[{"atom": atom, "state": "FAILURE", "nth": 0}]), "crash[0].nth: must be"),
                (lambda c: c.update(suspend="now"), "suspend: must be an object, not a string"),
                (lambda c: c["expect"].update(sate={}), 'expect: unknown member "sate"'),
                (lambda c: c["expect"].pop("atoms"), 'expect: needs the member "atoms"'),
                (lambda c: c["expect"].update(flow_state="DONE"), 'expect.flow_state: no flow is ever "DONE"'),
                (lambda c: c["expect"].update(run_states="SUCCESS"), "expect.run_states: must be an array"),
                (lambda c: c["expect"].update(suspended=[{atom: 1}]), "expect.suspended: no state of"),
                (lambda c: c["expect"].update(order=[["a", "b"]]), "expect.order: must hold pairs"),
                (lambda c: c["expect"]["atoms"][atom].update(tries=1), f'."{atom}": unknown member "tries"'),
                (lambda c: c["expect"]["atoms"][atom].pop("state"), f'expect.atoms."{atom}": needs the member "state"'),
                (lambda c: c["expect"]["atoms"][atom].update(intention="UNDO"), "no atom has the intention"),
                (lambda c: c["expect"]["atoms"][atom].update(asked="RETRY"), "asked: must be an array"),
                (lambda c: c["expect"]["atoms"][atom].update(state="PENDING", result=1), "is given when the state is"),
                (lambda c: c["expect"]["atoms"][atom].update(history=[[1]]), "history: must hold pairs"),
                (lambda c: c["expect"]["atoms"][atom].update(last_revert={"arguments": {}}), "last_revert: unknown"),
                (lambda c: c.update(expect={"error": "ValueError"}), 'expect: needs the member "error_stage"'),
                (lambda c: c.update(expect={"error": "ValueError", "error_stage": "run"}), "must be build, compile"),
                (lambda c: c.update(expect=[]), "expect: must be an object")):
            bad = copy.deepcopy(good)
            change(bad)
            failed, text = self.failed([bad])
            self.assertEqual(1, len(failed), text)
            self.assertIn(":1: no case: ", text)
            self.assertIn(said, text)
            self.assertTrue(text.endswith("\n0 passed, 1 failed, 0 skipped\n"), text)

    def test_a_flow_that_cannot_be_read_is_refused_by_every_engine(self):
        case = copy.deepcopy(RULES["linear-runs-in-order"])
        for flow in (3, {"pattern": "linear"}, {"name": "f", "pattern": "linear", "nodes": {}}):
            case["flow"] = flow
            for engine in ENGINES:
                _, text = self.failed([case], "--engine", engine)
                self.assertIn('got {"error":"Invalid","error_stage":"build"}', text)

    def test_a_flow_of_a_later_version_is_refused_by_every_engine_and_left_alone_by_a_conductor(self):
        case = copy.deepcopy(RULES["linear-runs-in-order"])
        for flow in ({"name": "f", "pattern": "round"}, {"name": "f", "pattern": "linear", "x": 1}):
            case["flow"] = flow
            for engine in ENGINES:
                _, text = self.failed([case], "--engine", engine)
                alone = engine == "cluster-sim"
                self.assertIn("left alone: " if alone else 'got {"error":"Unsupported","error_stage":"build"}', text)

    def test_only_what_the_readme_names_is_skipped(self):
        case = copy.deepcopy(RULES["linear-runs-in-order"])
        for tag, skipped in (("quirk:engine-error-no-revert", 1), ("quirk:left-running", 1), ("quirk:other", 0)):
            case["tags"] = [tag]
            done = run([case])
            self.assertTrue(done.stdout.endswith(f"\n{1 - skipped} passed, 0 failed, {skipped} skipped\n"), done.stdout)

    def test_words_that_it_does_not_know_end_it_with_a_usage(self):
        for words, said in ((["--engine", "x"], "unknown engine 'x'; known: serial, threads, processes, cluster-sim"),
                            (["--seed", "-1"], "--seed must be a whole number from 0 on, not '-1'"),
                            (["--seed", "1x"], "not '1x'"), (["--speed"], "unknown option --speed"),
                            (["--case-seconds", "0"], "--case-seconds must be a whole number from 1 to 86400, not '0'"),
                            (["--seed"], "--seed needs a value"), ([], "no case file given")):
            done = subprocess.run([RUNNER, *words], capture_output=True, text=True, timeout=60)
            self.assertEqual(2, done.returncode)
            self.assertIn(said, done.stderr)
            self.assertIn("usage: conformance_runner", done.stderr)

    def test_a_file_that_cannot_be_read_is_told_before_anything_runs(self):
        for path, why in (("/nowhere.jsonl", "No such file or directory"), ("/", "Is a directory")):
            done = subprocess.run([RUNNER, str(CASES / "rules.jsonl"), path], capture_output=True, text=True, timeout=60)
            self.assertEqual((2, "", f"conformance_runner: cannot read {path}: {why}\n"),
                             (done.returncode, done.stdout, done.stderr))

    def test_files_are_counted_together_from_any_folder_and_a_last_line_needs_no_end(self):
        case = json.dumps(RULES["linear-runs-in-order"])
        with tempfile.TemporaryDirectory() as folder:
            for name, text in (("empty", ""), ("blank", " \n\r\n\t\n"), ("one", case), ("windows", case + "\r\n")):
                (Path(folder) / name).write_text(text, newline="")
            for names, last in ((["empty"], "0 passed, 0 failed, 0 skipped\n"),
                                (["empty", "one", "blank", "windows"], "2 passed, 0 failed, 0 skipped\n")):
                done = subprocess.run([RUNNER, *names], capture_output=True, text=True, timeout=60, cwd=folder)
                self.assertEqual((0, ""), (done.returncode, done.stderr))
                self.assertTrue(done.stdout.endswith("\n" + last), done.stdout)


if __name__ == "__main__":
    unittest.main()
