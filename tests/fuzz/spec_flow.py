"""semantics.md as a small program that does not use TaskFlow, part one: what a flow is compiled to.

A copy of conformance/tools/spec.py, in two files; numbers in brackets are those of semantics.md.
"""


class Invalid(Exception):
    def __init__(self, cls, stage, missing=None):
        self.cls, self.stage, self.missing = cls, stage, missing


class Crash(Exception):
    pass


class NotFound(Exception):
    pass


class N:  # a node: atom (task, retry) or start/end of a flow
    def __init__(self, kind, name, spec=None):
        self.kind, self.name, self.spec = kind, name, spec or {}
        self.succ, self.pred, self.retry = [], [], None
        self.when = {}  # successor -> (when, depth)

    atom = property(lambda s: s.kind in ("task", "retry"))


def provides(spec):
    p = spec.get("provides")
    if isinstance(p, str):
        return {p: None}
    if isinstance(p, dict):
        return {k: k for k in p["keys"]}
    return {s: i for i, s in enumerate(p or [])}


def arguments(spec, revert=False):  # (10)
    req = spec.get("requires") or []
    if revert:
        req = spec.get("revert_requires") or req
    m = {r: r for r in req}
    if spec.get("policy") == "parameterized_for_each" and not revert:
        m["values"] = "values"
    m.update(spec.get("rebind") or {})
    return m


def needs(spec):
    s = set(arguments(spec).values()) | set(arguments(spec, True).values())
    return s - set(spec.get("inject") or {})


class Flow:
    def __init__(self, spec):
        self.spec, self.name, self.pattern = spec, spec["name"], spec["pattern"]
        r = spec.get("retry")
        self.retry = N("retry", r.get("name") or self.name + "_retry", r) if r else None
        self.kids, self.links, self.odd = [], {}, False
        for n in spec.get("nodes", []):  # each whole before it is linked, and linked before the next is made
            kid = Flow(n["flow"]) if "flow" in n else N("task", n["name"], n)
            if self.pattern == "graph":
                self.infer(kid)
            self.kids.append(kid)
        if self.pattern == "graph":
            self.link()
        elif self.pattern == "linear":
            for a, b in zip(self.kids, self.kids[1:]):
                self.links[a, b] = None

    def rprov(self):
        return set(provides(self.retry.spec)) if self.retry else set()

    @staticmethod
    def prov_of(k):
        return k.provided() if isinstance(k, Flow) else list(provides(k.spec))

    @staticmethod
    def need_of(k):
        return k.needed() if isinstance(k, Flow) else needs(k.spec)

    def provided(self):
        out = list(self.rprov())
        for k in self.kids:
            out += [s for s in self.prov_of(k) if s not in out]
        return out

    def ancestors(self, k):
        seen, todo = [], [k]
        while todo:
            x = todo.pop()
            for a, b in self.links:
                if b is x and a not in seen:
                    seen.append(a)
                    todo.append(a)
        return seen

    def unmet(self, k):
        s = set(self.need_of(k)) - self.rprov()
        for a in self.ancestors(k):
            s -= set(self.prov_of(a))
        return s

    def needed(self):
        out = needs(self.retry.spec) if self.retry else set()
        have = self.rprov()
        for k in self.kids:
            if self.pattern == "graph":
                out |= self.unmet(k)
            else:
                out |= set(self.need_of(k)) - have
                if self.pattern == "linear":
                    have |= set(self.prov_of(k))
        return out

    def acyclic(self, k):
        if k in self.ancestors(k):
            raise Invalid("DependencyFailure", "build")

    def infer(self, k):  # (5)
        unmet_before = {d: self.unmet(d) for d in self.kids}
        for s in self.unmet(k):
            ps = [d for d in self.kids if s in self.prov_of(d)]
            if len(ps) > 1:
                raise Invalid("AmbiguousDependency", "build")
            if ps:
                self.links[ps[0], k] = None
        for s in self.prov_of(k):
            for d in self.kids:
                if s in unmet_before[d]:
                    self.links[k, d] = None
            if self.retry and s in needs(self.retry.spec):
                self.odd = True  # (8)
        self.acyclic(k)

    def link(self):
        by = {k.name: k for k in self.kids}
        for ln in self.spec.get("links", []):
            if ln["from"] not in by or ln["to"] not in by:
                raise Invalid("ValueError", "build")
            if "depth" in ln and ln.get("when") is None:
                raise Invalid("ValueError", "build")
            a, b = by[ln["from"]], by[ln["to"]]
            old = self.links.get((a, b))
            w = (ln["when"], ln.get("depth", "all")) if ln.get("when") is not None else old
            self.links[a, b] = w
            self.acyclic(b)

    def order(self):  # children as the tree sees them
        if self.pattern != "graph":
            return list(self.kids)
        indeg = {k: sum(1 for a, b in self.links if b is k) for k in self.kids}
        gen, out = [k for k in self.kids if not indeg[k]], []
        while gen:
            nxt = []
            for k in gen:
                out.append(k)
                for a, b in self.links:
                    if a is k:
                        indeg[b] -= 1
                        if not indeg[b]:
                            nxt.append(b)
            gen = nxt
        return out

    def compile(self, atoms, tree):  # (1)-(3)
        if self.odd:
            raise Invalid("TypeError", "compile")
        self.start, self.end = N("start", self.name), N("end", self.name)
        mine = [self.retry] if self.retry else []
        inner = []
        kids = self.order()
        for k in kids:
            if isinstance(k, Flow):
                inner += k.compile(atoms, tree)
            else:
                inner.append(k)
        head = lambda k: k.start if isinstance(k, Flow) else k
        tail = lambda k: k.end if isinstance(k, Flow) else k

        def edge(u, v, w=None):
            if v not in u.succ:
                u.succ.append(v)
                v.pred.append(u)
            if w:
                u.when[v] = w
        for (a, b), w in self.links.items():
            edge(tail(a), head(b), w)
        first = self.start
        if self.retry:
            edge(self.start, self.retry)
            first = self.retry
            for x in inner:
                if x.retry is None:
                    x.retry = self.retry
        for k in kids:
            if not head(k).pred:
                edge(first, head(k))
        for k in kids:
            if not tail(k).succ:
                edge(tail(k), self.end)
        if not kids:
            edge(first, self.end)
        self.tree = mine + kids
        for x in mine + [k for k in kids if not isinstance(k, Flow)]:
            atoms.append(x)
            tree[x] = self
        for k in kids:
            if isinstance(k, Flow):
                tree[k] = self
        return mine + inner


def reach(a, attr, through=lambda n: True):
    seen, todo = [], list(getattr(a, attr))
    while todo:
        n = todo.pop()
        if n in seen:
            continue
        seen.append(n)
        if through(n):
            todo += getattr(n, attr)
    return [n for n in seen if n.atom]


def last_to_first(items):
    for k in reversed(items):
        if isinstance(k, Flow):
            yield from last_to_first(k.tree)
        else:
            yield k
