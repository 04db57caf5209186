"""What make load judges by: each figure tells a load that went well from one that did not."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "bench"))

from load_rows import SUCCESS, Job, Rows  # noqa: E402

LOW, HIGH, VERY_HIGH = 1, 3, 4


def job(number, claimed, priority=LOW, **other):
    """Started at once, ended a second later."""
    given = {"name": f"load-{number}", "priority": priority, "state": SUCCESS, "posted": 0.0, "claimed": claimed,
             "claimed_by": f"conductor-{number % 2 + 1}", "started": claimed, "ended": claimed + 1, **other}
    return Job(**given)


def flat(count=100):
    """One a second, the high ones first."""
    return [job(number, float(number), HIGH if number < count / 2 else LOW) for number in range(count)]


class LoadRows(unittest.TestCase):
    def test_an_even_pace_is_flat_and_a_pace_that_falls_is_not(self):
        even = Rows(flat()).rates()
        self.assertEqual(10, len(even))
        self.assertLess(max(even) / min(even), 1.2)
        slow = [job(number, number ** 2 / 100) for number in range(100)]
        rates = Rows(slow).rates()
        self.assertGreater(rates[0], 5 * rates[-1])

    def test_jobs_that_a_lower_priority_overtakes_are_counted(self):
        self.assertEqual(0, Rows(flat()).overtaken(1))
        other_way = [job(number, float(number), LOW if number < 50 else HIGH) for number in range(100)]
        self.assertAlmostEqual(0.5, Rows(other_way).overtaken(1), delta=0.02)

    def test_what_is_claimed_at_about_the_same_time_is_not_overtaken(self):
        mixed = [job(number, float(number), HIGH if number % 2 else LOW) for number in range(10)]
        self.assertEqual(0, Rows(mixed).overtaken(10))
        self.assertGreater(Rows(mixed).overtaken(2), 0)

    def test_one_that_younger_ones_pass_has_lost_as_many_places(self):
        in_order = [job(number, float(number), posted=number / 10) for number in range(100)]
        self.assertEqual(0, Rows(in_order).passed_by_younger())
        starved = job(200, 500.0, posted=1.95)
        self.assertAlmostEqual(0.8, Rows([*in_order, starved]).passed_by_younger(), delta=0.02)
        other = job(200, 500.0, HIGH, posted=1.95)
        self.assertEqual(0, Rows([*in_order, other]).passed_by_younger())

    def test_the_longest_wait_is_that_of_one_that_starves(self):
        self.assertEqual(0, Rows(flat()).longest_wait())
        self.assertEqual(500, Rows([*flat(), job(100, 10.0, started=510.0, ended=511.0)]).longest_wait())

    def test_urgent_jobs_that_come_late_are_before_all_that_waits(self):
        def late(claimed):
            return [job(200 + n, claimed, VERY_HIGH, name=f"late-{n}", posted=50.5) for n in range(3)]
        self.assertAlmostEqual(0, Rows([*flat(), *late(50.6)]).before_late())
        self.assertGreater(Rows([*flat(), *late(90.0)]).before_late(), 0.7)

    def test_who_failed_and_who_claimed_is_counted(self):
        rows = Rows([*flat(), job(100, 100.0, state=3)])
        self.assertEqual((100, 51), (rows.succeeded(), rows.claimed_by("conductor-1")))


if __name__ == "__main__":
    unittest.main()
