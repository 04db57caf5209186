"""semantics.md as a small program that does not use TaskFlow, part two: one case over its whole life.

A copy of conformance/tools/spec.py, in two files; numbers in brackets are those of semantics.md. Mode batch: all
started atoms end together; async: any subset, some atoms being slow throughout.
"""
import copy
import random

from spec_flow import Crash, Flow, Invalid, NotFound, arguments, last_to_first, provides, reach


class Run:
    """One case over its whole life; storage is self.db."""

    def __init__(self, case, seed=0, mode="batch"):
        self.case, self.rng, self.mode = case, random.Random(seed), mode
        self.heavy, self.share = {}, self.rng.choice([0, .2, .5, .8])
        self.script = case.get("script", {})
        self.opt = case.get("options", {})
        self.ex, self.rv = {}, {}
        self.db, self.flow_state = {}, "PENDING"
        self.asked, self.last_revert = {}, {}
        self.events = []

    # -- storage
    def state(self, a, s):
        d = self.db[a.name]
        if d["state"] == s:
            return
        d["state"] = s
        key = (a.name, s)
        self.seen[key] = self.seen.get(key, 0) + 1
        p = self.point
        if p and key == (p["atom"], p["state"]) and self.seen[key] == p.get("nth", 1):
            self.point = None
            if self.is_crash:
                self.crashes.pop(0)
                raise Crash()
            self.suspends.pop(0)
            if self.flow_state == "RUNNING":
                self.order()

    def order(self):
        """The suspend POINT is reached."""
        self.flow_state = "SUSPENDING"

    def st(self, a):
        return self.db[a.name]["state"]

    def it(self, a):
        return self.db[a.name]["intention"]

    def intend(self, a, i):
        if i == "RETRY" and self.it(a) == "REVERT":
            return  # (25)
        self.db[a.name]["intention"] = i

    # -- set up
    def setup(self):
        root = Flow(copy.deepcopy(self.case["flow"]))
        self.atoms, self.tree = [], {}
        root.compile(self.atoms, self.tree)
        names = [a.name for a in self.atoms]
        if len(set(names)) != len(names):
            raise Invalid("Duplicate", "compile")
        self.by = {a.name: a for a in self.atoms}
        self.preds = {a: set(reach(a, "pred")) for a in self.atoms}
        self.succs = {a: reach(a, "succ") for a in self.atoms}
        for a in self.atoms:
            self.db.setdefault(a.name, {"state": "PENDING", "intention": "EXECUTE",
                                        "result": None, "failure": False, "history": [],
                                        "revert_failure": False})
        if self.flow_state in ("REVERTED", "CANCELLED"):  # (42)
            for a in self.atoms:
                self.state(a, "PENDING")
                self.db[a.name]["intention"] = "EXECUTE"
            self.flow_state = "PENDING"
        missing = set()
        for a in self.atoms:
            for rev in (False, True):
                for arg, s in arguments(a.spec, rev).items():
                    if s in (a.spec.get("inject") or {}) or s in self.case.get("store", {}):
                        continue
                    if not any(self.candidates(a, s)):
                        missing.add(arg)
        if missing:
            raise Invalid("MissingDependencies", "validate", sorted(missing))

    def candidates(self, a, s):  # (12c)
        child, flow = a, self.tree[a]
        while flow is not None:
            idx = flow.tree.index(child)
            level = [x for x in last_to_first(flow.tree[:idx])
                     if x in self.preds[a] and s in provides(x.spec)]
            if level:
                yield level
            child, flow = flow, self.tree.get(flow)

    def args(self, a, revert=False):
        out = {}
        for arg, s in arguments(a.spec, revert).items():
            if s in (a.spec.get("inject") or {}):
                out[arg] = a.spec["inject"][s]
            elif s in self.case.get("store", {}):
                out[arg] = self.case["store"][s]
            else:
                out[arg] = self.lookup(a, s)
        return out

    def lookup(self, a, s):
        for level in self.candidates(a, s):
            usable = False
            for x in level:
                d = self.db[x.name]
                if d["state"] == "IGNORE" and not d["failure"]:
                    continue
                usable = True
                v = d["history"][-1][0] if x.kind == "retry" else d["result"]
                if d["failure"]:
                    v = {"$failure": True}
                elif d["state"] not in ("SUCCESS", "FAILURE", "REVERTING"):
                    raise NotFound()
                i = provides(x.spec)[s]
                try:
                    return v if i is None else v[i]
                except (IndexError, KeyError, TypeError, ValueError):
                    continue
            if usable:
                raise NotFound()
        raise NotFound()

    # -- atoms
    def call(self, a):
        """Starts an atom: persists RUNNING/REVERTING, calls it."""
        i = self.it(a)
        s = self.script.get(a.name, {})
        if a.kind == "retry" and i == "RETRY":
            self.state(a, "RETRYING")
            self.reset_flow(a)
            i = "EXECUTE"
        if i == "EXECUTE":
            self.state(a, "RUNNING")
            args = self.args(a)
            n = self.ex[a.name] = self.ex.get(a.name, 0) + 1
            if n <= s.get("fail_first", 0):
                return "execute", False, None
            if a.kind == "retry":
                return ("execute",) + self.policy(a, args)
            if "result_seq" in s:
                return "execute", True, s["result_seq"][min(n, len(s["result_seq"])) - 1]
            r = s.get("result")
            return "execute", True, copy.deepcopy(args if r == "echo" else r)
        if i != "REVERT":
            raise NotFound()
        self.state(a, "REVERTING")
        args = self.args(a, True)
        n = self.rv[a.name] = self.rv.get(a.name, 0) + 1
        if a.kind == "task":
            d = self.db[a.name]
            lr = {"result": {"$failure": True} if d["failure"] else d["result"],
                  "failures": sorted(self.flow_failures)}
            if args:
                lr["args"] = args
            self.last_revert[a.name] = lr
        return "revert", n > s.get("revert_fail_first", 0), None

    def left(self, a, args):
        vals = list(args["values"] if "values" in args else a.spec["values"])
        for v, _f in self.db[a.name]["history"]:
            if v in vals:
                vals.remove(v)
        return vals

    def policy(self, a, args):
        p = a.spec["policy"]
        if p == "times":
            return True, len(self.db[a.name]["history"]) + 1
        if p.endswith("for_each"):
            vals = self.left(a, args)
            return (True, vals[0]) if vals else (False, None)
        return True, None

    def ask(self, r, failed):
        h = self.db[r.name]["history"]
        if not h:
            raise NotFound()  # (39)
        if failed.name not in h[-1][1]:
            h[-1][1].append(failed.name)
        d = self.answer(r, h)
        self.asked.setdefault(r.name, []).append(d)
        return d

    def answer(self, r, h):
        p = r.spec["policy"]
        if p == "times":
            more = len(h) < r.spec.get("attempts", 1)
        elif p.endswith("for_each"):
            more = bool(self.left(r, self.args(r)))
        else:
            more = False
        return "RETRY" if more else self.given_up(r)

    def given_up(self, r):
        return "REVERT_ALL" if r.spec.get("revert_all") or r.spec["policy"] == "always_revert_all" else "REVERT"

    def decide(self, a):  # (23)
        r = a.retry
        if r is None:
            return ("REVERT_ALL", None)
        d = self.ask(r, a)
        if d != "REVERT":
            return (d, r)
        up = self.decide(r)
        if self.opt.get("defer_reverts"):
            return up
        if r.retry is not None and up[0] != "REVERT":
            return up
        return ("REVERT", r)

    def resolve(self, a):
        d, r = self.decide(a)
        if d == "REVERT_ALL":
            for x in self.atoms:
                self.intend(x, "REVERT")
        else:
            self.intend(r, d)
            for x in self.succs[r]:
                self.intend(x, "REVERT")

    def reset_flow(self, r):
        self.db[r.name]["intention"] = "EXECUTE"
        for x in self.succs[r]:
            self.state(x, "PENDING")
            self.db[x.name]["intention"] = "EXECUTE"

    # -- readiness
    def can_run(self, a):
        return (self.st(a) in ("PENDING", "RETRYING") and self.it(a) == "EXECUTE"
                and all(self.st(p) in ("SUCCESS", "IGNORE")
                        and self.it(p) in ("EXECUTE", "IGNORE") for p in self.preds[a]))

    def can_revert(self, a):
        return (self.st(a) in ("SUCCESS", "FAILURE") and self.it(a) in ("REVERT", "RETRY")
                and (self.it(a) == "REVERT" or a.kind == "retry")
                and all(self.st(x) in ("PENDING", "REVERTED", "IGNORE") for x in self.succs[a]))

    def votes(self, a):  # (34)-(36)
        edges, todo, seen = [], [(u, a) for u in a.pred], set()
        while todo:
            u, v = todo.pop(0)
            if v in u.when:
                edges.append((u,) + u.when[v])
            if u.kind == "start" and u not in seen:
                seen.add(u)
                todo += [(x, u) for x in u.pred]
        hist = {}
        for u, _w, _d in edges:
            if u.atom and self.st(u) != "IGNORE":
                hist[u.name] = self.db[u.name]["result"]
        no = []
        for u, w, depth in edges:
            if u.atom and u.name not in hist:
                continue
            if w.get("raise"):
                raise NotFound()
            ok = bool(w["const"]) if "const" in w else hist.get(w["result_of"]) == w["equals"]
            if not ok:
                no.append(depth)
        if not no:
            return True
        widest = min(no, key=["all", "flow", "neighbors", "atom"].index)
        hit = {"all": lambda: self.succs[a],
               "flow": lambda: reach(a, "succ", lambda n: n.kind == "task"),
               "neighbors": lambda: [n for n in a.succ if n.kind == "task"],
               "atom": lambda: []}[widest]()
        for x in [a] + hit:
            self.state(x, "IGNORE")
            self.db[x.name]["intention"] = "IGNORE"
        return False

    def ready(self):
        out = [a for a in self.atoms if self.can_revert(a)]
        again = True
        while again:  # an ignore may make others ready
            again = False
            for a in self.atoms:
                if a not in out and self.can_run(a):
                    if self.votes(a):
                        out.append(a)
                    else:
                        again = True
        return out

    # -- what Baton adds takes hold here (beyond.py)
    def begin_life(self):
        """Over what is stored, before anything else."""

    def before_starts(self, batch, flying):
        """Which of the batch start now."""
        return batch

    # -- engine
    def completed(self, flying):
        """Which of the started atoms end next."""
        if self.mode == "batch":
            done = list(flying)
            self.rng.shuffle(done)
            return done
        now = [x for x in flying if x[0].kind == "retry"]  # retries end at once
        if now:
            return now
        quick = [x for x in flying
                 if not (x[1] == "execute" and self.script.get(x[0].name, {}).get("slow"))]
        pool = quick or flying
        light = [x for x in pool if not self.heavy.setdefault(
            x[0].name, self.rng.random() < self.share)]
        pool = light or pool
        return self.rng.sample(pool, self.rng.choice([1, 1, 1, len(pool)]))

    def complete(self, a, what, ok, value):
        d = self.db[a.name]
        bad = False
        if what == "execute":
            d["failure"] = not ok
            d["revert_failure"] = False
            if ok and a.kind == "retry":
                d["history"].append([value, []])
            elif a.kind == "task":
                d["result"] = value if ok else None
            if not ok and self.it(a) == "EXECUTE":  # (31)
                self.flow_failures.add(a.name)
            self.state(a, "SUCCESS" if ok else "FAILURE")
            if not ok:
                if self.opt_never:
                    bad = True
                else:
                    try:
                        self.resolve(a)
                    except NotFound:
                        bad = True
        else:
            d["revert_failure"] = not ok
            if not ok:
                bad = True
            elif a.kind == "retry":
                d["history"] = []
            self.state(a, "REVERTED" if ok else "REVERT_FAILURE")
        return bad

    def life(self):
        self.seen = {}
        self.is_crash = bool(self.crashes)
        self.point = self.crashes[0] if self.crashes else \
            self.suspends[0] if self.suspends else None
        self.setup()
        self.flow_failures = {n for n, d in self.db.items() if d["failure"]}
        self.flow_state = "RUNNING"
        bad = False
        self.begin_life()
        never = self.opt_never = self.opt.get("never_resolve")
        try:
            if not never:
                for a in self.atoms:
                    if self.st(a) == "FAILURE":
                        self.resolve(a)
                for a in self.atoms:
                    if a.kind == "retry" and self.st(a) == "RETRYING":
                        self.reset_flow(a)
            batch = [a for a in self.atoms if self.st(a) in ("RUNNING", "REVERTING")]
            batch += [a for a in self.ready() if a not in batch]
        except NotFound:
            self.flow_state = "FAILURE"
            return
        flying = []  # started, outcome not looked at yet
        while True:
            if batch and not bad and self.flow_state == "RUNNING":
                batch = self.before_starts(batch, flying)
                self.rng.shuffle(batch)
                for a in batch:
                    try:
                        flying.append((a,) + self.call(a))
                    except NotFound:
                        bad = True
                        break
            batch = []
            if not flying:
                break
            for item in self.completed(flying):
                flying.remove(item)
                bad = self.complete(*item) or bad
            if not bad:
                try:
                    batch = self.ready()
                except NotFound:
                    bad = True
        if bad:
            self.flow_state = "FAILURE"
        elif any(self.can_run(a) or self.can_revert(a) for a in self.atoms):
            self.flow_state = "SUSPENDED"
        elif all(self.st(a) in ("SUCCESS", "IGNORE") for a in self.atoms):
            self.flow_state = "SUCCESS"
        else:
            self.flow_state = "REVERTED"

    def run(self):
        listed = lambda x: [] if not x else list(x) if isinstance(x, list) else [x]
        self.crashes = listed(self.case.get("crash"))
        self.suspends = listed(self.case.get("suspend") or self.case.get("cancel"))
        out = {"run_states": []}
        runs = self.case.get("runs", 1)
        while runs:
            try:
                self.life()
            except Crash:
                out["run_states"].append("CRASH")
                continue
            except Invalid as e:
                o = {"error": e.cls, "error_stage": e.stage}
                if e.missing:
                    o["missing"] = e.missing
                return o
            self.crashes = []
            out["run_states"].append(self.flow_state)
            if self.flow_state == "SUSPENDED":
                out.setdefault("suspended", []).append(
                    {n: d["state"] for n, d in self.db.items() if d["state"] != "PENDING"})
                continue
            self.suspends = []
            runs -= 1
        out["flow_state"] = self.flow_state
        out["atoms"] = {}
        for n, d in self.db.items():
            a = self.by[n]
            o = {"state": d["state"], "intention": d["intention"],
                 "executions": self.ex.get(n, 0), "reverts": self.rv.get(n, 0)}
            if d["state"] == "SUCCESS":
                o["result"] = d["history"][-1][0] if a.kind == "retry" else d["result"]
            if d["history"]:
                o["history"] = [[v, sorted(f)] for v, f in d["history"]]
            if d["state"] not in ("PENDING", "IGNORE"):
                o["failure"] = d["failure"]
            if d["revert_failure"]:
                o["revert_failure"] = True
            if n in self.asked:
                o["asked"] = self.asked[n]
            if n in self.last_revert:
                o["last_revert"] = self.last_revert[n]
            out["atoms"][n] = o
        return out
