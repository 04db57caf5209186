"""A run of chaos: faults as the seed says under load, then quiet, then the verdict."""

import argparse
import contextlib
import json
import signal
import sys
import time
from collections import Counter
from datetime import datetime, timezone
from http.client import HTTPException

import faults
import plan
import rests
from evidence import of_nobody, stories
from judge import crashes, drain_seconds_most, judge, needless
from people import People, ask
from reach import ROOT
from watch import Peaks
from world import NotBack, World

RATE = 4.0  # jobs a second
OPEN_MOST = 150  # jobs: more are not posted meanwhile
DRAIN_SECONDS = 900  # what has not ended by then never will
REST_SECONDS = 180  # who notes what others could not looks every half minute, and twice
NOTED_LATE = "noted late: its node has left the board"
LOOK_SECONDS = 0.5
TELL_SECONDS = 15
LOG = "chaos.log"


def arguments(doc, name, minutes):
    """What a run is told on its command line."""
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default=str(ROOT / "build" / "release"))
    parser.add_argument("--folder", default=str(ROOT / ".run" / name), help="is emptied; logs stay in it (default: %(default)s)")
    parser.add_argument("--ports", default="25000-25999", help="a range to find free ones in (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=minutes, help="before it is quiet (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="which jobs, and which faults (default: %(default)s)")
    return parser


def carry_out(kind, options):
    """The run and its report. Interrupted it takes everything down, to its end: further signals are not heard, since the
    daemons have sessions of their own and would stay."""
    def once(number, _):
        on_signals(signal.SIG_IGN)
        sys.exit(128 + number)
    on_signals(once)
    with kind(options) as run:
        return run, run.go()


def on_signals(do):
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, do)


class Run:
    def __init__(self, options):
        self.seed, self.minutes = options.seed, options.minutes
        self.world = World(options.folder, options.build, options.ports, self.say)
        self.begun = time.monotonic()
        self.log = open(self.world.folder / LOG, "w", buffering=1)
        self.done = Counter()  # by kind
        self.ended = 0
        self.needless = 0  # jobs that failed and could have been made
        self.broken = []  # (promise, what)
        self.backlog, self.drain_seconds, self.drain_most, self.pace = 0, None, None, None
        self.peaks = self.people = None

    def say(self, text):
        now = datetime.now(timezone.utc).strftime("%H:%M:%S.%f")[:-3]
        line = f"{now} {time.monotonic() - self.begun:7.1f} s  {text}"
        print(line, flush=True)
        self.log.write(line + "\n")

    def __enter__(self):
        self.say(f"seed {self.seed}, {self.minutes:g} minutes; logs are in {self.world.folder}")
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def _start(self):
        self.world.start()
        self.say("the fleet serves")
        daemons = {name: self.world.fleet.daemons[name] for name in plan.DAEMONS}
        self.peaks = Peaks(daemons)
        self.peaks.start()
        self.people = People(self.world.addresses(), self.seed, RATE, OPEN_MOST, lambda: self.ended)

    def __exit__(self, *_):
        on_signals(signal.SIG_IGN)
        for each in (self.people, self.peaks):
            if each:
                each.stop()
        self.world.close()
        self.log.close()

    def go(self):
        """The report; its "broken" is empty when all is well."""
        try:
            self.people.start()
            self.disturbed = time.monotonic()
            self._disturb()
            if not self.people.post_no_more(DRAIN_SECONDS):
                self._break("P6", f"a job that is posted again and again is not taken in {DRAIN_SECONDS} s")
            self._drain()
            self._judge()
        except NotBack as error:
            self._break("P6", str(error))
        self.people.stop()
        self.peaks.stop()
        return self._report()

    # ---- faults

    def _disturb(self):
        end = time.monotonic() + self.minutes * 60
        at_least = plan.first_round(self.seed)
        for number, step in enumerate(plan.steps(self.seed), 1):
            if time.monotonic() >= end and number > at_least:
                return
            self._wait(step.quiet)
            with contextlib.ExitStack() as undone:
                for fault in step.faults:
                    self.say(f"{number:4}  {fault}")
                    faults.begin(self.world, fault, undone)
                    self.done[fault.kind.name] += 1
                time.sleep(step.hold)
            self._look()
            self.say(f"{number:4}  over; {self._load()}")

    def _wait(self, seconds):
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            time.sleep(min(LOOK_SECONDS, left))
            self._look()

    def _look(self):
        self.world.look_after()
        if lines := self.world.sql(f"select count(*) from {self.world.table('jobs')} where finished_at is not null"):
            self.ended = int(lines[0])

    def _load(self):
        return f"{len(self.people.journal.posted)} jobs posted, {self.ended} have ended"

    # ---- quiet

    def _drain(self):
        self.backlog = self.people.open()
        begun = told = time.monotonic()
        self.pace = self.ended / (begun - self.disturbed)
        self.drain_most = drain_seconds_most(self.backlog, self.pace)
        self.say(f"quiet; {self._load()}, {self.pace:.2f} a second; {self.backlog} are open")
        while self._help() or self.people.open() > 0 or self.people.orders_due():
            if time.monotonic() - begun > DRAIN_SECONDS:
                return self._break("P6", f"not drained in {DRAIN_SECONDS} s")
            time.sleep(LOOK_SECONDS)
            self._look()
            if time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                self.say(f"      {self._load()}")
        self.drain_seconds = time.monotonic() - begun
        self.say(f"drained in {self.drain_seconds:.1f} s; {self._load()}")
        if self.drain_seconds > self.drain_most:
            self._break("P6", f"{self.backlog} jobs took {self.drain_seconds:.1f} s in quiet; {self.drain_most:.1f} s would do "
                              f"at the {self.pace:.2f} jobs a second that ended amid the faults")

    def _help(self):
        """A person looks at what can not go on alone: what is suspended is resumed, a revert that failed is tried again. True:
        there was something."""
        jobs, atoms = self.world.table("jobs"), self.world.table("atoms")
        waiting = self.world.rows(
            f"select j.uuid, j.run, 'resume' as kind, '' as name from {jobs} j where j.state = 6 union all "
            f"select j.uuid, j.run, 'retry', min(a.name) from {jobs} j join {atoms} a on a.flow = j.flow "
            f"where j.state = 3 and a.state = 6 group by j.uuid, j.run")
        for one in waiting:
            more = {"atom": one["name"], "run": one["run"]} if one["kind"] == "retry" else {}
            self.people.order(one["uuid"], one["kind"], **more)
        return bool(waiting)

    # ---- verdict

    def _judge(self):
        deadline = time.monotonic() + REST_SECONDS
        while (left := self._rests()) and time.monotonic() < deadline:
            time.sleep(LOOK_SECONDS)
        for what in left:
            self._break("P7", f"left when there was nothing to do: {what}")
        self._judge_jobs()
        for refusal in self.people.journal.refused:
            self._break("P1", f"refused: {refusal}")
        for trouble in self.world.troubles:
            self._break("P6", trouble)
        for name in self.world.end_fleet():
            self._break("P6", f"{name} had to be killed when it was told to go, with nothing to do")
        for what in rests.nobody(self.world):
            self._break("P7", what)
        for name in plan.DAEMONS:
            for line in crashes(self.world.log_lines(name)):
                self._break("P6", f"{name} crashed: {line}")

    def _judge_jobs(self):
        servers = ask(self.world.cloud(), "GET", "/servers")[1]
        for story in stories(self.world, self.people.journal, servers):
            self.needless += needless(story)
            for promise, what in judge(story):
                self._break(promise, what)
        excused = faults.CLOUD_FAULTS * sum(self.done[kind.name] for kind in plan.KINDS if kind.group == "cloud")
        if self.needless > excused:
            self._break("P1", f"{self.needless} jobs that could have been made were not; the cloud's faults excuse {excused}")
        for what in of_nobody(self.world, self.people.journal, servers):
            self._break("P2", f"in the name of no job: {what}")

    def _rests(self):
        try:
            return rests.idle(self.world)
        except (OSError, HTTPException, KeyError) as error:
            return [repr(error)]

    def _break(self, promise, what):
        self.broken.append((promise, what))
        self.say(f"BROKEN {promise}: {what}")

    def _report(self):
        journal = self.people.journal
        jobs = self.world.table("jobs")
        states = self.world.sql(f"select state, count(*) from {jobs} group by state order by state")
        report = {"seed": self.seed, "minutes": self.minutes, "seconds": round(time.monotonic() - self.begun),
                  "faults": dict(sorted(self.done.items())), "posted": len(journal.posted), "ended": self.ended,
                  "states": dict(line.split("|") for line in states or ()), "orders": len(journal.orders),
                  "needless": self.needless,
                  "noted_late": sum(NOTED_LATE in line for name in plan.CONDUCTORS for line in self.world.log_lines(name)),
                  "asked_again": journal.asked, "backlog": self.backlog, "drain_seconds": self.drain_seconds,
                  "drain_seconds_most": self.drain_most, "pace": self.pace,
                  "peak_mib": {name: round(mib, 1) for name, mib in self.peaks.mib.items()}, "broken": self.broken}
        (self.world.folder / "report.json").write_text(json.dumps(report, indent=1) + "\n")
        return report
