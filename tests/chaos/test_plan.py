"""A seed is a schedule and a load: the same one each time, every kind of fault early, and dependents that know their providers."""

import itertools
import unittest

import faults
import jobs
import plan


def some(seed, count=200):
    return list(itertools.islice(plan.steps(seed), count))


class Plan(unittest.TestCase):
    def test_the_same_seed_is_the_same_schedule_and_another_is_another(self):
        self.assertEqual(some(7), some(7))
        self.assertNotEqual(some(7), some(8))

    def test_every_kind_comes_in_the_first_round_within_two_minutes(self):
        for seed in range(20):
            first = some(seed, plan.first_round(seed))
            self.assertEqual(set(plan.KINDS), {fault.kind for step in first for fault in step.faults})
            self.assertLess(sum(step.quiet + step.hold for step in first), 120)

    def test_every_kind_and_target_comes_again_later(self):
        seen = {(fault.kind, fault.target) for step in some(1, 5000) for fault in step.faults}
        self.assertEqual({(kind, target) for kind in plan.KINDS for target in kind.targets}, seen)

    def test_at_once_are_faults_of_different_groups_those_of_servers_last(self):
        for step in some(3):
            groups = [fault.kind.group for fault in step.faults]
            self.assertEqual(sorted(set(groups)), groups)
            self.assertTrue(len(groups) == 1 or not any(fault.kind.alone for fault in step.faults))

    def test_every_kind_is_done_by_somebody(self):
        self.assertEqual({kind.name for kind in plan.KINDS}, set(faults.DOERS))


class Jobs(unittest.TestCase):
    def test_the_same_seed_and_number_is_the_same_job(self):
        self.assertEqual([jobs.job(5, number) for number in range(50)], [jobs.job(5, number) for number in range(50)])
        self.assertEqual(300, len({jobs.job(seed, number).uuid for seed in (1, 2, 3) for number in range(100)}))

    def test_all_sorts_come(self):
        made = [jobs.job(1, number) for number in range(300)]
        self.assertEqual({"create-cluster", "linear", "unordered", "graph"},
                         {job.body["flow"] if isinstance(job.body["flow"], str) else job.body["flow"]["pattern"] for job in made})
        self.assertEqual({"", *jobs.ORDERS}, {job.order for job in made})
        self.assertEqual({True, False}, {job.must_fail for job in made})

    def test_what_comes_before_is_known_through_and_through(self):
        chain = next(job for number in range(300) if (job := jobs.job(1, number)).body["flow"] != "create-cluster"
                     and job.body["flow"]["pattern"] == "linear" and len(job.before) == 4)
        self.assertEqual({"make-0", "make-1", "make-2"}, chain.before["make-3"])
        self.assertEqual({"make-1", "make-2", "make-3"}, chain.behind["make-0"])
        cluster = next(job for number in range(300) if (job := jobs.job(1, number)).body["flow"] == "create-cluster")
        self.assertEqual(set(cluster.before) - {"configure"}, cluster.before["configure"])


if __name__ == "__main__":
    unittest.main()
