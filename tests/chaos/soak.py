#!/usr/bin/env python3
"""make soak: a fleet under moderate load for hours, with a gentle restart now and then; nothing that it holds may grow.

Memory, open files, sessions, leased partitions, table sizes are sampled; the first quarter is warm-up. Of what keeps every
job, what one job costs must not grow. conductor-2 and worker-3 are told to go and started again, in turn; the others stay up.
Then every promise is checked, as after chaos. Ends with 1 when something grows or a promise was broken.
"""

import json
import sys
import time

import samples
import slopes
from run import Run, arguments, carry_out

SAMPLES = 120
SAMPLE_SECONDS_LEAST = 2.0
RESTARTS = 12
RESTARTED = ("conductor-2", "worker-3")


class Soak(Run):
    """The chaos' run with a soak instead of faults."""

    def _disturb(self):
        seconds = self.minutes * 60
        begun, self.samples, restarts = time.monotonic(), [], 0
        every = max(SAMPLE_SECONDS_LEAST, seconds / SAMPLES)
        while (passed := time.monotonic() - begun) < seconds:
            self._wait(every - passed % every)
            if passed > (restarts + 1) * seconds / (RESTARTS + 1):
                self._restart(RESTARTED[restarts % len(RESTARTED)])
                restarts += 1
            self.samples.append((self.ended, samples.take(self.world)))
            if len(self.samples) % 10 == 0:
                self.say(f"sample {len(self.samples)}; {self._load()}")

    def _restart(self, name):
        self.say(f"{name} is told to go, and comes again")
        self.world.bring_down(name, lambda daemon: daemon.process.stop(20))
        self.world.start_daemons(name)
        self.done["gentle restart"] += 1

    def _report(self):
        report = super()._report()
        self.slopes = slopes.judge(self.samples)
        report["slopes"] = {slope.name: [slope.first, slope.last, slope.bound] for slope in self.slopes}
        report["samples"] = self.samples
        (self.world.folder / "report.json").write_text(json.dumps(report) + "\n")
        return report


def show(report, found):
    for slope in found:
        print(slope)
    for name in ("disk MiB: write-ahead log", "disk MiB: kafka's log"):
        values = [values.get(name, 0.0) for _, values in report["samples"]]
        print(f"       {name:38} {values[0]:10.2f} {values[-1]:10.2f}  (at most {max(values):.2f}; its own settings bound it)")
    print(f"{report['ended']} of {report['posted']} jobs ended in {report['seconds']} s; peak memory in MiB: {report['peak_mib']}")
    for promise, what in report["broken"]:
        print(f"  {promise}: {what}")


def main(words=None):
    run, report = carry_out(Soak, arguments(__doc__, "soak", minutes=60).parse_args(words))
    show(report, run.slopes)
    return 0 if all(slope.flat for slope in run.slopes) and not report["broken"] else 1


if __name__ == "__main__":
    sys.exit(main())
