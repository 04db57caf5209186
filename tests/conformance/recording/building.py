"""Words to write cases with (FORMAT.md), short enough that a case is read at a glance."""


def T(name, requires=None, provides=None, **members):
    task = {"task": "step", "name": name}
    if requires:
        task["requires"] = requires.split()
    if provides is not None:
        task["provides"] = provides
    return {**task, **members}


def R(name, policy, **members):
    return {**({"name": name} if name else {}), "policy": policy, **members}


def times(name, attempts, **members):
    return R(name, "times", attempts=attempts, **members)


def each(name, *values, **members):
    return R(name, "for_each", values=list(values), **members)


def F(name, pattern, *nodes, retry=None, links=None):
    flow = {"name": name, "pattern": pattern}
    if retry:
        flow["retry"] = retry
    flow["nodes"] = [{"flow": node} if "pattern" in node else node for node in nodes]
    if links:
        flow["links"] = links
    return flow


def linear(name, *nodes, **members):
    return F(name, "linear", *nodes, **members)


def unordered(name, *nodes, **members):
    return F(name, "unordered", *nodes, **members)


def graph(name, *nodes, **members):
    return F(name, "graph", *nodes, **members)


def L(before, after, when=None, depth=None):
    link = {"from": before, "to": after}
    if when is not None:
        link["when"] = when
    if depth:
        link["depth"] = depth
    return link


def EQ(atom, value):
    return {"result_of": atom, "equals": value}


NO, YES = {"const": False}, {"const": True}
ECHO = {"result": "echo"}


def fails(*atoms, n=99, **others):
    """A script: these atoms throw n times; what others do besides."""
    script = {atom: {"fail_first": n} for atom in atoms}
    for atom, members in others.items():
        script[atom] = {**script.get(atom, {}), **members}
    return script


def at(atom, state, nth=1):
    return {"atom": atom, "state": state, "nth": nth}
