"""Random nested cases: a copy of conformance/tools/generator.py without what needs the real TaskFlow."""


THEMES = [("retry", 23), ("escalate", 19), ("decider", 32), ("revert", 9),
          ("mixed", 14), ("error", 5), ("plain", 1)]
POLICIES = ["times", "times", "times", "always_revert", "always_revert_all",
            "for_each", "for_each", "parameterized_for_each"]
DEPTHS = ["all", "flow", "neighbors", "atom"]


class Gen:
    def __init__(self, rng):
        self.r = rng
        self.n = 0
        self.atoms = 0
        self.store, self.script = {}, {}
        self.theme = rng.choices([t for t, _w in THEMES],
                                 [w for _t, w in THEMES])[0]
        self.max_depth = rng.choice([1, 2, 2, 3, 3, 3, 4, 4])
        if self.theme == "escalate":
            self.max_depth = max(2, self.max_depth)
        self.budget = rng.choice([4, 6, 8, 10, 12, 16, 25])
        self.tasks, self.scalars = [], {}

    def name(self, prefix):
        self.n += 1
        return "%s%d" % (prefix, self.n)

    def p(self, x):
        return self.r.random() < x

    def value(self):
        return self.r.choice([0, 1, 2, True, False, None, "s", "on", [1], {"k": 1}])

    def retry(self, visible):
        pol = self.r.choice(POLICIES)
        d = {"name": self.name("r"), "policy": pol}
        self.atoms += 1
        if pol == "times":
            d["attempts"] = self.r.choice([1, 2, 2, 3])
        elif pol == "for_each":
            d["values"] = self.r.choice([["a", "b"], [1, 2, 3], ["z"], [1, 1], [5, 6]])
            if self.p(.04):
                d["values"] = []
        elif pol == "parameterized_for_each":
            lists = [s for s, k in visible.items() if k == "list"]
            if lists and self.p(.7):
                d["rebind"] = {"values": self.r.choice(lists)}
            else:
                sym = self.name("v")
                self.store[sym] = self.r.choice([["a", "b"], [1, 2, 3], ["q"]])
                d["rebind"] = {"values": sym}
        if pol in ("times", "for_each", "parameterized_for_each"):
            if self.p(.2):
                d["revert_all"] = True
            if self.p(.6):
                d["provides"] = self.name("n")
        return d

    def task(self, visible, graph):
        t = {"task": "step", "name": self.name("t")}
        self.tasks.append(t["name"])
        self.atoms += 1
        s = {}
        want = [x for x, k in visible.items() if k == "scalar"]
        if want and self.p(.55):
            req = self.r.sample(want, min(len(want), self.r.choice([1, 1, 2])))
            if self.p(.3):
                t["rebind"] = {"p%d" % i: x for i, x in enumerate(req)}
            else:
                t["requires"] = req
        if self.p(.1):
            key = self.name("k")
            t.setdefault("requires", [])
            t["requires"] = t["requires"] + [key]
            t["inject"] = {key: self.value()}
            if want and self.p(.4):
                key2 = self.r.choice(want)
                t["inject"][key2] = "in"
                if key2 not in t["requires"]:
                    t["requires"].append(key2)
        if self.p(.07):
            x = "w"
            self.store.setdefault("w", 9)
            t["revert_requires"] = [x]
        res = self.value()
        if self.p(.5):
            kind = self.r.random()
            reuse = [x for x, k in visible.items() if k == "scalar" and x[0] == "x"]
            if kind < .16 and reuse and not graph:
                t["provides"] = self.r.choice(reuse)
            elif kind < .62:
                t["provides"] = self.name("x")
            elif kind < .72:
                t["provides"] = [self.name("x"), self.name("x")]
                res = [self.r.choice([1, "u"]), self.r.choice([2, "v"])]
            elif kind < .8:
                ks = [self.name("x"), self.name("x")]
                t["provides"] = {"keys": ks}
                res = {k: i for i, k in enumerate(ks)}
            else:
                t["provides"] = self.name("l")
                res = self.r.choice([["a", "b"], [7, 8, 9]])
        elif (t.get("requires") or t.get("rebind")) and self.p(.6):
            res = "echo"
        if self.p(.04) and not t.get("provides"):
            s["result_seq"] = [1, 2, 3]
        elif res is not None:
            s["result"] = res
        self.scalars[t["name"]] = res
        if s:
            self.script[t["name"]] = s
        return t

    @staticmethod
    def provided(spec):
        out = {}
        p = spec.get("provides")
        for x in ([p] if isinstance(p, str) else
                  p["keys"] if isinstance(p, dict) else p or []):
            out[x] = "list" if x[0] == "l" else "scalar"
        return out

    def flow(self, depth, visible, size):
        r = self.r
        pat = r.choices(["linear", "unordered", "graph"],
                        [45, 22, 40 if self.theme == "decider" else 28])[0]
        f = {"name": self.name("f"), "pattern": pat}
        vis = dict(visible)
        allp = {}
        pr = {"retry": .55, "escalate": .85, "decider": .25, "revert": .35,
              "mixed": .4}.get(self.theme, .2)
        if self.p(pr):
            f["retry"] = self.retry(vis)
            vis.update(self.provided(f["retry"]))
            allp.update(self.provided(f["retry"]))
        nodes = []
        count = r.randint(1, max(1, min(5, size)))
        if self.p(.02):
            count = 0
        for i in range(count):
            if self.atoms >= self.budget:
                break
            deep = depth < self.max_depth and (
                self.p(.45) or (i == count - 1 and depth == 1 and self.max_depth > 1))
            if deep:
                sub, sp = self.flow(depth + 1, vis, size - 1)
                node = {"flow": sub}
            else:
                node = self.task(vis, pat == "graph")
                sp = self.provided(node)
            nodes.append(node)
            allp.update(sp)
            if pat != "unordered":
                vis.update(sp)
        f["nodes"] = nodes
        if pat == "graph" and len(nodes) > 1:
            names = [n["flow"]["name"] if "flow" in n else n["name"] for n in nodes]
            links = []
            for i in range(len(names)):
                for j in range(i + 1, len(names)):
                    if not self.p(.75 if j == i + 1 else .15):
                        continue
                    ln = {"from": names[i], "to": names[j]}
                    pd = {"decider": .6, "mixed": .3}.get(self.theme, .08)
                    if self.p(pd):
                        if names[i] in self.scalars and self.p(.75):
                            v = self.scalars[names[i]]
                            if v == "echo" or self.p(.5):
                                v = r.choice([1, "no", True])
                            ln["when"] = {"result_of": names[i], "equals": v}
                        else:
                            ln["when"] = {"const": self.p(.4)}
                        if self.p(.85):
                            ln["depth"] = r.choice(DEPTHS)
                    links.append(ln)
            if links:
                f["links"] = links
            if self.p(.3):
                r.shuffle(nodes)
        return f, allp

    def break_it(self, f):
        """Makes a case that can't be compiled or validated."""
        flows = [x for x, _d in flows_of(f)]
        g = self.r.choice(flows)
        kind = self.r.choice(["missing", "dup", "cycle", "ambiguous", "link", "revert"])
        mk = lambda **k: dict({"task": "step", "name": self.name("t")}, **k)
        if kind == "missing":
            g["nodes"].append(mk(requires=["nowhere"]))
        elif kind == "revert":
            g["nodes"].append(mk(revert_requires=["nowhere"]))
        elif kind == "dup" and self.tasks:
            g["nodes"].append(dict(mk(), name=self.r.choice(self.tasks)))
        else:
            sub = {"name": self.name("f"), "pattern": "graph"}
            if kind == "cycle":
                sub["nodes"] = [mk(requires=["c1"], provides="c2"),
                                mk(requires=["c2"], provides="c1")]
            elif kind == "ambiguous":
                sub["nodes"] = [mk(provides="c1"), mk(provides="c1"), mk(requires=["c1"])]
            else:
                sub["nodes"] = [mk()]
                sub["links"] = [{"from": sub["nodes"][0]["name"], "to": "absent"}]
            g["nodes"].append({"flow": sub})

    def case(self):
        for _ in range(self.r.choice([0, 1, 1, 2])):
            self.store[self.name("s")] = self.r.choice([1, "st", [1, 2]])
        vis = {s: "scalar" for s in self.store}
        f, _p = self.flow(1, vis, 5)
        c = {"flow": f}
        retries = [x["retry"]["name"] for x, _d in flows_of(f) if x.get("retry")]
        if self.theme == "error":
            self.break_it(f)
        elif self.theme != "plain" and self.tasks:
            nf = self.r.choice([0, 1, 1, 1, 2]) if self.theme in ("decider", "mixed") \
                else self.r.choice([1, 1, 1, 2, 3])
            for t in self.r.sample(self.tasks, min(nf, len(self.tasks))):
                n = self.r.choice([1, 1, 1, 2, 2, 3, 4, 9])
                self.script.setdefault(t, {})["fail_first"] = n
            if retries and self.p(.06):
                self.script.setdefault(self.r.choice(retries), {})["fail_first"] = 1
            if self.theme == "revert" or self.p(.05):
                for t in self.r.sample(self.tasks, min(self.r.choice([1, 1, 2]), len(self.tasks))):
                    self.script.setdefault(t, {})["revert_fail_first"] = self.r.choice([1, 9])
                if retries and self.p(.2):
                    self.script.setdefault(self.r.choice(retries), {})["revert_fail_first"] = 1
            if self.p(.12):
                c["options"] = self.r.choice(
                    [{"defer_reverts": True}, {"defer_reverts": True}, {"never_resolve": True},
                     {"never_resolve": True}, {"inject_transient": False}])
        if self.store and self.p(.06):
            # store a symbol that a task provides too
            ps = [x for f2, _d in flows_of(f) for n in f2["nodes"]
                  for x in self.provided(n) if x[0] == "x"]
            if ps:
                self.store[self.r.choice(ps)] = "shadow"
        if self.store:
            c["store"] = self.store
        if self.script:
            c["script"] = self.script
        if self.theme != "error" and self.p(.06):
            c["runs"] = 2
        return c


def flows_of(flow, depth=1):
    yield flow, depth
    for n in flow.get("nodes", []):
        if "flow" in n:
            yield from flows_of(n["flow"], depth + 1)
