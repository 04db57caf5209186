"""What a workload costs: commits, rows, CPU, from the servers' and the kernel's own counts."""
import os
from pathlib import Path

from probes import query

TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    """User and system time of a process and its reaped children."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / TICK


class Costs:
    """Counts from its making to per().

    Postgres adds a session's counts to its statistics when a transaction ends a second after the last time: `settle` must
    make every session that counts do so.
    """

    def __init__(self, conninfo, fleet):
        self.conninfo, self.fleet = conninfo, fleet
        self.before = self._now()

    def _now(self):
        self.fleet.settle()
        rows = query(self.conninfo, "select coalesce(sum(n_tup_ins), 0), coalesce(sum(n_tup_upd), 0), coalesce(sum(n_tup_hot_upd), 0) "
                                    f"from pg_stat_user_tables where schemaname = '{self.fleet.name}'")
        inserted, updated, hot = map(float, rows[0])
        syncs = float(query(self.conninfo, "select wal_sync from pg_stat_wal")[0][0])
        counted = self.fleet.metrics()
        now = {"commits (log syncs)": syncs, "rows inserted": inserted, "rows updated": updated, "of them HOT": hot,
               "requests' messages": counted["baton_conductor_request_messages"],
               "replies' messages": counted["baton_conductor_reply_messages"]}
        for name, pid in self.fleet.processes().items():
            now[f"{name} CPU µs"] = cpu_seconds(pid) * 1e6
        return now

    def per(self, tasks):
        now = self._now()
        return {name: (now[name] - self.before[name]) / tasks for name in now}
