#!/usr/bin/env python3
"""The planted faults still fit the sources, the README tells of each, and the tools say what is wrong."""

import tempfile
import unittest
from collections import Counter
from pathlib import Path

import catch
import report
from fault import ROOT, Fault, Misfit, plant, read, read_all

README = ROOT / "tests/simulation/README.md"
ONE = """# for people
fault one
It is wrong.
breaks: I3, H1
in a.cc
 int x;
-int y;
+int z;
"""
# PROTOCOL.md section 4, "Rules broken on purpose, each caught".
LISTED = {
    "no fence", "fence without row lock", "load before fence", "dispatch before commit", "board before final record",
    "outcome matched without intention and dispatch", "first answer of any delivery, with token",
    "first answer of any delivery, without token", "worker not in the RUNNING fact", "no token", "token (epoch, attempt)",
    "revert of nothing leaves no tombstone", "no re-send", "no duplicate memory", "lost commit reply = lost claim",
    "worker known by name", "worker known by name, without re-send", "timeout without closing and without token",
    "epoch back with ZooKeeper", "PG loses a commit, claims kept", "PG loses the final record, no sweep"}


def table(text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "some.faults"
        path.write_text(text)
        return read(path)


class TheFaults(unittest.TestCase):
    def test_each_fits_its_source(self):
        misfits = []
        for fault in read_all():
            for file in fault.files():
                try:
                    plant(fault, file, (ROOT / file).read_text())
                except (Misfit, OSError) as problem:
                    misfits.append(str(problem))
        self.assertEqual(misfits, [])

    def test_there_are_enough_of_them_with_all_that_the_protocol_lists(self):
        faults = read_all()
        self.assertGreaterEqual(sum(1 for fault in faults if fault.changes), 30)
        self.assertEqual({fault.listed for fault in faults if fault.listed}, LISTED)

    def test_the_readme_names_each(self):
        self.assertEqual(report.names_in(README), [fault.name for fault in read_all()],
                         "the table of planted faults is old: run make planted")


class ATable(unittest.TestCase):
    def test_whole_lines_are_exchanged(self):
        (fault,) = table(ONE)
        self.assertEqual((fault.name, fault.does, fault.breaks), ("one", "It is wrong.", "I3, H1"))
        self.assertEqual(plant(fault, "a.cc", "int x;\nint y;\n"), "int x;\nint z;\n")

    def test_text_that_is_not_there_once_is_told_with_its_place(self):
        (fault,) = table(ONE)
        for text, times in (("int x;\n", 0), ("int x;\nint y;\nint x;\nint y;\n", 2), ("  int x;\nint y;\n", 0)):
            with self.assertRaisesRegex(Misfit, f"some.faults:5: fault one: a.cc has these lines {times} times"):
                plant(fault, "a.cc", text)

    def test_what_is_written_wrongly_is_told(self):
        for text, told in (("in a.cc\n", "some.faults:1: this belongs to no fault"),
                           ("fault One\n", "is no name"),
                           (ONE.replace("breaks:", "brakes:"), "some.faults:4: 'brakes: I3, H1' is neither"),
                           (ONE.replace("breaks: I3, H1\n", ""), "must say what it does"),
                           (ONE.replace("int z", "int y"), "changes nothing"),
                           ("fault one\nIt is wrong.\nbreaks: I3\n", "must have changes, or 'waits for:'")):
            with self.assertRaisesRegex(Misfit, told):
                table(text)


class AHunt(unittest.TestCase):
    """Simulators that are shell scripts."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def hunt(self, variant, sound="exit 0"):
        for name, text in (("simulate_one", variant), ("simulate", sound)):
            (self.folder / name).write_text("#!/bin/sh\n" + text + "\n")
            (self.folder / name).chmod(0o755)
        tool = catch.Tool(self.folder, self.folder / "simulate", 20)
        return tool.hunt(Fault("one", "here"), 100)

    def test_seeds_are_counted_until_a_checker_speaks(self):
        hunt = self.hunt("echo 'seed 104 after 9 s'; echo '  P5 (fences): c1 wrote'; exit 1")
        self.assertEqual((hunt.seeds, hunt.found_by), (5, Counter({("P5", "fences"): 1})))

    def test_an_assertion_has_found_nothing_and_the_next_seed_is_tried(self):
        hunt = self.hunt("[ $2 -lt 105 ] && { echo 'simulate: in seed 104' >&2; exit 134; }; exit 0")
        self.assertEqual((hunt.seeds, hunt.asserted), (None, 1))

    def test_a_seed_that_fails_without_the_fault_has_found_nothing(self):
        variant = "[ $2 -gt 104 ] && exit 0; echo 'seed 104 after 9 s'; echo '  P5 (fences): c1 wrote'; exit 1"
        self.assertIsNone(self.hunt(variant, sound="exit 1").seeds)

    def test_a_checker_is_needed_where_it_alone_has_spoken_each_time(self):
        def found(*finders):
            return catch.Hunt(seeds=1, found_by=Counter(finders))

        fences, bounds = ("P5", "fences"), ("P7", "bounds")
        hunts = {"a": [found(fences), found(fences)], "b": [found(fences, bounds), found(bounds)]}
        self.assertEqual(catch.needed(hunts), {"fences": ["a"]})


if __name__ == "__main__":
    unittest.main()
