#!/usr/bin/env python3
"""Does the simulator catch what is planted? Runs the simulators that have a fault in them until a checker reports a
broken promise, from several starting seeds each, and says how many seeds that took and who has found it. A seed that
ends in an assertion of the code's own, or that fails without the fault too, counts as one that has found nothing."""

import argparse
import os
import re
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import report
from fault import HERE, read_all

START_GAP = 100_000  # between two starting seeds
BROKEN = re.compile(r"^  (P\d) \((\w+)\): (.*)$", re.MULTILINE)
SEED = re.compile(r"^seed (\d+) after", re.MULTILINE)
RUNNING = re.compile(r"simulate: in seed (\d+)")


@dataclass
class Hunt:
    """From one starting seed: seeds is None where nothing was caught."""

    seeds: int | None = None
    found_by: Counter = field(default_factory=Counter)  # (promise, checker)
    told: str = ""  # the first thing that was found, with its seed
    asserted: int = 0  # seeds that ended in an assertion first


class Tool:
    def __init__(self, variants, simulate, seeds_max):
        self.variants, self.simulate, self.seeds_max = variants, simulate, seeds_max

    def hunt(self, fault, start):
        hunt = Hunt()
        seed = start
        while seed < start + self.seeds_max:
            done = run(self.variants / f"simulate_{fault.name}", seed, start + self.seeds_max - seed)
            if done.returncode == 0:
                break
            failed, caught = self.read(done, hunt)
            if caught and self.is_sound(failed):
                hunt.seeds = failed - start + 1
                break
            seed = failed + 1
        return hunt

    def read(self, done, hunt):
        """The seed that ended the run, and whether a checker has spoken."""
        if done.returncode == 1:
            seed = int(SEED.search(done.stdout)[1])
            broken = BROKEN.findall(done.stdout)
            hunt.found_by = Counter((promise, checker) for promise, checker, _ in broken)
            hunt.told = f"seed {seed}: {broken[0][0]}: {broken[0][2]}"
            return seed, True
        running = RUNNING.search(done.stderr)
        if not running:
            sys.exit(f"{done.args[0]} ended with {done.returncode} and named no seed:\n{done.stderr[-2000:]}")
        hunt.asserted += 1
        return int(running[1]), False

    def is_sound(self, seed):
        return run(self.simulate, seed, 1).returncode == 0


def run(program, first, seeds):
    return subprocess.run([program, "--first-seed", str(first), "--seeds", str(seeds), "--until-broken"],
                          capture_output=True, text=True, errors="replace", check=False)


def chosen(names):
    faults = [fault for fault in read_all() if fault.changes]
    unknown = set(names) - {fault.name for fault in faults}
    if unknown:
        sys.exit(f"no such planted fault: {', '.join(sorted(unknown))}; known: "
                 f"{', '.join(fault.name for fault in faults)}")
    return [fault for fault in faults if not names or fault.name in names]


def catch_all(tool, faults, starts, jobs):
    """name -> its hunts. Each fault is told as soon as it is done."""
    hunts = {}
    with ThreadPoolExecutor(jobs) as pool:
        under_way = {fault.name: [pool.submit(tool.hunt, fault, 1 + START_GAP * k) for k in range(starts)]
                     for fault in faults}
        for name, futures in under_way.items():
            hunts[name] = [future.result() for future in futures]
            print(f"{name:42} {report.outcome(hunts[name])}", flush=True)
    return hunts


def needed(hunts):
    """checker -> faults that it alone has found, from every start."""
    alone = {}
    for name, each in hunts.items():
        seen_by = [{checker for _, checker in hunt.found_by} for hunt in each]
        if seen_by and all(len(seen) == 1 and seen == seen_by[0] for seen in seen_by):
            alone.setdefault(seen_by[0].pop(), []).append(name)
    return alone


def all_checkers():
    return sorted(path.stem.removeprefix("check_") for path in HERE.parent.glob("check_*.cc"))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variants", type=Path, required=True, help="the folder of simulate_<fault>")
    parser.add_argument("--simulate", type=Path, required=True, help="the simulator without a fault")
    parser.add_argument("--only", nargs="*", default=[], metavar="FAULT", help="not all")
    parser.add_argument("--starts", type=int, default=5, help="starting seeds for each (default 5)")
    parser.add_argument("--seeds", type=int, default=5000, help="from each start at most (default 5000)")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="at once")
    parser.add_argument("--readme", type=Path, help="write the table into this file")
    given = parser.parse_args()
    faults = chosen(given.only)
    hunts = catch_all(Tool(given.variants, given.simulate, given.seeds), faults, given.starts, given.jobs)
    return judge(hunts, given)


def judge(hunts, given):
    missed = [name for name, each in hunts.items() if any(hunt.seeds is None for hunt in each)]
    caught = [hunt.seeds for each in hunts.values() for hunt in each if hunt.seeds is not None]
    alone = needed(hunts)
    idle = [] if given.only else [checker for checker in all_checkers() if checker not in alone]
    print(f"{len(hunts) - len(missed)} of {len(hunts)} planted faults are caught from each of {given.starts} starting "
          f"seeds; median {median(caught or [0]):g} seeds, at most {max(caught or [0])}")
    for checker, names in sorted(alone.items()):
        print(f"  {checker} alone finds {', '.join(names)}")
    if missed:
        print(f"NOT CAUGHT within {given.seeds} seeds: {', '.join(missed)}: the weather never brings it about, or no "
              "checker sees it")
    if idle:
        print(f"NOT NEEDED by any fault: {', '.join(idle)}")
    if given.readme:
        report.write(given.readme, read_all(), hunts, alone)
    return 1 if missed or idle else 0


if __name__ == "__main__":
    sys.exit(main())
