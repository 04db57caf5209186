"""The jobs of a run: the same seed and number is the same job. Each knows its atoms and what has to come before what."""

import itertools
import random
import uuid
from dataclasses import dataclass, field

NAMESPACE = uuid.UUID("8e7b7a4c-6a54-4f5b-9d38-6f0f4d1c8a2b")
PRIORITIES = ("VERY_LOW", "LOW", "NORMAL", "NORMAL", "NORMAL", "HIGH", "VERY_HIGH")
FAILS_SHARE = 0.25  # one of its servers has no name, which the cloud refuses each time
RETRIED_SHARE = 0.4
ORDERED_SHARE = 0.2
ORDERS = ("cancel", "suspend", "rerun")


@dataclass
class Job:
    number: int
    uuid: str
    body: dict  # as it is posted
    before: dict  # by task: the tasks that have to be through before it may start
    makes: frozenset  # tasks that make a server in the cloud
    must_fail: bool
    order: str = ""  # what a person will ask of it; empty: nothing
    behind: dict = field(init=False)

    def __post_init__(self):
        self.behind = {task: {each for each, first in self.before.items() if task in first} for task in self.before}


def job(seed, number):
    dice = random.Random(f"{seed}/{number}")
    name = f"{seed}-{number}"
    body, before, makes, must_fail = dice.choice(SHAPES)(dice, name)
    identity = str(uuid.uuid5(NAMESPACE, name))
    order = dice.choice(ORDERS) if dice.random() < ORDERED_SHARE else ""
    return Job(number, identity, {**body, "uuid": identity, "priority": dice.choice(PRIORITIES)}, before, makes, must_fail, order)


def _cluster(dice, name):
    """The registered flow: all nodes at once, each made and awaited, then configured once."""
    nodes = [f"{name}-{letter}" for letter in "abc"[:dice.randint(1, 3)]]
    before = {f"create-{node}": set() for node in nodes} | {f"wait-{node}": {f"create-{node}"} for node in nodes}
    before["configure"] = set(before)
    return ({"flow": "create-cluster", "parameters": {"name": f"{name}-cluster", "nodes": nodes}}, before,
            frozenset(f"create-{node}" for node in nodes), False)


class _Inline:
    """A flow of its own making, of tasks that make a server each; one of them may be one that can not be made."""

    def __init__(self, dice, name, count):
        self.dice, self.name = dice, name
        self.tasks = [f"make-{number}" for number in range(count)]
        self.bad = dice.choice(self.tasks) if dice.random() < FAILS_SHARE else None
        self.before = {}

    def task(self, name, before, **members):
        self.before[name] = set(before).union(*(self.before[each] for each in before))
        hostname = "" if name == self.bad else f"{self.name}-{name}"
        return {"task": "server.create", "name": name, "inject": {"hostname": hostname}, "requires": ["hostname"], **members}

    def flow(self, pattern, nodes, **members):
        if self.dice.random() < RETRIED_SHARE:
            members["retry"] = {"name": "tried-again", "policy": "times", "attempts": self.dice.randint(1, 3)}
        return ({"flow": {"name": "made-up", "pattern": pattern, "nodes": nodes, **members}}, self.before,
                frozenset(self.tasks), self.bad is not None)


def _chain(dice, name):
    made = _Inline(dice, name, dice.randint(2, 5))
    nodes = [made.task(task, made.tasks[:place][-1:]) for place, task in enumerate(made.tasks)]
    return made.flow("linear", nodes)


def _fan(dice, name):
    made = _Inline(dice, name, dice.randint(2, 5))
    return made.flow("unordered", [made.task(task, ()) for task in made.tasks])


def _graph(dice, name):
    """Each asks for what some of the earlier ones provide."""
    made, nodes = _Inline(dice, name, dice.randint(3, 6)), []
    for place, task in enumerate(made.tasks):
        first = dice.sample(made.tasks[:place], dice.randint(0, min(2, place)))
        node = made.task(task, first, provides=f"of-{task}")
        nodes.append({**node, "requires": ["hostname", *(f"of-{each}" for each in first)]})
    return made.flow("graph", nodes)


def _stairs(dice, name):
    """Some at once, then one, then some at once."""
    made = _Inline(dice, name, 5)
    steps = (made.tasks[:2], made.tasks[2:3], made.tasks[3:])
    nodes = []
    for number, (first, tasks) in enumerate(itertools.pairwise(((), *steps))):
        inner = [made.task(task, first) for task in tasks]
        nodes += inner if len(inner) == 1 else [{"flow": {"name": f"step-{number}", "pattern": "unordered", "nodes": inner}}]
    return made.flow("linear", nodes)


SHAPES = (_cluster, _cluster, _chain, _fan, _graph, _stairs)
