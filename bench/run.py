#!/usr/bin/env python3
"""make bench: W1 to W4 of the peers' benchmarks against Baton, on private servers, with what everything cost.

  W1  one chain of 200 remote no-op tasks           W3  500 create-cluster jobs of 7 tasks (no-ops) at once
  W2  1,000 parallel no-op tasks and one join       W4  one single-task job into an idle system, 50 times

Needs the release build and the dev cluster's servers (make bench does both). Figures: medians over --runs; times by the
database's clock. Refuses to run where Postgres would not keep what it committed.
"""
import argparse
import json
import statistics
import sys
from pathlib import Path

from bench_fleet import BenchFleet
from costs import Costs
from probes import commit_ms, disk_sync_ms, durability, kafka_round_trip

ROOT = Path(__file__).resolve().parent.parent


CHAIN_HOPS_MAX = 3  # a chain's step takes at most so many times (Kafka round trip + commit): else something waits or polls
FAN_RATE_MIN = 2000  # tasks a second
WARM_UPS = 10  # chains: some thousands of messages


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))] if ordered else float("nan")


def step_times_ms(rows):
    """Start to start of consecutive tasks of a chain."""
    starts = [row["at_us"] for row in rows if row["state"] == "RUNNING"]
    return [(b - a) / 1000 for a, b in zip(starts, starts[1:])]


def w1(fleet):
    job = fleet.run_job("bench-chain", {"length": 200})
    steps = step_times_ms(fleet.history(job))
    wall = fleet.wall_seconds(job)
    return {"tasks": 200, "tasks_per_s": 200 / wall, "step_p50_ms": percentile(steps, .5), "step_p99_ms": percentile(steps, .99)}


def w2(fleet):
    job = fleet.run_job("bench-fan", {"width": 1000})
    wall = fleet.wall_seconds(job)
    return {"tasks": 1001, "tasks_per_s": 1001 / wall, "wall_s": wall}


def w3(fleet):
    seconds, lives = fleet.run_many("bench-cluster", {"nodes": 3}, 500)
    return {"tasks": 3500, "jobs_per_s": 500 / seconds, "tasks_per_s": 3500 / seconds, "life_p50_ms": percentile(lives, .5),
            "life_p99_ms": percentile(lives, .99)}


def w4(fleet):
    starts, ends = [], []
    for _ in range(50):
        job = fleet.run_job("bench-chain", {"length": 1})
        rows = fleet.history(job)
        posted = fleet.posted_us(job)
        starts.append((next(row["at_us"] for row in rows if row["state"] == "RUNNING") - posted) / 1000)
        ends.append((rows[-1]["at_us"] - posted) / 1000)
    return {"tasks": 50, "start_p50_ms": percentile(starts, .5), "done_p50_ms": percentile(ends, .5), "done_p99_ms": percentile(ends, .99)}


WORKLOADS = {"W1": w1, "W2": w2, "W3": w3, "W4": w4}


def median_of(runs):
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def show(name, figures, costs, probe):
    shown = "  ".join(f"{key} {value:.2f}" if isinstance(value, float) else f"{key} {value}" for key, value in figures.items())
    print(f"{name}  {shown}")
    print("    per task: " + "  ".join(f"{key} {value:.2f}" for key, value in costs.items()))
    print(f"    same minute: disk sync p50 {probe['disk_sync_ms']:.2f} ms, Kafka round trip p50 {probe['kafka_ms']:.2f} ms, "
          f"a step's commit alone p50 {probe['commit_ms']:.2f} ms")
    for bar in bars(name, figures, probe):
        print("    " + bar)
    sys.stdout.flush()


def bars(name, figures, probe):
    """What the figures must hold, as ratios of the same minute."""
    if name == "W1":
        hops = figures["step_p50_ms"] / (probe["kafka_ms"] + probe["commit_ms"])
        yield f"step = {hops:.2f} x (round trip + commit): {'within' if hops <= CHAIN_HOPS_MAX else 'OVER'} {CHAIN_HOPS_MAX}"
    if name == "W2":
        rate = figures["tasks_per_s"]
        yield f"{rate:.0f} tasks/s: {'over' if rate >= FAN_RATE_MIN else 'UNDER'} {FAN_RATE_MIN}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", metavar="W1…W4", help="default: all")
    parser.add_argument("--services", required=True, help="services.json of deploy/dev/cluster.py")
    parser.add_argument("--build", default=str(ROOT / "build" / "release"))
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="one JSON object a workload")
    options = parser.parse_args()
    chosen = options.workloads or list(WORKLOADS)
    if unknown := [name for name in chosen if name not in WORKLOADS]:
        parser.error(f"no workload is called {', '.join(unknown)}; there are {', '.join(WORKLOADS)}")

    services = json.loads(Path(options.services).read_text())
    settings = durability(services["postgres"])
    if settings["fsync"] != "on" or settings["synchronous_commit"] not in ("on", "remote_apply"):
        print(f"bench: Postgres would lose commits ({settings}); figures from it would mean nothing", file=sys.stderr)
        return 2
    print("servers: " + ", ".join(f"{key}={value}" for key, value in settings.items()) + "; Kafka acks=all, idempotent", flush=True)
    with BenchFleet(services, Path(options.build)) as fleet:
        for _ in range(WARM_UPS):  # not counted: a broker just started takes five times as long a message (hops.md)
            w1(fleet)
        w2(fleet)
        for name in chosen:
            costs = Costs(services["postgres"], fleet)
            runs = [WORKLOADS[name](fleet) for _ in range(options.runs)]
            spent = costs.per(options.runs * runs[0]["tasks"])
            probe = {"disk_sync_ms": disk_sync_ms(fleet.folder), "kafka_ms": kafka_round_trip(options.build, options.services),
                     "commit_ms": commit_ms(options.build, services["postgres"])}
            figures = median_of(runs)
            if options.json:
                print(json.dumps({"workload": name, **figures, "per_task": spent, **probe}), flush=True)
            else:
                show(name, figures, spent, probe)
        print("idle: " + ", ".join(f"{name} {mib:.1f} MiB resident" for name, mib in fleet.resident_mib().items()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
