"""The judge speaks when a promise was broken: evidence with a fault planted into it, and the same without."""

import copy
import unittest

from evidence import Call, Row, Story, strangers
from jobs import Job
from judge import CANCEL, crashes, drain_seconds_most, judge, needless

FIRST, SECOND = "make-0", "make-1"


def job(must_fail=False):
    return Job(7, "u-7", {}, {FIRST: set(), SECOND: {FIRST}}, frozenset((FIRST, SECOND)), must_fail)


def made(atom, attempt, dispatch):
    return Call("create", atom, attempt, dispatch, "created")


def deleted(atom, attempt, dispatch, outcome="deleted"):
    return Call("delete", atom, attempt, dispatch, outcome)


def good():
    """Two servers, one after the other."""
    return Story(job(), "SUCCESS", 1, True, {FIRST: ("SUCCESS", 1), SECOND: ("SUCCESS", 1)},
                 [Row(1, state="RUNNING"), Row(1, FIRST, "RUNNING", 1, 10), Row(1, FIRST, "SUCCESS", 1, 10),
                  Row(1, SECOND, "RUNNING", 1, 10), Row(1, SECOND, "SUCCESS", 1, 10), Row(1, state="SUCCESS")],
                 [made(FIRST, 1, 10), made(SECOND, 1, 10)], {(FIRST, 1), (SECOND, 1)})


def undone():
    """The second can not be made: both are reverted, last first."""
    return Story(job(must_fail=True), "REVERTED", 1, True, {FIRST: ("REVERTED", 1), SECOND: ("REVERTED", 1)},
                 [Row(1, FIRST, "RUNNING", 1, 10), Row(1, FIRST, "SUCCESS", 1, 10), Row(1, SECOND, "RUNNING", 1, 10),
                  Row(1, SECOND, "FAILURE", 1, 10), Row(1, SECOND, "REVERTING", 1, 11), Row(1, SECOND, "REVERTED", 1, 11),
                  Row(1, FIRST, "REVERTING", 1, 11), Row(1, FIRST, "REVERTED", 1, 11), Row(1, state="REVERTED")],
                 [made(FIRST, 1, 10), Call("create", SECOND, 1, 10, "failed"), deleted(SECOND, 1, 11, "nothing"),
                  deleted(FIRST, 1, 11)])


def retried():
    """Undone, tried again, and good: another attempt, other numbers; a worker was lost on the way."""
    story = undone()
    story.job.must_fail, story.state = False, "SUCCESS"
    story.atoms = {FIRST: ("SUCCESS", 2), SECOND: ("SUCCESS", 2)}
    story.rows[-1:] = [Row(1, range=(0, 2)), Row(1, FIRST, "RUNNING", 2, 12), Row(1, FIRST, "RUNNING", 2, 13),
                       Row(1, FIRST, "SUCCESS", 2, 13), Row(1, SECOND, "RUNNING", 2, 12), Row(1, SECOND, "SUCCESS", 2, 12),
                       Row(1, state="SUCCESS")]
    story.calls += [made(FIRST, 2, 12), Call("create", FIRST, 2, 13, "repeated"), made(SECOND, 2, 12)]
    story.standing = {(FIRST, 2), (SECOND, 2)}
    return story


class Judge(unittest.TestCase):
    def assert_kept(self, story):
        self.assertEqual([], list(judge(story)))

    def assert_broken(self, story, promise, words):
        found = list(judge(story))
        self.assertTrue(any(which == promise and words in what for which, what in found), found)

    def test_good_stories_are_good(self):
        for story in (good(), undone(), retried()):
            self.assert_kept(story)

    def test_the_stories_are_not_changed_by_judging(self):
        story = retried()
        before = copy.deepcopy(story)
        list(judge(story))
        self.assertEqual(before, story)

    # ---- P1

    def test_a_job_that_never_ended(self):
        story = good()
        story.state, story.off_board = "RUNNING", False
        story.rows.pop()
        self.assert_broken(story, "P1", "never ended: it is RUNNING")

    def test_a_job_that_is_lost(self):
        self.assert_broken(Story(job()), "P1", "is lost")

    def test_two_ends_of_one_run(self):
        story = good()
        story.rows.append(Row(1, state="REVERTED"))
        self.assert_broken(story, "P1", "run 1 has 2 final states: SUCCESS, REVERTED")

    def test_an_end_that_is_shown_and_not_recorded(self):
        story = good()
        story.rows.pop()
        self.assert_broken(story, "P1", "run 1 has 0 final states")

    def test_another_end_is_shown_than_recorded(self):
        story = good()
        story.state = "FAILURE"
        self.assert_broken(story, "P1", "ended SUCCESS and is shown as FAILURE")

    def test_a_node_that_stays_on_the_board(self):
        story = good()
        story.off_board = False
        self.assert_broken(story, "P1", "its node was not removed")

    def test_a_job_that_can_not_succeed_does(self):
        story = good()
        story.job.must_fail = True
        self.assert_broken(story, "P1", "one of its tasks always fails")

    def test_a_job_is_undone_for_no_reason(self):
        story = undone()
        story.rows = [row for row in story.rows if row.state != "FAILURE"]
        self.assert_broken(story, "P1", "none of its atoms failed")

    def test_a_cancel_that_is_passed_over_and_one_that_nobody_asked(self):
        story = good()
        story.orders = [(CANCEL, 1, True, True)]
        self.assert_broken(story, "P1", "though it was cancelled")
        story = undone()
        story.state = story.rows[-1].state = "CANCELLED"
        self.assert_broken(story, "P1", "nobody had cancelled it")
        story.orders = [(CANCEL, 1, True, True)]
        self.assert_kept(story)

    def test_orders_that_are_lost_left_open_or_not_carried_out(self):
        story = good()
        story.lost_orders = ["suspend"]
        self.assert_broken(story, "P1", "an order to suspend was acknowledged and is not on record")
        story = good()
        story.orders = [(0, 1, False, True)]
        self.assert_broken(story, "P1", "still open")
        story = good()
        story.acknowledged = ["rerun"]
        self.assert_broken(story, "P1", "was to be run again")

    def test_only_what_could_have_been_made_fails_needlessly(self):
        self.assertFalse(needless(good()))
        self.assertFalse(needless(undone()))
        story = undone()
        story.job.must_fail = False
        self.assertTrue(needless(story))
        story.state = "CANCELLED"
        self.assertFalse(needless(story))

    # ---- P2

    def test_what_is_done_in_the_name_of_no_job(self):
        def call(token, verb="create"):
            return {"verb": verb, "hostname": "h", "token": token}
        ours, server = call("f-1/make-0/10"), {"key": "f-1/make-0/1/1"}
        self.assertEqual([], list(strangers([ours, call("", "get")], [server], {"f-1"})))
        self.assertEqual(["create of 'h' with the token ''", "delete of 'h' with the token 'f-2/make-0/10'"],
                         list(strangers([ours, call(""), call("f-2/make-0/10", "delete")], [server], {"f-1"})))
        self.assertEqual(["a server with the key ''", "a server with the key 'f-2/make-0/1/1'"],
                         list(strangers([], [server, {"key": ""}, {"key": "f-2/make-0/1/1"}], {"f-1"})))

    def test_two_outcomes_of_one_attempt(self):
        story = good()
        story.rows.insert(3, Row(1, FIRST, "SUCCESS", 1, 10))
        self.assert_broken(story, "P2", "make-0 has 2 outcomes in attempt 1")

    def test_numbers_that_come_back(self):
        story = retried()
        for row in story.rows[-6:-3]:
            row.attempt = 1
        self.assert_broken(story, "P2", "make-0 runs under attempt 1, which it had before")
        story = retried()
        story.rows[-6].dispatch = 3
        self.assert_broken(story, "P2", "make-0 got dispatch 3 behind 11")

    def test_a_delivery_that_is_not_on_record(self):
        story = good()
        story.calls.append(Call("create", FIRST, 1, 12, "repeated"))
        self.assert_broken(story, "P2", "create of make-0 was called for delivery 12, which is not on record")

    def test_a_delivery_that_ran_twice_though_the_cloud_hides_it(self):
        story = good()
        story.calls.insert(1, Call("create", FIRST, 1, 10, "repeated"))
        self.assert_broken(story, "P2", "create of make-0 was called 2 times for delivery 10")

    def test_a_doubled_create(self):
        story = retried()
        story.calls[-2].outcome = "created"
        self.assert_broken(story, "P2", "make-0 made 2 servers in attempt 2")

    # ---- P3 and P4

    def test_a_dependent_before_its_provider(self):
        story = good()
        story.rows[1:5] = [story.rows[3], story.rows[1], story.rows[2], story.rows[4]]
        self.assert_broken(story, "P3", "make-1 runs though make-0 before it is PENDING")
        story = good()
        story.calls.reverse()
        self.assert_broken(story, "P4", "create of make-1 was done while make-0 before it was not there")

    def test_reverts_out_of_order(self):
        story = undone()
        story.rows[4:8] = [*story.rows[6:8], *story.rows[4:6]]
        self.assert_broken(story, "P3", "make-0 is reverted though make-1 behind it is FAILURE")
        story = undone()
        story.calls[1].outcome, story.calls[2].outcome = "created", "deleted"
        self.assert_kept(story)
        story.calls[2:] = reversed(story.calls[2:])
        self.assert_broken(story, "P4", "make-0 was deleted while make-1 behind it was there")

    def test_a_missing_revert(self):
        story = undone()
        story.rows = [row for row in story.rows if (row.atom, row.state) not in ((FIRST, "REVERTING"), (FIRST, "REVERTED"))]
        story.calls.pop()
        self.assert_broken(story, "P4", "attempt 1 of make-0 was executed, is gone, and no revert of it is recorded")

    def test_a_revert_that_is_recorded_twice(self):
        story = undone()
        story.rows.insert(-1, Row(1, FIRST, "REVERTED", 1, 11))
        self.assert_broken(story, "P2", "make-0 is recorded as reverted 2 times")

    def test_what_is_left_outside(self):
        story = undone()
        story.standing = {(FIRST, 1)}
        self.assert_broken(story, "P4", "attempt 1 of make-0 has left a server")
        story = retried()
        story.standing.add((SECOND, 1))
        self.assert_broken(story, "P4", "attempt 1 of make-1 has left a server")

    def test_what_is_missing_outside(self):
        story = good()
        story.standing.remove((SECOND, 1))
        self.assert_broken(story, "P4", "make-1 is SUCCESS, and its server is not there")

    def test_an_atom_that_does_not_fit_its_jobs_end(self):
        story = undone()
        story.atoms[FIRST] = ("SUCCESS", 1)
        self.assert_broken(story, "P4", "make-0 is SUCCESS in a job that is REVERTED")
        story = good()
        story.atoms[SECOND] = ("PENDING", 0)
        self.assert_broken(story, "P4", "make-1 is PENDING in a job that is SUCCESS")

    def test_two_attempts_that_stand_at_once(self):
        story = retried()
        del story.calls[3]
        self.assert_broken(story, "P4", "attempt 2 of make-0 was made beside attempt 1")

    # ---- the drain

    def test_a_backlog_may_take_what_it_took_amid_the_faults_and_a_minute_and_a_half(self):
        self.assertEqual(90 + 150 / 2.5, drain_seconds_most(150, 2.5))
        self.assertEqual(90, drain_seconds_most(0, 2.5))
        self.assertEqual(90, drain_seconds_most(10, 0))

    # ---- P5

    def test_a_daemon_that_crashed(self):
        died = "baton: assertion failed: !options_.dry_run"
        thrown = "terminate called after throwing an instance of 'std::bad_function_call'"
        self.assertEqual([died, thrown], crashes(["2026-11-26 [warning] a task failed: runtime error", died, thrown]))

    def test_an_old_delivery_that_acts_after_a_new_one(self):
        story = retried()
        story.calls[-3:-1] = [story.calls[-2], Call("create", FIRST, 2, 12, "created")]
        self.assert_broken(story, "P5", "delivery 12 of make-0 acted after delivery 13")
        story = retried()
        story.calls[-3:-1] = [made(FIRST, 2, 13), Call("create", FIRST, 2, 12, "stale")]
        self.assert_kept(story)


if __name__ == "__main__":
    unittest.main()
