"""Is it flat? A quantity's samples over a run, the warm-up left out."""

from dataclasses import dataclass
from statistics import median

WARM_UP_SHARE = 1 / 4  # of the run
# What may come on top of the level at first: share of it, and so much in any case.
BOUNDS = {"memory MiB": (0.10, 4.0), "files open": (0.0, 6), "zookeeper": (0.0, 6), "kafka": (0.0, 0), "postgres": (0.0, 6)}
# These keep every job (nothing is pruned, docs/decisions/0018): flat is what one job costs.
BY_JOB = ("jobs", "flows", "atoms", "plans", "scopes", "orders", "history")
BY_JOB_BOUND = (0.15, 0.5)  # MiB over what the first half's price a job foretells
DISK_BOUND = (0.25, 1.0)


@dataclass
class Slope:
    name: str
    first: float  # medians of the first and the last third behind the warm-up
    last: float
    bound: float  # the last one's

    @property
    def flat(self):
        return self.last <= self.bound

    def __str__(self):
        word = "flat" if self.flat else "GROWS"
        return f"{word:5}  {self.name:38} {self.first:10.2f} {self.last:10.2f}  (bound {self.bound:.2f})"


def judge(samples):
    """`samples`: (jobs that had ended, {name: value}), as taken at even distances."""
    kept = samples[int(len(samples) * WARM_UP_SHARE):]
    third = max(1, len(kept) // 3)
    names = sorted(set.intersection(*(set(values) for _, values in kept)))
    return [_slope(name, kept[:third], kept[-third:]) for name in names if not name.startswith("disk MiB: write-ahead")
            and name != "disk MiB: kafka's log"]


def _slope(name, early, late):
    first, last = (median(values[name] for _, values in part) for part in (early, late))
    kind, _, what = name.partition(": ")
    if kind != "disk MiB":
        share, more = BOUNDS[kind]
        return Slope(name, first, last, first * (1 + share) + more)
    if what.split("_")[0] not in BY_JOB or what.startswith("history_default"):
        return Slope(name, first, last, first * (1 + DISK_BOUND[0]) + DISK_BOUND[1])
    jobs = [max(1, median(ended for ended, _ in part)) for part in (early, late)]
    return Slope(name, first, last, first / jobs[0] * jobs[1] * (1 + BY_JOB_BOUND[0]) + BY_JOB_BOUND[1])
