"""Differential fuzzer: random flows through spec.py (semantics.md as a program) and through Baton's engine.

    differential.py --runner CONFORMANCE_RUNNER [--seconds S] [--seed N] [--keep FOLDER]

Each case runs under several schedules of Baton's (three seeds of the serial engine, one of threads, one of the cluster
where it fits); all must come out as spec.py and beyond.py say. What does not is made smaller while it still fails and kept in FOLDER. Exit status 0 iff none failed.
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import beyond
import expectation
import generator
import shrink

BATCH = 40  # cases a run of the runner
CASE_SECONDS = 20
ENGINES = [("serial", 1), ("serial", 2), ("serial", 3), ("threads", 1), ("cluster-sim", 1)]


def fits(case, engine):
    """The cluster knows no scripted modules and no silent workers, and a cancel may overtake what has just been sent."""
    if engine != "cluster-sim":
        return True
    scripts = case.get("script", {}).values()
    policies = {flow["retry"]["policy"] for flow, _ in generator.flows_of(case["flow"]) if flow.get("retry")}
    return "cancel" not in case and "user" not in policies and not any("silent_first" in script for script in scripts)


def random_case(seed):
    gen = generator.Gen(random.Random(seed))
    case = {"id": f"fuzz-{seed:x}", "title": gen.theme, **gen.case()}
    if gen.theme == "error":
        return case
    if gen.p(0.6):
        case = beyond.dressed(case, gen)
    if not gen.p(0.6):
        return case
    points = expectation.events(case)
    if not points:
        return case
    rare = [point for point in points if point["state"] in ("RETRYING", "PENDING", "FAILURE", "REVERTED")]
    point = gen.r.choice(rare if rare and gen.p(0.4) else points)
    if case.pop("runs", None):
        point["nth"] = 1
    order = gen.r.choice(["crash", "crash", "suspend", "cancel"])
    if order == "cancel":
        point["keep"] = gen.p(0.4)
    case[order] = point
    return case


def judged(seed, schedules):
    """A case that semantics.md decides, or None. A crash inside spec.py is our fault, not the engine's."""
    case = random_case(seed)
    return expectation.with_expectation(case, schedules)


def run(runner, cases, engine, seed):
    """{id: what the runner says} of those that failed."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(json.dumps(case) + "\n" for case in cases)
        file.flush()
        # What crashes or hangs fails like any other case (docs/conformance.md).
        done = subprocess.run([runner, "--engine", engine, "--seed", str(seed), "--case-seconds", str(CASE_SECONDS),
                               file.name], capture_output=True, text=True, timeout=CASE_SECONDS * (len(cases) + 1))
    if done.returncode not in (0, 1):
        raise RuntimeError(f"the runner ended by {done.returncode}: {done.stderr[-2000:]}")
    failed, name = {}, None
    for line in done.stdout.splitlines():
        if line.startswith("FAILED "):
            name = line.split()[1].rstrip(":")
            failed[name] = line
        elif name and line.startswith("    "):
            failed[name] += "\n" + line
        else:
            name = None
    return failed, done.stdout.count("\nskipped ") + done.stdout.startswith("skipped ")


REFUSED = 'got {"error"'


def still_fails(runner, engine, seed, text):
    """In the same way: a flow that was refused, or one that was not."""
    def check(case):
        try:
            again = expectation.with_expectation(case, 60)
        except Exception:  # noqa: BLE001: the smaller case is none
            return None
        seen = run(runner, [again], engine, seed)[0].get(case["id"]) if again else None
        return again if seen and (REFUSED in seen) == (REFUSED in text) else None
    return check


def report(runner, case, engine, seed, text, keep):
    small = shrink.smaller(case, still_fails(runner, engine, seed, text)) or case
    print(f"\n{text}\n  with --engine {engine} --seed {seed}; made smaller:\n{json.dumps(small)}", flush=True)
    if keep:
        Path(keep).mkdir(parents=True, exist_ok=True)
        (Path(keep) / f"{case['id']}.jsonl").write_text(json.dumps(small) + "\n")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--runner", required=True)
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--schedules", type=int, default=25)
    options.add_argument("--keep")
    given = options.parse_args()
    seeds, end = random.Random(given.seed), time.monotonic() + given.seconds
    tried = kept = skipped = bad = 0
    while time.monotonic() < end:
        cases = []
        while len(cases) < BATCH and time.monotonic() < end:
            tried += 1
            if case := judged(seeds.getrandbits(40), given.schedules):
                cases.append(case)
        kept += len(cases)
        for engine, seed in ENGINES:
            fitting = [case for case in cases if fits(case, engine)]
            failed, left_out = run(given.runner, fitting, engine, seed) if fitting else ({}, 0)
            skipped += left_out
            bad += len(failed)
            for case in cases:
                if case["id"] in failed:
                    report(given.runner, case, engine, seed, failed[case["id"]], given.keep)
            cases = [case for case in cases if case["id"] not in failed]
    print(f"differential: seed {given.seed}: {tried} flows, {kept} decided by semantics.md, each under "
          f"up to {len(ENGINES)} schedules ({skipped} skipped as README.md says), {bad} failed")
    return 1 if bad or not kept else 0


if __name__ == "__main__":
    sys.exit(main())
