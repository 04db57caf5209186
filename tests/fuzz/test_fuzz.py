"""The fuzzers see what is planted, and make it small.

    test_fuzz.py CONFORMANCE_RUNNER ENGINE_WALKS
"""
import copy
import os
import sys
import tempfile
import unittest
from pathlib import Path

import differential
import expectation
import shrink
import walks
from generator import flows_of

RUNNER, WALKS = sys.argv[1:3]


def wrong_about(atom, case):
    """A case whose expectation is wrong about that atom, where it executes at all."""
    judged = expectation.with_expectation(case, 5)
    if not judged or judged["expect"].get("atoms", {}).get(atom, {}).get("executions") is None:
        return None
    judged = copy.deepcopy(judged)
    judged["expect"]["atoms"][atom]["executions"] += 1
    return judged


class Fuzz(unittest.TestCase):
    def test_a_wrong_outcome_is_seen_and_made_small(self):
        case = differential.random_case(4)
        atom = next(node["name"] for flow, _ in flows_of(case["flow"]) for node in flow["nodes"] if "flow" not in node)
        failed, _ = differential.run(RUNNER, [wrong_about(atom, case)], "serial", 1)
        self.assertIn(f"{atom}.executions: expected", failed[case["id"]])

        def check(candidate):
            planted = wrong_about(atom, candidate)
            return planted if planted and differential.run(RUNNER, [planted], "serial", 1)[0] else None

        small = shrink.smaller(case, check)
        self.assertEqual(1, len([node for flow, _ in flows_of(small["flow"]) for node in flow["nodes"]
                                 if "flow" not in node]))

    def test_a_case_that_crashes_the_engine_is_seen(self):
        cases = [case for case in (differential.judged(seed, 10) for seed in range(6)) if case]
        os.environ["BATON_PLANT"] = f"crash:{cases[1]['id']}"
        try:
            failed, _ = differential.run(RUNNER, cases, "serial", 1)
        finally:
            del os.environ["BATON_PLANT"]
        self.assertEqual([cases[1]["id"]], list(failed))
        self.assertIn("assertion failed", failed[cases[1]["id"]])

    def test_a_right_outcome_passes(self):
        cases = [case for case in (differential.judged(seed, 10) for seed in range(20)) if case]
        self.assertGreater(len(cases), 5)
        self.assertEqual({}, differential.run(RUNNER, cases, "serial", 1)[0])

    def test_cases_cover_crashes_orders_retries_timeouts_and_priorities(self):
        cases = [differential.random_case(seed) for seed in range(150)]
        self.assertTrue(any("crash" in case for case in cases))
        self.assertTrue(any("suspend" in case for case in cases))
        self.assertEqual({True, False}, {case["cancel"]["keep"] for case in cases if "cancel" in case})
        parts = [part for case in cases for part, _ in flows_of(case["flow"])]
        self.assertLessEqual({"times", "for_each", "timeout", "user"}, {part["retry"]["policy"] for part in parts
                                                                        if part.get("retry")})
        self.assertLessEqual({"backoff", "retry_on"}, {key for part in parts for key in part.get("retry") or {}})
        self.assertLessEqual({"priority", "timeouts", "on_revert_failure"}, {key for part in parts
                                                                             for node in part["nodes"] for key in node})
        self.assertTrue(any("silent_first" in script for case in cases for script in case.get("script", {}).values()))
        flows = [walks.random_flow(seed) for seed in range(150)]
        members = {key for flow in flows for part, _ in flows_of(flow["flow"]) for key in part.get("retry", {})}
        self.assertLessEqual({"budget_ms", "user_policy", "on_exhausted", "backoff", "retry_on"}, members)

    def test_a_program_that_breaks_names_the_flow(self):
        broken, _ = walks.run(WALKS, [walks.random_flow(1), {"id": "planted", "flow": 7}], 2, 1)
        self.assertEqual({}, broken)  # refused, not broken
        with tempfile.TemporaryDirectory() as folder:
            crashes = Path(folder) / "crashes"
            crashes.write_text("#!/bin/sh\nwhile read -r line; do case $line in *planted*) echo walking planted; kill -ABRT $$;; esac\n"
                               "done < $5\necho the rest\n")
            crashes.chmod(0o755)
            flows = [walks.random_flow(1), {"id": "planted"}, walks.random_flow(2)]
            broken, last = walks.run(str(crashes), flows, 2, 1)
            self.assertEqual({"planted": "ASSERTION planted: ended by -6"}, broken)
            self.assertEqual("the rest", last)  # the flows behind it are walked, too
        program = "tests/fuzz/none"
        self.assertRaises(FileNotFoundError, walks.run, program, [walks.random_flow(1)], 2, 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
