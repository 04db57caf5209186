"""What is looked at while a load runs: transactions that are open long, and how the work goes on."""
import subprocess
import threading
import time

from costs import cpu_seconds
from probes import PSQL, query

LOOK_SECONDS = 0.1
LOOKS_MIN = 3  # a second, on a machine that is busy
LOOKED = "a look"
SHOWN_MS = 200  # transactions that are younger are no news


class Transactions:
    """The longest transactions of Baton's own connections, as one session sees them ten times a second: what lasts 1 s is seen,
    with an error of a tenth. Who has not looked says so: nothing seen is not nothing there."""

    SQL = (f"select extract(epoch from clock_timestamp() - xact_start) * 1000, application_name, "
           f"translate(left(query, 60), E'\\n\\t', '  ') "
           f"from pg_stat_activity where application_name like 'baton%' and xact_start is not null and state <> 'idle' "
           f"and clock_timestamp() - xact_start > {SHOWN_MS} * interval '1 ms' union all select 0, '{LOOKED}', '' "
           f"\\watch {LOOK_SECONDS}\n")

    def __init__(self, conninfo):
        self.longest = {}  # of each session and statement: ms
        self.looks, self.begun, self.said = 0, time.monotonic(), ""
        self.psql = subprocess.Popen([PSQL, "-XAtq", "-v", "ON_ERROR_STOP=1", "-F", "\t", "-d", conninfo], stdin=subprocess.PIPE,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.psql.stdin.write(self.SQL)
        self.psql.stdin.flush()
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self):
        for line in self.psql.stdout:
            cells = line.rstrip("\n").split("\t")
            if len(cells) != 3:
                self.said = line if line.strip() else self.said
            elif cells[1] == LOOKED:
                self.looks += 1
            else:
                of = (cells[1], " ".join(cells[2].split()))
                self.longest[of] = max(self.longest.get(of, 0), float(cells[0]))

    def stop(self):
        """(ms, whose, what), the longest first."""
        ended = self.psql.poll()
        self.psql.terminate()
        self.psql.wait()
        self.reader.join()
        rate = self.looks / (time.monotonic() - self.begun)
        if ended is not None or rate < LOOKS_MIN:
            raise RuntimeError(f"open transactions were looked at {rate:.1f} times a second, at least {LOOKS_MIN} were wanted; "
                               f"psql has ended with {ended} and said: {self.said}")
        return sorted(((ms, *of) for of, ms in self.longest.items()), reverse=True)


def longest_ms(seen):
    return seen[0][0] if seen else 0


class Progress:
    """Counts ended jobs until all have ended, and the conductors' CPU time beside them."""

    def __init__(self, fleet, total, patience):
        self.fleet, self.total, self.patience = fleet, total, patience
        self.points = []  # (seconds, ended, CPU seconds of all conductors, claims that they have lost)

    def ended(self):
        return int(query(self.fleet.services["postgres"],
                         f"select count(*) from {self.fleet.name}.jobs where finished_at is not null")[0][0])

    def cpu(self):
        return sum(cpu_seconds(self.fleet.daemons[name].pid) for name in self.fleet.shape.conductor_names())

    def lost_claims(self):
        return sum(self.fleet.metrics(name)["baton_conductor_claims_lost"] for name in self.fleet.apis)

    def run(self, then_at=None, then=None):
        """Until all have ended. `then` is called once so many have."""
        begun = last_news = time.monotonic()
        while not self.points or self.points[-1][1] < self.total:
            ended = self.ended()
            if not self.points or ended != self.points[-1][1]:
                last_news = time.monotonic()
            if time.monotonic() - last_news > self.patience:
                raise TimeoutError(f"nothing has ended for {self.patience} s, at {ended} of {self.total}; logs in {self.fleet.folder}")
            self.points.append((time.monotonic() - begun, ended, self.cpu(), self.lost_claims()))
            if then and ended >= then_at:
                self.total += then()
                then = None
            time.sleep(0.5)  # a sample: there is no event for "so much CPU", and the jobs' times are their rows' own

    def _between(self, first, last):
        """The points at two shares of the work, such as 0.1 and 0.2."""
        return [next(point for point in self.points if point[1] >= share * self.total) for share in (first, last)]

    def cpu_ms_per_job(self, first, last):
        low, high = self._between(first, last)
        return (high[2] - low[2]) * 1000 / max(1, high[1] - low[1])

    def lost(self, first, last):
        low, high = self._between(first, last)
        return high[3] - (low[3] if first > 0 else 0)
