"""Were the promises (docs/guarantees.md) kept? Each check looks at one job's story and says what was broken."""

from collections import Counter

from evidence import FINAL

CLEARED = ("PENDING", "REVERTED", "IGNORE", "")
OUTCOMES = ("SUCCESS", "FAILURE")
CANCEL = 2  # kinds of orders, common/model/order.h
CRASHES = ("baton: assertion failed", "terminate called ", "Sanitizer: ", ": runtime error: ")
NOT_HERE = "stale"  # the outcome of a call that the cloud refused for its token


# What a fault may leave behind: a job that was left alone waits a minute for its next try, a worker's silence is believed
# after half a minute.
AFTERMATH_SECONDS = 90


def crashes(log_lines):
    """Those that a bug of Baton's leaves; whoever is told to go may die of one unseen."""
    return [line for line in log_lines if any(words in line for words in CRASHES)]


def drain_seconds_most(backlog, pace):
    """In quiet a backlog goes no slower than jobs ended amid the faults (`pace`, a second), on the same machine: whatever it is
    busy with, what hangs is seen."""
    return AFTERMATH_SECONDS + (backlog / pace if pace > 0 else 0)


def judge(story):
    """(promise, what was broken), in words."""
    who = f"job {story.job.number} ({story.job.uuid})"
    for promise, check in CHECKS:
        for what in check(story):
            yield promise, f"{who}: {what}"


def needless(story):
    """It could have been made, and was not: only the cloud's faults excuse that, and each of so many jobs at most."""
    return not story.job.must_fail and story.state in ("REVERTED", "FAILURE")


def one_end_for_each_run(story):
    """P1: in exactly one final state, the one that is shown."""
    if not story.state:
        yield "is lost: the database does not know it"
        return
    if story.state not in FINAL:
        yield f"never ended: it is {story.state}"
    for run in range(1, story.run + 1):
        ends = [row.state for row in story.rows if row.run == run and not row.atom and row.state in FINAL]
        if len(ends) != 1 and (run < story.run or story.state in FINAL):
            yield f"run {run} has {len(ends)} final states: {', '.join(ends)}"
        if run == story.run and ends and ends[-1] != story.state:
            yield f"ended {ends[-1]} and is shown as {story.state}"
    if story.state in FINAL and not story.off_board:
        yield "has ended, and its node was not removed"


def the_end_has_a_reason(story):
    """P1: what can not be made does not succeed; what does not succeed has a failure on record, or was cancelled."""
    if story.job.must_fail and story.state == "SUCCESS":
        yield "succeeded, though one of its tasks always fails"
    failed = any(row.atom and row.state in ("FAILURE", "REVERT_FAILURE") for row in story.rows)
    if story.state in ("REVERTED", "FAILURE") and not failed:
        yield f"ended {story.state}, and none of its atoms failed"
    cancelled = {run for kind, run, _, effect in story.orders if kind == CANCEL and effect}
    if story.state == "CANCELLED" and not cancelled:
        yield "ended CANCELLED, and nobody had cancelled it"
    if story.run in cancelled and story.state in ("SUCCESS", "REVERTED"):
        yield f"ended {story.state} though it was cancelled"


def orders_are_taken(story):
    """P1, of what people ask."""
    for kind in story.lost_orders:
        yield f"an order to {kind} was acknowledged and is not on record"
    for kind, _, taken, _ in story.orders:
        if not taken:
            yield f"an order of kind {kind} is still open"
    if "rerun" in story.acknowledged and story.run < 2:
        yield "was to be run again, and was not"


class _Atoms:
    """What each atom was when a row of the history was written."""

    def __init__(self, story):
        self.names = list(story.atoms)
        self.states = dict.fromkeys(self.names, "PENDING")

    def see(self, row):
        if row.range:
            first, count = row.range
            self.states.update(dict.fromkeys(self.names[first:first + count], "PENDING"))
        elif row.atom:
            self.states[row.atom] = row.state


def recorded_once(story):
    """P2: one outcome and one revert an attempt; numbers never fall."""
    outcomes, reverts, highest = Counter(), Counter(), {}
    atoms = _Atoms(story)
    for row in story.rows:
        if row.atom in story.job.before:
            was = atoms.states[row.atom]
            outcomes[row.atom, row.attempt] += row.state in OUTCOMES
            reverts[row.atom, row.attempt] += row.state == "REVERTED"
            before = highest.get(row.atom, (0, 0))
            if row.state == "RUNNING" and was != "RUNNING" and row.attempt <= before[0]:
                yield f"{row.atom} runs under attempt {row.attempt}, which it had before"
            if row.dispatch < before[1]:
                yield f"{row.atom} got dispatch {row.dispatch} behind {before[1]}"
            highest[row.atom] = (max(before[0], row.attempt), max(before[1], row.dispatch))
        atoms.see(row)
    for (atom, attempt), times in outcomes.items():
        if times > 1:
            yield f"{atom} has {times} outcomes in attempt {attempt}"
    for (atom, attempt), times in reverts.items():
        if times > 1:
            yield f"{atom} is recorded as reverted {times} times in attempt {attempt}"


def nothing_runs_unrecorded(story):
    """P2: what a worker did, it did for a delivery that is on record, and once."""
    recorded = {(row.atom, row.dispatch) for row in story.rows if row.state in ("RUNNING", "REVERTING")}
    for (verb, atom, dispatch), times in Counter((call.verb, call.atom, call.dispatch) for call in story.calls).items():
        if (atom, dispatch) not in recorded:
            yield f"{verb} of {atom} was called for delivery {dispatch}, which is not on record"
        if times > 1:
            yield f"{verb} of {atom} was called {times} times for delivery {dispatch}"


def made_once(story):
    """P2: no attempt makes two servers."""
    made = Counter((call.atom, call.attempt) for call in story.calls if call.outcome == "created")
    for (atom, attempt), times in made.items():
        if times > 1:
            yield f"{atom} made {times} servers in attempt {attempt}"


def in_order(story):
    """P3 and P4, by the history: nothing starts before what it needs, nothing is undone before what needs it."""
    atoms = _Atoms(story)
    for row in story.rows:
        if row.atom in story.job.before and row.state != atoms.states[row.atom]:
            if row.state == "RUNNING":
                for each in sorted(story.job.before[row.atom]):
                    if atoms.states[each] not in ("SUCCESS", "IGNORE"):
                        yield f"{row.atom} runs though {each} before it is {atoms.states[each]}"
            if row.state == "REVERTING":
                for each in sorted(story.job.behind[row.atom]):
                    if atoms.states[each] not in CLEARED:
                        yield f"{row.atom} is reverted though {each} behind it is {atoms.states[each]}"
        atoms.see(row)


def in_order_at_the_cloud(story):
    """The same by what the cloud saw: a server is made, a cluster configured, while all that it needs stands, and goes when
    nothing that needs it is left."""
    standing = {}
    for call in story.calls:
        if call.outcome in ("created", "configured"):
            for each in sorted(story.job.before[call.atom] & story.job.makes):
                if each not in standing:
                    yield f"{call.verb} of {call.atom} was done while {each} before it was not there"
        if call.outcome == "created":
            if call.atom in standing:
                yield f"attempt {call.attempt} of {call.atom} was made beside attempt {standing[call.atom]}"
            standing[call.atom] = call.attempt
        if call.outcome == "deleted":
            for each in sorted(story.job.behind[call.atom]):
                if each in standing:
                    yield f"{call.atom} was deleted while {each} behind it was there"
            standing.pop(call.atom, None)


def nothing_is_left(story):
    """P4: what is there is what the final states say; each execution that is not there any more has its revert on record."""
    wanted = {(name, attempt) for name, (state, attempt) in story.atoms.items()
              if state == "SUCCESS" and name in story.job.makes}
    unsure = {name for name, (state, _) in story.atoms.items() if state == "REVERT_FAILURE"}
    for atom, attempt in sorted(story.standing - wanted):
        if atom not in unsure:
            yield f"attempt {attempt} of {atom} has left a server"
    for atom, attempt in sorted(wanted - story.standing):
        yield f"{atom} is SUCCESS, and its server is not there"
    for name, (state, _) in story.atoms.items():
        if name in story.job.before and story.state in ("REVERTED", "CANCELLED") and state not in CLEARED:
            yield f"{name} is {state} in a job that is {story.state}"
        if name in story.job.before and story.state == "SUCCESS" and state not in ("SUCCESS", "IGNORE"):
            yield f"{name} is {state} in a job that is SUCCESS"
    reverted = {(row.atom, row.attempt) for row in story.rows if row.state == "REVERTED"}
    executed = {(call.atom, call.attempt) for call in story.calls if call.verb == "create" and call.outcome != NOT_HERE}
    for atom, attempt in sorted(executed - reverted):
        state, last = story.atoms[atom]
        if state in CLEARED or attempt != last:
            yield f"attempt {attempt} of {atom} was executed, is gone, and no revert of it is recorded"


def fenced(story):
    """P5: nothing older acts after something newer."""
    highest = {}
    for call in story.calls:
        if call.outcome != NOT_HERE:
            if call.dispatch < highest.get(call.atom, 0):
                yield f"delivery {call.dispatch} of {call.atom} acted after delivery {highest[call.atom]}"
            highest[call.atom] = max(call.dispatch, highest.get(call.atom, 0))


CHECKS = (("P1", one_end_for_each_run), ("P1", the_end_has_a_reason), ("P1", orders_are_taken), ("P2", recorded_once),
          ("P2", nothing_runs_unrecorded), ("P2", made_once), ("P3", in_order), ("P4", in_order_at_the_cloud),
          ("P4", nothing_is_left), ("P5", fenced))
