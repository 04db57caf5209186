"""What grows is told from what is flat: samples with a leak planted into them, and the same without."""

import unittest

import slopes

COUNT = 80


def samples(**change):
    """Of a run in which everything is flat and each job costs the same, but for what `change` says of a sample's number."""
    def values(number):
        steady = {"memory MiB: worker-1": 40 + number % 3, "files open: worker-1": 30 + number % 4, "zookeeper: watches": 20,
                  "kafka: partitions leased": 5, "postgres: connections": 12, "disk MiB: proofs": 0.1,
                  "disk MiB: history_20261123": 1 + number * 0.5, "disk MiB: write-ahead log": 16 * number}
        return {**steady, **{name: grows(number) for name, grows in change.items()}}
    return [(10 * number, values(number)) for number in range(COUNT)]


def growing(**change):
    return [slope.name for slope in slopes.judge(samples(**change)) if not slope.flat]


class Slopes(unittest.TestCase):
    def test_what_is_flat_is_flat_and_a_table_that_keeps_every_job_may_grow_with_them(self):
        self.assertEqual([], growing())

    def test_what_grows_while_it_warms_up_and_not_after_is_flat(self):
        self.assertEqual([], growing(**{"memory MiB: worker-1": lambda number: min(number, 15) * 3}))

    def test_a_leak_of_each_kind_is_found(self):
        for name, grows in (("memory MiB: worker-1", lambda number: 40 + number / 4),
                            ("files open: worker-1", lambda number: 30 + number / 4),
                            ("zookeeper: watches", lambda number: 20 + number / 4),
                            ("kafka: partitions leased", lambda number: 5 + number // 40),
                            ("postgres: connections", lambda number: 12 + number / 4),
                            ("disk MiB: proofs", lambda number: number / 10),
                            ("disk MiB: history_20261123", lambda number: 1 + number * number / 40)):
            with self.subTest(name):
                self.assertEqual([name], growing(**{name: grows}))


if __name__ == "__main__":
    unittest.main()
