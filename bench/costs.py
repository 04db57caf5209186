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
    """Counts from its making to per()."""

    def __init__(self, conninfo, processes):
        self.conninfo, self.processes = conninfo, processes
        self.before = self._now()

    def _now(self):
        commits = query(self.conninfo, "select xact_commit from pg_stat_database where datname = current_database()")
        rows = query(self.conninfo, "select coalesce(sum(n_tup_ins), 0), coalesce(sum(n_tup_upd), 0), coalesce(sum(n_tup_hot_upd), 0) "
                                    "from pg_stat_user_tables")
        inserted, updated, hot = map(float, rows[0])
        now = {"commits": float(commits[0][0]), "rows inserted": inserted, "rows updated": updated, "of them HOT": hot}
        for name, pid in self.processes.items():
            now[f"{name} CPU µs"] = cpu_seconds(pid) * 1e6
        return now

    def per(self, tasks):
        query(self.conninfo, "select pg_stat_force_next_flush()")
        now = self._now()
        return {name: (now[name] - self.before[name]) / tasks for name in now}
