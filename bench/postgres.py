#!/usr/bin/env python3
"""make bench-postgres: how Postgres bears a million atoms: its longest transaction, updates in place, sizes, dead rows, log.

One conductor and one worker push flows of 1,000 parallel no-op tasks and flows of 7 tasks through private servers. Ends with
1 where a bar is missed. Needs the release build.
"""
import argparse
import json
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bench_fleet import BenchFleet, Shape
from probes import query
from watch import Transactions, longest_ms

ROOT = Path(__file__).resolve().parent.parent

TRANSACTION_MS_MAX = 1000
HOT_MIN = {"atoms": 0.9, "flows": 0.9, "board_heights": 0.9, "jobs": 0.7}  # a job's end changes what lists are ordered by
DEAD_MAX = 0.5  # dead rows beside live ones, before anybody vacuums by hand
AUTOVACUUM_SECONDS = 150  # behind the load, for autovacuum: it comes by once a minute (autovacuum_naptime)
ROOM = {"atoms": 0.3, "flows": 0.5, "jobs": 0.4}  # their fillfactor
# Of a hot table: its size beside what its live rows need with that room. A flow's row is written and soon written again: while
# a page takes new rows, half of what is in it are second versions.
GROWTH_MAX = {"atoms": 1.5, "flows": 2.5, "jobs": 1.5}
JUDGED_ROWS_MIN = 10_000  # of smaller tables autovacuum takes no care
FAN = 1000
AT_ONCE = 4
SMALL_SHARE = 0.1  # of the atoms in flows of 7 tasks
TABLES = ("jobs", "flows", "plans", "atoms", "scopes", "board_heights", "history")
MIB = 2**20


class Postgres:
    def __init__(self, fleet):
        self.conninfo, self.schema = fleet.services["postgres"], fleet.name

    def ask(self, sql):
        return query(self.conninfo, f"set search_path = {self.schema}; {sql}")

    def log_bytes(self):
        return float(self.ask("select pg_current_wal_lsn() - '0/0'")[0][0])

    def tables(self):
        """Of each table, its partitions in one: updates, of them in place, live and dead rows, bytes of rows and of indices."""
        rows = self.ask("select case when relname like 'history%' then 'history' else relname end, sum(n_tup_upd), sum(n_tup_hot_upd), "
                        "sum(n_live_tup), sum(n_dead_tup), sum(pg_table_size(relid)), sum(pg_indexes_size(relid)) "
                        f"from pg_stat_user_tables where schemaname = '{self.schema}' group by 1")
        return {row[0]: tuple(map(float, row[1:])) for row in rows if row[0] in TABLES}

    def needed(self, table):
        """Bytes that the live rows take, without free room and pages' heads."""
        return float(self.ask(f"select coalesce(sum(pg_column_size(t.*)), 0) from {table} t")[0][0])


def push(fleet, atoms):
    """Wide flows, several at once, then many small ones; how many atoms."""
    fans = max(1, round(atoms * (1 - SMALL_SHARE) / (FAN + 1)))
    with ThreadPoolExecutor(AT_ONCE) as posters:
        list(posters.map(lambda _: fleet.run_job("bench-fan", {"width": FAN}), range(fans)))
    small = max(1, round(atoms * SMALL_SHARE / 7))
    fleet.run_many("bench-cluster", {"nodes": 3}, small)
    return fans * (FAN + 1) + small * 7


def too_many_dead(table):
    _, _, live, dead, _, _ = table
    return dead > DEAD_MAX * live


def autovacuumed(postgres):
    """The tables as they are when autovacuum has come by, or has not in all that time."""
    until = time.monotonic() + AUTOVACUUM_SECONDS
    while any(too_many_dead(of) for name, of in (tables := postgres.tables()).items() if name in ROOM) and time.monotonic() < until:
        time.sleep(1)  # Postgres tells nobody that it has vacuumed
    return tables


def show(title, tables):
    print(f"{title}\n  {'table':<14}{'updates':>10}{'in place':>10}{'live':>10}{'dead':>9}{'rows MiB':>10}{'index MiB':>11}")
    for name in TABLES:
        updates, hot, live, dead, rows, index = tables.get(name, (0,) * 6)
        share = f"{100 * hot / updates:.1f} %" if updates else "-"
        print(f"  {name:<14}{updates:>10.0f}{share:>10}{live:>10.0f}{dead:>9.0f}{rows / MIB:>10.1f}{index / MIB:>11.1f}")
    sys.stdout.flush()


def judge(tables, needed, seen):
    """(what, value, bar, holds)"""
    yield "longest transaction seen, ms", longest_ms(seen), f"at most {TRANSACTION_MS_MAX}", longest_ms(seen) <= TRANSACTION_MS_MAX
    for name, least in HOT_MIN.items():
        updates, hot, live, dead, rows, _ = tables[name]
        yield f"{name}: updates in place", hot / max(1, updates), f"at least {least}", updates > 0 and hot >= least * updates
        if name not in needed:
            continue
        if live < JUDGED_ROWS_MIN:
            print(f"  {name}: {live:.0f} rows, dead ones and size are not judged below {JUDGED_ROWS_MIN}")
        else:
            yield f"{name}: dead rows beside live ones", dead / live, f"at most {DEAD_MAX}", not too_many_dead(tables[name])
            grown = rows * ROOM[name] / needed[name]
            yield f"{name}: size beside what its rows and their room need", grown, f"at most {GROWTH_MAX[name]}", grown <= GROWTH_MAX[name]


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that the fleet goes down
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", required=True, help="services.json of deploy/dev/cluster.py")
    parser.add_argument("--build", default=str(ROOT / "build" / "release"))
    parser.add_argument("--atoms", type=int, default=1_000_000)
    options = parser.parse_args()
    services = json.loads(Path(options.services).read_text())
    with BenchFleet(services, Path(options.build), Shape(workers=1, slots=32)) as fleet:
        postgres = Postgres(fleet)
        logged = postgres.log_bytes()
        transactions = Transactions(services["postgres"])
        atoms = push(fleet, options.atoms)
        seen = transactions.stop()
        logged = postgres.log_bytes() - logged
        fleet.settle()
        show("when the last one had ended", postgres.tables())
        before = autovacuumed(postgres)
        needed = {name: postgres.needed(name) for name in ("atoms", "flows", "jobs")}
        show(f"{atoms} atoms went through; log {logged / atoms:.0f} bytes an atom; when autovacuum has come by", before)
        query(services["postgres"], "vacuum (analyze) " + ", ".join(f"{fleet.name}.{name}" for name in TABLES))
        show("after vacuum", postgres.tables())
        for ms, whose, what in seen[:3]:
            print(f"  open for {ms:.0f} ms: {whose}: {what}")
        good = True
        for what, value, bar, holds in judge(before, needed, seen):
            print(f"  {'ok  ' if holds else 'MISS'} {what}: {value:.3g}, {bar}")
            good &= holds
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
