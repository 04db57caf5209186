#!/usr/bin/env python3
"""make failover: how long until another daemon goes on, from the signal to the next task that is recorded as started.

  conductor death   kill -9; its guardian notes it         worker death   the same, in the middle of a task
  lost host         kill -9 of both: the session times out  hand-over      SIGTERM: the conductor drains

Two conductors, three workers and the example cloud on servers that are up. Times by the clock of this host, which is the
database's. Ends with 1 when a bound is passed, or when a hand-over ran a task twice.
"""
import argparse
import json
import signal
import sys
import tempfile
import time
import urllib.request
import uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "deploy" / "dev"))

import ports  # noqa: E402
from fleet import CLOUD, CONDUCTORS, SESSION_TIMEOUT_MS, Fleet  # noqa: E402
from probes import query  # noqa: E402
from run import percentile  # noqa: E402

DEATH_P99_MS = 300
GRACE_MS = 300  # in which a lost worker may come back
LOST_MAX_MS = SESSION_TIMEOUT_MS + GRACE_MS + 500
HAND_OVER_P99_MS = 100
CHAIN = 300  # tasks: what is killed after the first BEFORE of them is killed in the middle
BEFORE = 40
WAIT_SECONDS = 60
RUNNING = "1"


class FailoverFleet:
    def __init__(self, services, build):
        self.holder = tempfile.TemporaryDirectory(prefix="baton-failover-")
        self.name = "failover_" + uuid.uuid4().hex[:8]
        self.fleet = Fleet(self.holder.name, build, services, ports.free_block((26000, 26999), self.name), self.name)

    def __enter__(self):
        try:
            self.fleet.prepare()
            self.fleet.start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        """To its end, also when it is interrupted again: the daemons have sessions of their own and would stay."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        try:
            self.fleet.stop()
            query(self.fleet.services["postgres"], f"set client_min_messages = error; drop schema if exists {self.name} cascade")
        finally:
            self.holder.cleanup()

    def ask(self, address, method, path, body=None):
        request = urllib.request.Request(f"http://{address}{path}", method=method, headers={"Content-Type": "application/json"},
                                         data=None if body is None else json.dumps(body).encode())
        with urllib.request.urlopen(request, timeout=WAIT_SECONDS) as answer:
            return json.load(answer)

    def post(self, flow, parameters):
        return self.ask(self.fleet.address(CONDUCTORS[0]), "POST", "/v1/jobs", {"flow": flow, "parameters": parameters})["uuid"]

    def rows(self, job):
        """The job's history, oldest first: when (ms), atom, state, worker, claim."""
        return [{"at_ms": float(at), "atom": atom, "state": state, "worker": worker, "claim": claim}
                for at, atom, state, worker, claim in query(
                    self.fleet.services["postgres"],
                    f"select extract(epoch from h.at) * 1e3, coalesce(h.atom::text, ''), coalesce(h.state::text, ''), "
                    f"coalesce(h.worker, ''), coalesce(h.data ->> 'claimed_by', '') from {self.name}.history h "
                    f"join {self.name}.jobs j on j.flow = h.flow where j.uuid = '{job}' order by h.id")]

    def until(self, job, holds):
        """Looks until it holds. Looking is not waiting: what is measured are the rows' own times."""
        deadline = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < deadline:
            if (found := holds(self.rows(job))) is not None:
                return found
            time.sleep(0.02)
        raise TimeoutError(f"job {job}: not seen in {WAIT_SECONDS} s; its log is in {self.holder.name}")


def starts(rows):
    return [row for row in rows if row["worker"] and row["state"] == RUNNING]  # those without one are retries


def after_second_claim(rows):
    """The first task that the second conductor started."""
    claims = [place for place, row in enumerate(rows) if row["claim"]]
    later = starts(rows[claims[1]:]) if len(claims) > 1 else []
    return later[0]["at_ms"] if later else None


def conductor_goes(world, how):
    """Milliseconds to the first task that another conductor starts, and the job's rows at its end."""
    job = world.post("bench-chain", {"length": CHAIN})
    rows = world.until(job, lambda rows: rows if len(starts(rows)) >= BEFORE else None)
    owner = next(row["claim"] for row in rows if row["claim"])
    daemon = world.fleet.daemons[owner]
    at_ms = time.time() * 1e3
    how(daemon)
    next_ms = world.until(job, after_second_claim)
    rows = world.until(job, lambda rows: rows if len({row["atom"] for row in starts(rows)}) == CHAIN else None)
    daemon.process.wait(WAIT_SECONDS)
    daemon.start()
    return next_ms - at_ms, rows


def conductor_death(world):
    return conductor_goes(world, lambda daemon: daemon.kill())[0], ""


def lost_host(world):
    return conductor_goes(world, lambda daemon: daemon.lose())[0], ""


def hand_over(world):
    took_ms, rows = conductor_goes(world, lambda daemon: daemon.kill(signal.SIGTERM))
    atoms = [row["atom"] for row in starts(rows)]
    twice = {atom for atom in atoms if atoms.count(atom) > 1}
    return took_ms, f"started twice: atoms {', '.join(sorted(twice))}" if twice else ""


def worker_death(world):
    node = "n" + uuid.uuid4().hex[:8]
    world.ask(world.fleet.address(CLOUD), "PUT", "/faults", [{"verb": "create", "hostname": node, "mode": "hang", "delay_ms": 60_000}])
    job = world.post("create-cluster", {"name": node, "nodes": [node]})
    first = world.until(job, lambda rows: starts(rows)[0] if starts(rows) else None)
    daemon = world.fleet.daemons[first["worker"]]
    at_ms = time.time() * 1e3
    daemon.kill()

    def elsewhere(rows):
        return next((row["at_ms"] for row in starts(rows) if row["atom"] == first["atom"] and row["worker"] != first["worker"]), None)
    next_ms = world.until(job, elsewhere)
    daemon.start()
    return next_ms - at_ms, ""


MEASURED = {
    "conductor death": (conductor_death, DEATH_P99_MS, .99),
    "worker death": (worker_death, DEATH_P99_MS, .99),
    "hand-over": (hand_over, HAND_OVER_P99_MS, .99),
    "lost host": (lost_host, LOST_MAX_MS, 1),
}


def measure(world, name, count):
    """True: within its bound, and nothing wrong seen."""
    what, bound_ms, share = MEASURED[name]
    times, wrong = [], []
    for done in range(count):
        took_ms, trouble = what(world)
        times.append(took_ms)
        wrong += [trouble] if trouble else []
        if sys.stderr.isatty():
            print(f"\r{name}: {done + 1} of {count}", end="\r", file=sys.stderr, flush=True)
    well = percentile(times, share) <= bound_ms and not wrong
    print(f"{name:16} p50 {percentile(times, .5):6.0f}  p99 {percentile(times, .99):6.0f}  max {max(times):6.0f} ms  "
          f"({'p99' if share < 1 else 'max'} bound {bound_ms}): {'within' if well else 'OVER'}  {'; '.join(wrong)}", flush=True)
    return well


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", required=True, help="services.json of deploy/dev/cluster.py")
    parser.add_argument("--build", default=str(ROOT / "build" / "release"))
    parser.add_argument("--count", type=int, default=50, help="of each (default: %(default)s)")
    parser.add_argument("--only", choices=MEASURED, action="append", help="one of them; may be repeated")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the fleet goes down
    with FailoverFleet(json.loads(Path(options.services).read_text()), options.build) as world:
        results = [measure(world, name, options.count) for name in options.only or MEASURED]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
