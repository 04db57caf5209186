"""Every daemon of a fleet is told to go and started again, one after the other, while jobs come in all the time: each ends
as it should, nothing is done twice, nothing is left."""

import collections
import itertools
import threading
import unittest

from harness import CONDUCTORS, EVENT_SECONDS, WORKERS, FleetTest

POSTERS = 4  # each posts its next job when its last one has ended
JOBS_MAX = 400  # so many have their faults prepared
KINDS = ("good", "retried", "good", "refused")  # in turn
AFTER = 4 * POSTERS  # so many more jobs end before the next daemon goes: it has had work again


class Load:
    """Jobs without end until it is told to stop; which there were and how they ended."""

    def __init__(self, test):
        self.test = test
        self.numbers = itertools.count()
        self.ended = {}  # by number: (job, state)
        self.stopping = False
        self.troubles = []
        self.changed = threading.Condition()
        self.threads = [threading.Thread(target=self._post_jobs, daemon=True) for _ in range(POSTERS)]
        for thread in self.threads:
            thread.start()

    @staticmethod
    def kind(number):
        return KINDS[number % len(KINDS)]

    @staticmethod
    def nodes(number):
        return [f"roll-{number:03}-{letter}" for letter in "ab"]

    @classmethod
    def faults(cls):
        """One node can not be made at all, or not at its first try."""
        times = {"retried": 1, "refused": -1}
        return [{"verb": "create", "hostname": cls.nodes(number)[1], "mode": "fail", "times": times[cls.kind(number)]}
                for number in range(JOBS_MAX) if cls.kind(number) in times]

    def _post_jobs(self):
        try:
            while not self.stopping:
                number = next(self.numbers)
                assert number < JOBS_MAX, "more jobs than their faults were prepared for"
                job = self._post(number)
                state = self.test.end_of(job)[1]
                with self.changed:
                    self.ended[number] = (job, state)
                    self.changed.notify_all()
        except BaseException as trouble:  # noqa: BLE001 (it is the test's)
            with self.changed:
                self.troubles.append(trouble)
                self.changed.notify_all()

    def _post(self, number):
        nodes = self.nodes(number)
        return self.test.api.post_job("create-cluster", {"name": nodes[0], "nodes": nodes})

    def until_more(self, count):
        """So many more have ended."""
        with self.changed:
            wanted = len(self.ended) + count
            if not self.changed.wait_for(lambda: self.troubles or len(self.ended) >= wanted, EVENT_SECONDS):
                raise AssertionError(f"{len(self.ended)} jobs ended, {wanted} wanted, in {EVENT_SECONDS} s")
        self._check()

    def stop(self):
        self.end()
        self._check()

    def end(self):
        """Also after a failure: nobody posts to the next test's fleet, or to one that is going."""
        self.stopping = True
        for thread in self.threads:
            thread.join(EVENT_SECONDS)

    def _check(self):
        if self.troubles:
            raise self.troubles[0]


class RollingRestart(FleetTest):
    conductors = CONDUCTORS
    workers = WORKERS
    session_timeout_ms = 40_000  # who goes says so: nothing waits for the end of a session

    def test_every_daemon_goes_and_comes_again_under_load_and_nothing_is_done_twice(self):
        self.cloud.faults(*Load.faults())
        load = Load(self)
        self.addCleanup(load.end)
        load.until_more(AFTER)
        for name in (*WORKERS, *CONDUCTORS):
            self.assertEqual([], self.fleet.stop([name]), "it went when it was asked to")
            self.fleet.daemons[name].start()
            load.until_more(AFTER)
        load.stop()
        self.judge(load)
        print(f"{len(load.ended)} jobs", flush=True)

    def judge(self, load):
        wanted = {"good": "SUCCESS", "retried": "SUCCESS", "refused": "REVERTED"}
        for number, (job, state) in load.ended.items():
            self.assertEqual(wanted[load.kind(number)], state, job)
        left = [node for number in load.ended if load.kind(number) != "refused" for node in load.nodes(number)]
        self.assertEqual(sorted(left), self.cloud.servers())
        ledger = self.cloud.ledger()
        for verb in ("create", "delete", "configure"):
            times = collections.Counter(call["key"] for call in ledger if call["verb"] == verb)
            self.assertEqual([], [(key, count) for key, count in times.items() if count > 1], f"{verb} twice")
        tokens = collections.defaultdict(set)
        for call in ledger:
            if call["key"] and call["token"] and call["verb"] != "delete":
                tokens[call["key"]].add(call["token"])
        self.assertEqual([], [key for key, shown in tokens.items() if len(shown) > 1], "two deliveries of one attempt")
        configured = [call["hostname"] for call in ledger if call["verb"] == "configure"]
        self.assertEqual(sorted(load.nodes(number)[0] for number in load.ended if load.kind(number) != "refused"),
                         sorted(configured))


if __name__ == "__main__":
    unittest.main()
