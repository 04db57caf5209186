#!/usr/bin/env python3
"""make load: more work than there is room for, on private servers, with two conductors and two slow workers.

  backlog  20,000 jobs of three priorities are on the board before anybody looks at it
  sharded  100,000 jobs on a board of eight shards
  wide     one flow of 50,000 tasks

Judged: memory of every process, lost claims, order of priorities, the rate and the cost of a job while the backlog shrinks,
that no job starves, and the longest transaction. Ends with 1 where one of them is missed. Needs the release build.
"""
import argparse
import json
import signal
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bench_fleet import BenchFleet, Shape
from load_rows import Rows
from probes import query
from watch import Progress, Transactions, longest_ms

ROOT = Path(__file__).resolve().parent.parent

# ---- what must hold
CONDUCTOR_MIB_MAX = 300  # 2,000 flows held, and what the board says of 100,000 jobs
WORKER_MIB_MAX = 60
LOST_CLAIMS_MAX = 0.05  # of the claims that were won
SHARE_MIN = 0.35  # of each of the two conductors
RATE_RATIO_MIN = 0.85  # the slowest tenth of the work beside the median one
RATE_MIN = 0.9  # the median tenth beside what the workers can do
TASKS_MIN = 1500  # a second, of one wide flow
COST_RATIO_MAX = 1.25  # a job's CPU time with 80 to 60 % of the backlog left, beside that with 40 to 20 %: both are
#                       claimed and ended at the same pace then, at the start and at the end they are not
OVERTAKEN_MAX = 0.01  # of the jobs: claimed long after one of lower priority
OVERTAKEN_SLACK_S = 3  # "long": a conductor may see the board so late, and leaves others' jobs alone for so long at first
PASSED_MAX = 0.25  # places in line that a job has lost to younger ones of its priority, of all of that priority
WAIT_ROUNDS_MAX = 3  # claim to first task, in times that what is held takes
LATE_OVERTAKEN_MAX = 0.05  # urgent jobs that come late: claimed before all but so much of the rest
TRANSACTION_MS_MAX = 1000

FLOWS_HELD = 2000  # conductor.flows_max
TIME_MAX_S = 25 * 60
PATIENCE_S = 60
PRIORITIES = ("LOW", "NORMAL", "HIGH")
LATE = 20
REFERENCE = """beside it TaskFlow's own Python board (6.5.0, kazoo; measured once on this kind of machine, interop/scale.md, not here):
  5,000 posted jobs: 4 claims/s; two claimants of 1,000 jobs: 74-78/s together, as many lost claims as jobs;
  20,000 posted jobs: 11 s until all are seen, 2.5 s of CPU for every change of the board; 50,000: 16 s"""


@dataclass
class Check:
    what: str
    value: float
    bound: str
    holds: bool


class Load:
    """One fleet, and what is judged of it."""

    def __init__(self, name, fleet):
        self.name, self.fleet = name, fleet
        self.checks = []

    def at_most(self, what, value, bound):
        self.checks.append(Check(what, value, f"at most {bound}", value <= bound))

    def at_least(self, what, value, bound):
        self.checks.append(Check(what, value, f"at least {bound}", value >= bound))

    def say(self, text):
        print(f"{self.name}: {text}", flush=True)

    def show(self):
        for check in self.checks:
            print(f"  {'ok  ' if check.holds else 'MISS'} {check.what}: {check.value:.3g}, {check.bound}", flush=True)
        return all(check.holds for check in self.checks)

    def judge_memory(self):
        for name, mib in self.fleet.peak_mib().items():
            self.at_most(f"peak memory of {name}, MiB", mib, CONDUCTOR_MIB_MAX if "conductor" in name else WORKER_MIB_MAX)

    def judge_transactions(self, seen):
        for ms, whose, what in seen[:3]:
            self.say(f"open for {ms:.0f} ms: {whose}: {what}")
        self.at_most("longest transaction seen, ms", longest_ms(seen), TRANSACTION_MS_MAX)

    def judge_claims(self, rows, progress):
        lost = [progress.lost(tenth / 10, (tenth + 1) / 10) for tenth in range(10)]
        self.say("lost claims by tenths: " + " ".join(f"{count:.0f}" for count in lost))
        self.at_most("lost claims, of those won", sum(lost) / len(rows.jobs), LOST_CLAIMS_MAX)
        for name in self.fleet.apis:
            self.at_least(f"claimed by {name}, of all", rows.claimed_by(name) / len(rows.jobs), SHARE_MIN)

    def judge_order(self, rows):
        self.at_most("overtaken by a lower priority, of all jobs", rows.overtaken(OVERTAKEN_SLACK_S), OVERTAKEN_MAX)
        self.at_most("passed by younger ones of its priority, of all of that priority", rows.passed_by_younger(), PASSED_MAX)
        held = min(len(rows.jobs), FLOWS_HELD * len(self.fleet.apis))
        round_s = held / len(rows.jobs) * rows.seconds()
        self.at_most("longest wait from claim to first task, in rounds", rows.longest_wait() / round_s, WAIT_ROUNDS_MAX)

    def judge_pace(self, rows, progress, rate):
        rates = rows.rates()
        self.say("jobs/s by tenths: " + " ".join(f"{tenth:.0f}" for tenth in rates))
        costs = [progress.cpu_ms_per_job(tenth / 10, (tenth + 1) / 10) for tenth in range(10)]
        self.say("conductors' CPU ms a job by tenths: " + " ".join(f"{cost:.2f}" for cost in costs))
        median = sorted(rates)[5]
        self.at_least("median tenth beside what the workers can do", median / rate, RATE_MIN)
        self.at_least("slowest tenth beside the median one", min(rates) / median, RATE_RATIO_MIN)
        self.at_most("CPU of a job with much on the board beside that with little", sum(costs[2:4]) / sum(costs[6:8]), COST_RATIO_MAX)


def backlog(load, jobs, rate, late):
    """Posted first, then drained by workers that are slow enough to keep a backlog."""
    fleet = load.fleet
    ms = round(1000 * fleet.shape.workers * fleet.shape.slots / rate)
    seconds = fleet.post_to_board(jobs, "bench-naps", {"tasks": 1, "ms": ms}, PRIORITIES)
    load.say(f"{jobs} jobs posted in {seconds:.1f} s; {fleet.shape.workers} workers of {fleet.shape.slots} slots, {ms} ms a task")
    fleet.start(*fleet.shape.worker_names(), *fleet.shape.conductor_names())
    transactions = Transactions(fleet.services["postgres"])
    progress = Progress(fleet, jobs, PATIENCE_S)
    progress.run(jobs * 0.3, (lambda: post_late(fleet, ms)) if late else None)
    seen = transactions.stop()
    rows = Rows.read(fleet)
    load.say(f"all ended in {rows.seconds():.1f} s")
    load.at_least("ended in SUCCESS, of all", rows.succeeded() / progress.total, 1)
    load.judge_pace(rows, progress, rate)
    load.judge_claims(rows, progress)
    load.judge_order(rows)
    if late:
        load.at_most("claimed before an urgent job that came late, of the rest", rows.before_late(), LATE_OVERTAKEN_MAX)
    load.judge_memory()
    load.judge_transactions(seen)


def post_late(fleet, ms):
    fleet.post_to_board(LATE, "bench-naps", {"tasks": 1, "ms": ms}, ("VERY_HIGH",), "late")
    return LATE


def wide(load, tasks):
    fleet = load.fleet
    fleet.start(*fleet.shape.worker_names(), *fleet.shape.conductor_names())
    fleet.run_job("bench-chain", {"length": 50})  # not counted: the first messages of a broker
    transactions = Transactions(fleet.services["postgres"])
    job = fleet.run_job("bench-fan", {"width": tasks - 1})
    seen = transactions.stop()
    seconds = fleet.wall_seconds(job)
    load.say(f"one flow of {tasks} tasks in {seconds:.1f} s, {tasks / seconds:.0f} tasks/s")
    done = int(query(fleet.services["postgres"], f"select count(*) from {fleet.name}.atoms a join {fleet.name}.jobs j on j.flow = a.flow "
                                                 f"where j.uuid = '{job}' and a.state = 2")[0][0])
    load.at_least("tasks in SUCCESS, of all", done / tasks, 1)
    load.at_least("tasks a second", tasks / seconds, TASKS_MIN)
    load.judge_memory()
    load.judge_transactions(seen)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the fleet goes down
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("loads", nargs="*", metavar="backlog|sharded|wide", help="default: all three")
    parser.add_argument("--services", required=True, help="services.json of deploy/dev/cluster.py")
    parser.add_argument("--build", default=str(ROOT / "build" / "release"))
    parser.add_argument("--jobs", type=int, default=20_000)
    parser.add_argument("--sharded-jobs", type=int, default=100_000)
    parser.add_argument("--tasks", type=int, default=50_000)
    parser.add_argument("--rate", type=int, default=250, help="jobs a second that the workers can do")
    options = parser.parse_args()
    services = json.loads(Path(options.services).read_text())
    known = {"backlog": (Shape(2, 2, 64, 64), lambda load: backlog(load, options.jobs, options.rate, True)),
             "sharded": (Shape(2, 2, 64, 64, 8), lambda load: backlog(load, options.sharded_jobs, options.rate, False)),
             "wide": (Shape(2, 2, 64, 1000), lambda load: wide(load, options.tasks))}
    chosen = options.loads or list(known)
    if unknown := [name for name in chosen if name not in known]:
        parser.error(f"no load is called {', '.join(unknown)}; there are {', '.join(known)}")
    begun, good = time.monotonic(), True
    for name in chosen:
        shape, run = known[name]
        with BenchFleet(services, Path(options.build), shape, start=False) as fleet:
            load = Load(name, fleet)
            run(load)
            good &= load.show()
    took = time.monotonic() - begun
    print(f"{took / 60:.1f} min in all, at most {TIME_MAX_S / 60:.0f}\n{REFERENCE}")
    return 0 if good and took <= TIME_MAX_S else 1


if __name__ == "__main__":
    sys.exit(main())
