"""What Baton adds to TaskFlow's rules: the spec of it, and how a random case comes to have it.

Modules' retry policies (the runner's "scripted"), the policy timeout, retry_on, pauses, executions that only a timeout
ends, on_revert_failure, priorities (which change no outcome) and cancel. Not here, and walked by walks.py only: lost
workers, a retry that suspends, budgets that run out, what is irreversible.
"""
import spec
from generator import flows_of

ANSWERS = [["RETRY", "RETRY", "REVERT"], ["RETRY"], ["RETRY", "REVERT_ALL"], ["REVERT"]]


class Run(spec.Run):
    def begin_life(self):
        self.cancelled = self.keeps = self.cancel_due = False
        for a in self.atoms:
            if self.forgiven(a):
                self.revert_rest()

    def order(self):
        if "cancel" in self.case:
            self.cancel_due = True
        else:
            super().order()

    def before_starts(self, batch, flying):
        if self.cancel_due:
            self.cancel()
            batch = self.ready()
        # Time passes, and with it a pause, only when nothing else can happen.
        paused = [a for a in batch if self.it(a) == "RETRY" and a.spec.get("backoff")]
        others = [a for a in batch if a not in paused]
        return others if others or flying else paused

    # -- cancel
    def cancel(self):
        self.cancel_due, self.cancelled = False, True
        self.keeps, self.opt_never = self.case["cancel"].get("keep", False), False
        for a in self.atoms:
            if self.it(a) == "RETRY" or not self.keeps:
                self.intend(a, "REVERT")

    def can_run(self, a):
        return not self.keeps and super().can_run(a)

    # -- failures
    def call(self, a):
        what, ok, value = super().call(a)
        if what == "execute":
            n, script = self.ex[a.name], self.script.get(a.name, {})
            if n <= script.get("silent_first", 0):
                return what, False, "TimedOut"
            if not ok:
                return what, False, "Scripted" if n <= script.get("fail_first", 0) else "NotFound"
        return what, ok, value

    def complete(self, a, what, ok, value):
        if what == "execute" and not ok:
            self.db[a.name]["type"] = value
        bad = super().complete(a, what, ok, value)
        if self.forgiven(a):
            self.revert_rest()
            return False
        return bad

    def resolve(self, a):
        self.type = self.db[a.name]["type"]
        if not self.cancelled:
            super().resolve(a)

    def answer(self, r, h):
        types = r.spec.get("retry_on")
        if types and self.type not in types:
            return self.given_up(r)
        if r.spec["policy"] not in ("timeout", "user"):
            return super().answer(r, h)
        if len(h) >= r.spec["attempts"]:
            return self.given_up(r)
        if r.spec["policy"] == "timeout":
            return "RETRY"
        answers = r.spec["parameters"]["answers"]
        return answers[min(len(h), len(answers)) - 1]

    def policy(self, a, args):
        history = self.db[a.name]["history"]
        if a.spec["policy"] == "timeout":
            return True, len(history) + 1
        if a.spec["policy"] == "user":
            values = a.spec["parameters"]["values"]
            return True, values[min(len(history) + 1, len(values)) - 1]
        return super().policy(a, args)

    # -- reverts
    def forgiven(self, a):
        return self.st(a) == "REVERT_FAILURE" and a.spec.get("on_revert_failure") == "continue"

    def revert_rest(self):
        if not self.keeps:
            for a in self.atoms:
                self.intend(a, "REVERT")

    def can_revert(self, a):
        return (self.st(a) in ("SUCCESS", "FAILURE") and self.it(a) in ("REVERT", "RETRY")
                and (self.it(a) == "REVERT" or a.kind == "retry")
                and all(self.st(x) in ("PENDING", "REVERTED", "IGNORE") or self.forgiven(x) for x in self.succs[a]))

    # -- the end
    def life(self):
        super().life()
        if self.flow_state in ("FAILURE", "SUSPENDED"):
            return
        if any(self.forgiven(a) for a in self.atoms):
            self.flow_state = "FAILURE"
        elif self.cancelled and any(self.st(a) == "REVERT_FAILURE" for a in self.atoms):
            self.flow_state = "FAILURE"
        elif self.cancelled and not (self.keeps and self.flow_state == "SUCCESS"):
            self.flow_state = "CANCELLED"


def dressed(case, gen):
    """The case with some of it."""
    tasks = [node for flow, _ in flows_of(case["flow"]) for node in flow["nodes"] if "flow" not in node]
    for flow, _ in flows_of(case["flow"]):
        if flow.get("retry") and gen.p(0.5):
            flow["retry"].update(retry_members(gen, flow["retry"]))
    for node in tasks:
        if gen.p(0.3):
            node["priority"] = gen.r.choice([-1, 1, 5])
        if gen.p(0.2):
            node["timeouts"] = {"start_to_close_ms": 5000}  # longer than any way there and back in the cluster
        if gen.p(0.15):
            node["on_revert_failure"] = "continue"
            if gen.p(0.4):
                case.setdefault("script", {}).setdefault(node["name"], {})["revert_fail_first"] = gen.r.choice([1, 9])
    retries = [flow["retry"] for flow, _ in flows_of(case["flow"])
               if flow.get("retry") and not flow["retry"]["policy"].startswith("always")]
    if gen.p(0.4) and tasks:
        node = gen.r.choice(tasks)
        node["timeouts"] = {"start_to_close_ms": 20}
        case.setdefault("script", {}).setdefault(node["name"], {})["silent_first"] = gen.r.choice([1, 1, 2])
    elif gen.p(0.5) and retries:  # one pause at most: which of two would be over first is not said by any rule
        gen.r.choice(retries)["backoff"] = {"initial_ms": 40}
    return case


def retry_members(gen, retry):
    members = {}
    if not retry["policy"].startswith("always") and gen.p(0.4):
        members["retry_on"] = gen.r.choice([["Scripted"], ["TimedOut"], ["Scripted", "TimedOut"], ["Other"]])
    if retry["policy"] == "times" and gen.p(0.7):
        user = {"policy": "user", "user_policy": "scripted", "attempts": gen.r.choice([2, 3, 4]),
                "parameters": {"values": gen.r.choice([["a", "b"], [1], [[1], None]]), "answers": gen.r.choice(ANSWERS)}}
        members.update(gen.r.choice([user, {"policy": "timeout", "budget_ms": 3_600_000, "attempts": 5}]))
    return members
