#!/usr/bin/env python3
"""make chaos: jobs come in while daemons and servers are killed, stopped, cut off and restarted; then the promises are checked.

On servers, ports and a folder of its own. The seed says which jobs and which faults; --plan shows them and does nothing.
Ends with 1 when a promise was broken (docs/guarantees.md), or a daemon crashed. Ctrl-C takes all down.
"""

import itertools
import sys

import plan
from evidence import FLOW_STATES
from run import Run, arguments, carry_out

SECONDS_A_STEP = 8  # about


def parse(words):
    parser = arguments(__doc__, "chaos", minutes=2)
    parser.add_argument("--plan", action="store_true", help="only show the schedule")
    return parser.parse_args(words)


def show_plan(options):
    count = max(plan.first_round(options.seed), int(options.minutes * 60 / SECONDS_A_STEP))
    for number, step in enumerate(itertools.islice(plan.steps(options.seed), count), 1):
        print(f"{number:4}  {step}")


def drained(report):
    seconds = report["drain_seconds"]
    if seconds is None:
        return "not drained"
    return (f"drained in {seconds:.1f} s ({report['backlog'] / max(seconds, 0.1):.2f} jobs a second, "
            f"{report['pace']:.2f} amid the faults; {report['drain_seconds_most']:.1f} s would do)")


def show(report):
    counts = report["faults"]
    print(f"\nseed {report['seed']}: {report['seconds']} s, {sum(counts.values())} faults of {len(counts)} kinds")
    for kind, times in counts.items():
        print(f"  {times:5}  {kind}")
    ends = ", ".join(f"{count} {FLOW_STATES[int(state)]}" for state, count in report["states"].items())
    print(f"{report['posted']} jobs were posted: {ends}; {report['orders']} orders were acknowledged; "
          f"{report['asked_again']} requests were asked again")
    print(f"the backlog of {report['backlog']} jobs: {drained(report)}; peak memory in MiB: {report['peak_mib']}")
    print(f"{report['noted_late']} ended jobs whose removal from the board was noted late, by another one")
    print(f"{len(report['broken'])} broken promises" if report["broken"] else "every promise was kept")
    for promise, what in report["broken"]:
        print(f"  {promise}: {what}")


def main(words=None):
    options = parse(words)
    if options.plan:
        return show_plan(options)
    _, report = carry_out(Run, options)
    show(report)
    return 1 if report["broken"] else 0


if __name__ == "__main__":
    sys.exit(main())
