#!/usr/bin/env python3
"""Source of cases/more.jsonl: for every rule of semantics.md variations that rules.jsonl does not have.

    more.py --tools CONFORMANCE/tools [--out FILE] [WORD...]

Needs the real TaskFlow (`pip install taskflow==6.5.0`) and the recording tools beside semantics.md. Each case is run by
oracle.py under six schedules and judged by spec.py under some hundred; a case that is not the same in all of them says
nothing and is left out, with a word on stderr. WORDs: only cases whose title has one of them.

Of the stories that are cut at every POINT every fourth cut is kept; --all keeps all.
"""
import argparse
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
SCHEDULES = 150
KEPT_POINTS = 4  # of so many one


class Cases:
    """Calling it adds a case: a title that begins with the number of its rule, a flow, other members as FORMAT.md says.
    `unjudged`: spec.py cannot run it (it looks for crashes in the first of several runs only, goes over lists only)."""

    def __init__(self, oracle, words, points_kept):
        self.oracle, self.words, self.points_kept = oracle, words, points_kept
        self.all, self.unjudged = {}, set()

    def __call__(self, title, flow, unjudged=False, **members):
        name = stem = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
        while name in self.all:
            name = "%s-%d" % (stem, 2 + sum(other.startswith(stem + "-") for other in self.all))
        if not self.words or any(word in title for word in self.words):
            self.all[name] = {"id": name, "title": title, "flow": flow, **members}
            if unjudged:
                self.unjudged.add(name)

    def points(self, story):
        """Entries of an atom into another state, in the life of one engine."""
        done = self.oracle.run_case({"id": "story", **story}, "serial", 1)
        points = [{"atom": atom, "state": new, "nth": nth} for atom, _, new, nth in done["_ctx"].events]
        return points[len(points) % self.points_kept::self.points_kept]


def recorded(oracle, spec, case, judged):
    """The case with its expectation, or why it has none."""
    outs, stable = oracle.observe(case, 4)
    if not stable:
        return None, "TaskFlow itself differs from schedule to schedule"
    if not ("crash" in case and "suspend" in case):  # it could not tell the one's point from the other's
        oracle.fill_points(case, outs)
    case["tags"] = oracle.tag(case, outs[0])
    case["expect"] = oracle.merge_expect(outs)
    found = spec.search(case, SCHEDULES) if judged else None
    return (None, "by semantics.md it depends on the schedule: %s" % found[2][:2]) if found else (case, None)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--tools", required=True)
    options.add_argument("--out", default=HERE.parent / "cases/more.jsonl")
    options.add_argument("--all", action="store_true")
    options.add_argument("words", nargs="*")
    given = options.parse_args()
    sys.path[:0] = [str(HERE), given.tools]
    import deciders
    import failures
    import lives
    import oracle
    import spec
    import structure

    cases = Cases(oracle, given.words, 1 if given.all else KEPT_POINTS)
    for part in (structure, failures, deciders, lives):
        part.cases(cases)
    kept = []
    for name, case in cases.all.items():
        done, word = recorded(oracle, spec, case, name not in cases.unjudged)
        if done:
            kept.append(oracle.dump(done))
        else:
            print("%s: %s" % (name, word), file=sys.stderr, flush=True)
    Path(given.out).write_text("\n".join(kept) + "\n")
    print("%d of %d cases recorded" % (len(kept), len(cases.all)))


if __name__ == "__main__":
    main()
