"""What Postgres has written down of a load, and what follows from it. All times are the database's, in seconds."""
from dataclasses import dataclass

from probes import query

SUCCESS = 2


@dataclass(frozen=True)
class Job:
    name: str
    priority: int
    state: int
    posted: float
    claimed: float
    claimed_by: str
    started: float
    ended: float


class Rows:
    def __init__(self, jobs):
        self.jobs = sorted(jobs, key=lambda job: job.claimed)
        self.ordinary = [job for job in self.jobs if not job.name.startswith("late")]

    @classmethod
    def read(cls, fleet):
        schema = fleet.name
        seconds = "extract(epoch from {})".format
        query(fleet.services["postgres"], f"analyze {schema}.jobs, {schema}.history")  # else it joins as if there were few
        rows = query(fleet.services["postgres"],
                     f"select j.name, j.priority, j.state, {seconds('j.posted_at')}, {seconds('c.at')}, c.data ->> 'claimed_by', "
                     f"{seconds('s.at')}, {seconds('j.finished_at')} from {schema}.jobs j "
                     f"join (select distinct on (flow) * from {schema}.history where atom is null and data ->> 'claimed_by' is not null "
                     f"order by flow, id) c on c.flow = j.flow "
                     f"join (select flow, min(at) as at from {schema}.history where atom is not null group by flow) s on s.flow = j.flow "
                     f"where j.finished_at is not null")
        return cls([Job(row[0], int(row[1]), int(row[2]), float(row[3]), float(row[4]), row[5], float(row[6]), float(row[7]))
                    for row in rows])

    def seconds(self):
        return max(job.ended for job in self.jobs) - self.jobs[0].claimed

    def succeeded(self):
        return sum(job.state == SUCCESS for job in self.jobs)

    def claimed_by(self, conductor):
        return sum(job.claimed_by == conductor for job in self.jobs)

    def rates(self):
        """Jobs a second in each tenth of the work, by when they ended."""
        ends = sorted(job.ended for job in self.jobs)
        cuts = [ends[min(len(ends) - 1, round(tenth * len(ends) / 10))] for tenth in range(11)]
        return [len(ends) / 10 / max(1e-3, b - a) for a, b in zip(cuts, cuts[1:])]

    def overtaken(self, slack):
        """The share of jobs that were claimed more than `slack` after one of a lower priority."""
        overtaken = 0
        first_of = {}
        for job in self.ordinary:  # by when they were claimed
            lower = [at for priority, at in first_of.items() if priority < job.priority]
            overtaken += bool(lower) and job.claimed - min(lower) > slack
            first_of.setdefault(job.priority, job.claimed)
        return overtaken / len(self.ordinary)

    def passed_by_younger(self):
        """The most places in line that a job of the backlog has lost to younger ones of its priority, as a share of all of them."""
        most = 0
        for priority in {job.priority for job in self.ordinary}:
            line = [job for job in self.ordinary if job.priority == priority]  # by when they were claimed
            places = {id(job): place for place, job in enumerate(sorted(line, key=lambda job: job.posted))}
            most = max(most, max(claimed - places[id(job)] for claimed, job in enumerate(line)) / len(line))
        return most

    def longest_wait(self):
        return max(job.started - job.claimed for job in self.jobs)

    def before_late(self):
        """Of what was unclaimed when the late jobs were posted, the share that was claimed before the last of them."""
        late = [job for job in self.jobs if job.name.startswith("late")]
        posted = min(job.posted for job in late)
        waiting = [job for job in self.ordinary if job.claimed > posted]
        return sum(job.claimed < max(job.claimed for job in late) for job in waiting) / max(1, len(waiting))
