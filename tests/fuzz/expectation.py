"""What semantics.md expects of a case: spec.py under many random schedules. A case whose outcome depends on the
schedule expects nothing and is not used."""
import copy

import beyond
from generator import flows_of

SOFT = ("asked", "history", "last_revert")  # compared where all schedules agree
HARD = ("state", "executions", "reverts", "result", "failure", "revert_failure")


class Logged(beyond.Run):
    """Notes each entry of an atom into another state, for points to crash or suspend at."""

    def __init__(self, *given):
        super().__init__(*given)
        self.log = []

    def state(self, a, s):
        if self.db[a.name]["state"] != s:
            self.log.append({"atom": a.name, "state": s, "nth": self.seen.get((a.name, s), 0) + 1})
        super().state(a, s)


def events(case):
    """Entries into states of one life; the points where a case may be cut."""
    run = Logged(copy.deepcopy(case), 1, "batch")
    run.run()
    return [entry for entry in run.log if entry["state"] != "IGNORE"]  # a half-done ignore is not resumed


def expected(case, schedules):
    """The case's `expect`, or None where schedules differ."""
    outs = []
    modes = ["batch"] * 3 + ["async"] * schedules
    for seed, mode in enumerate(modes):
        outs.append(beyond.Run(copy.deepcopy(case), seed, mode).run())
        if not same(outs[0], outs[-1]):
            return None
    first = outs[0]
    if "error" in first:
        return first
    atoms = {name: merged(atom, [out["atoms"][name] for out in outs]) for name, atom in first["atoms"].items()}
    expect = {"flow_state": first["flow_state"], "run_states": first["run_states"], "atoms": atoms}
    if "suspended" in first:
        expect["suspended"] = first["suspended"]
    return expect


def same(a, b):
    if "error" in a or "error" in b:
        return a == b
    if (a["run_states"], a.get("suspended")) != (b["run_states"], b.get("suspended")):
        return False
    return all(atom.get(key) == b["atoms"][name].get(key) for name, atom in a["atoms"].items() for key in HARD)


def merged(atom, all_of_it):
    atom = dict(atom)
    if any(other["intention"] != atom["intention"] for other in all_of_it):
        atom["intention"] = "*"
    for key in SOFT:
        if any(other.get(key) != atom.get(key) for other in all_of_it):
            atom.pop(key, None)
    return atom


def tags(case, expect):
    """Those that the runner knows: where Baton does better on purpose (conformance/README.md)."""
    if "error" in expect:
        return []
    states = [atom["state"] for atom in expect["atoms"].values()]
    found = []
    if expect["flow_state"] == "REVERTED" and "REVERT_FAILURE" in states:
        found.append("quirk:reverted-despite-revert-failure")
    if expect["flow_state"] == "REVERTED" and "FAILURE" in states:
        found.append("quirk:reverted-despite-failure")
    if "RUNNING" in states or "REVERTING" in states:
        found.append("quirk:left-running")
    unresolved = expect["flow_state"] == "FAILURE" or "FAILURE" in expect["run_states"]
    if unresolved and "REVERT_FAILURE" not in states and not case.get("options", {}).get("never_resolve"):
        found.append("quirk:engine-error-no-revert")
    return found


def with_expectation(case, schedules):
    """The case with what is expected of it, or None."""
    expect = expected(case, schedules)
    if expect is None:
        return None
    return dict(case, expect=expect, tags=tags(case, expect))


def atoms_of(case):
    return sum(1 + len([n for n in flow.get("nodes", []) if "flow" not in n]) for flow, _ in flows_of(case["flow"]))
