#!/usr/bin/env python3
"""make bench-engine: what the engine costs by itself, from 100 to 1,000,000 atoms, beside TaskFlow's own.

Every figure is CPU time of a process of its own, the least of several, so that others on the machine count for little.
run: a completed atom, with its request made and its retries; bytes: the most that was out of the heap while the flow was
compiled and run, plan and the step's facts included; alloc: allocations an atom compiled, and an atom completed.
TaskFlow: its serial engine on the same flow in the same minutes, how many times our time it took; - where it has no such
shape, or would need more than --patience seconds.

Exit status 1: a bar is missed.
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SHAPES = ("wide", "deep", "layers", "nested", "cluster", "stages", "symbols", "gather", "deciders", "votes", "refusals")
THEIR_SHAPES = ("wide", "deep", "layers", "symbols")
SIZES = (100, 1_000, 10_000, 100_000, 1_000_000)
LARGEST_OF = {"gather": 100_000}  # of more results its last task's arguments are over what a delivery may carry
BARS_AT = 100_000
BARS = (("compile", "compile_ms", 1000, "ms"), ("run", "run_us", 2, "us a completed atom"), ("memory", "peak_bytes", 1024, "bytes an atom"))
THEIR_GROWTH_MIN = 30  # ten times the atoms cost TaskFlow at least so many times: not tried if that is beyond patience


def measured(command, patience=None):
    """The figures that a program prints; None: it did not end in time."""
    try:
        done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, timeout=patience, check=False)
    except subprocess.TimeoutExpired:
        return None
    if done.returncode != 0:
        raise SystemExit(f"engine_curve: {' '.join(map(str, command))} ended with {done.returncode}; what it said is above")
    return json.loads(done.stdout)


class TaskFlow:
    """The other engine, as far as it gets."""

    def __init__(self, python, patience):
        self.python, self.patience = python, patience
        self.foreseen = dict.fromkeys(THEIR_SHAPES, 0.0)  # seconds that the next size takes at least
        self.version = None

    def measure(self, shape, atoms):
        if self.foreseen.get(shape, self.patience + 1) > self.patience:
            return None
        figures = measured([self.python, HERE / "taskflow_engine.py", shape, atoms], self.patience)
        seconds = self.patience if not figures else figures["compile_ms"] / 1e3 + figures["run_us"] * atoms / 1e6
        self.foreseen[shape] = seconds * THEIR_GROWTH_MIN
        if figures:
            self.version = figures["version"]
        return figures


def ratio(theirs, ours, key):
    return f"{theirs[key] / ours[key]:8,.0f}x" if theirs else f"{'-':>9}"


def row(ours, theirs):
    revert = f"{ours['revert_us']:7.2f}" if ours["revert_us"] is not None else f"{'-':>7}"
    return (f"{ours['shape']:9} {ours['atoms']:9,} {ours['compile_ms']:10.2f} {ours['run_us']:7.2f} {revert} "
            f"{ours['peak_bytes']:7.0f} {ours['plan_bytes']:7.0f} {ours['compile_allocations']:7.1f} {ours['run_allocations']:6.1f} "
            f"{ours['codec_ms']:9.1f} {ratio(theirs, ours, 'compile_ms')} {ratio(theirs, ours, 'run_us')}")


HEAD = (f"{'':9} {'':9} {'compile':>10} {'run':>7} {'revert':>7} {'bytes':>7} {'of plan':>7} {'alloc':>7} {'alloc':>6} "
        f"{'store':>9} {'TaskFlow':>9} {'TaskFlow':>9}\n"
        f"{'shape':9} {'atoms':>9} {'ms':>10} {'us':>7} {'us':>7} {'/atom':>7} {'/atom':>7} {'compile':>7} {'run':>6} "
        f"{'+read ms':>9} {'compile':>9} {'run':>9}")


def judge(figures):
    """Prints each bar with what was measured; how many are missed."""
    missed = 0
    for label, key, bar, unit in BARS:
        worst = max(figures, key=lambda each: each[key])
        ok = worst[key] < bar
        missed += not ok
        over = [each["shape"] for each in figures if each[key] >= bar]
        print(f"{'ok' if ok else 'MISSED':6}  {label}: under {bar:,} {unit} at {BARS_AT:,} atoms; "
              f"most: {worst[key]:,.2f} ({worst['shape']})" + (f"; over it: {', '.join(over)}" if over else ""))
    return missed


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine-bench", required=True, type=Path)
    parser.add_argument("--taskflow-python", required=True, type=Path, help="an interpreter that has TaskFlow")
    parser.add_argument("--patience", type=float, default=30, help="seconds for one of TaskFlow's figures")
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="of the sizes; the bars need 100,000")
    parser.add_argument("--shapes", nargs="+", default=SHAPES, choices=SHAPES)
    options = parser.parse_args()
    taskflow = TaskFlow(options.taskflow_python, options.patience)
    judged = []
    print(HEAD)
    for atoms in (size for size in SIZES if size <= options.largest):
        for shape in (each for each in options.shapes if atoms <= LARGEST_OF.get(each, atoms)):
            ours = measured([options.engine_bench, shape, atoms])
            print(row(ours, taskflow.measure(shape, atoms)), flush=True)
            if atoms == BARS_AT:
                judged.append(ours)
    if taskflow.version:
        print(f"\nTaskFlow {taskflow.version}, serial engine, in the same run")
    return 1 if judged and judge(judged) else 0


if __name__ == "__main__":
    sys.exit(main())
