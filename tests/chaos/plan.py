"""Which faults come when: a seed's schedule, without end. The same seed is the same schedule; times of day are not in it."""

import itertools
import random
from dataclasses import dataclass

SERVERS = ("zookeeper", "kafka", "postgres")
CONDUCTORS = ("conductor-1", "conductor-2")
WORKERS = ("worker-1", "worker-2", "worker-3")
DAEMONS = (*CONDUCTORS, *WORKERS)
EVERYBODY = ("all",)
LINES = tuple(f"{daemon} {server}" for daemon in DAEMONS for server in SERVERS if server != "postgres" or daemon in CONDUCTORS)

SESSION_TIMEOUT_SECONDS = 2  # of the fleet: what is long is longer
SHORT = (0.2, 1.5)
LONG = (1.75 * SESSION_TIMEOUT_SECONDS, 3 * SESSION_TIMEOUT_SECONDS)
QUIET_SECONDS = (0.5, 3.0)  # between the end of one step and the next
FAULTS_MAX = 3  # at once, one of a group


@dataclass(frozen=True)
class Kind:
    """A kind of fault: what is wrong with which target for how long. Of a step's faults those of a later group come later,
    and end sooner: a daemon is started when its servers are back."""

    name: str
    group: str
    targets: tuple
    seconds: tuple
    alone: bool = False


KINDS = (
    Kind("killed conductor", "daemons", CONDUCTORS, SHORT),
    Kind("killed worker", "daemons", WORKERS, SHORT),
    Kind("lost conductor's host", "daemons", CONDUCTORS, LONG),
    Kind("lost worker's host", "daemons", WORKERS, LONG),
    Kind("stopped conductor", "daemons", CONDUCTORS, LONG),
    Kind("stopped worker", "daemons", WORKERS, LONG),
    Kind("stopped for a moment", "daemons", DAEMONS, SHORT),
    Kind("drained conductor", "daemons", CONDUCTORS, SHORT),
    Kind("drained worker", "daemons", WORKERS, SHORT),
    Kind("every daemon killed", "daemons", EVERYBODY, SHORT),
    Kind("every daemon drained in turn", "daemons", EVERYBODY, (0, 0), alone=True),
    Kind("silent line", "lines", LINES, LONG),
    Kind("refused line", "lines", LINES, LONG),
    Kind("silent lines to all servers", "lines", DAEMONS, LONG),
    Kind("ended session", "lines", DAEMONS, SHORT),
    Kind("every session ended", "lines", EVERYBODY, SHORT),
    Kind("cloud refuses", "cloud", ("create", "configure", "get"), SHORT),
    Kind("cloud loses answers", "cloud", ("create", "configure"), SHORT),
    Kind("cloud hangs", "cloud", ("create", "get"), SHORT),
    Kind("killed zookeeper", "servers", ("zookeeper",), SHORT),
    Kind("killed kafka", "servers", ("kafka",), SHORT),
    Kind("killed postgres", "servers", ("postgres",), SHORT),
    Kind("zookeeper away", "servers", ("zookeeper",), LONG),
    Kind("kafka away", "servers", ("kafka",), LONG),
    Kind("postgres away", "servers", ("postgres",), LONG),
    Kind("stopped server", "servers", SERVERS, LONG),
    Kind("every server killed", "servers", EVERYBODY, SHORT),
    Kind("every server away", "servers", EVERYBODY, LONG),
    Kind("no connection left at postgres", "servers", ("postgres",), LONG),
    Kind("connections ended by postgres", "servers", ("postgres",), SHORT),
    Kind("everything killed", "servers", EVERYBODY, SHORT, alone=True),
)
GROUPS = ("cloud", "daemons", "lines", "servers")  # in the order of doing


@dataclass(frozen=True)
class Fault:
    kind: Kind
    target: str

    def __str__(self):
        return self.kind.name if self.target == "all" else f"{self.kind.name} ({self.target})"


@dataclass(frozen=True)
class Step:
    quiet: float  # seconds before it
    faults: tuple  # of Fault, in the order of doing
    hold: float  # seconds from the last one done to the first one undone

    def __str__(self):
        return f"after {self.quiet:.1f} s: {', '.join(map(str, self.faults))}; for {self.hold:.1f} s"


def steps(seed):
    """First every kind once, then whatever comes."""
    dice = random.Random(seed)
    for kinds in itertools.chain(_every_kind_once(dice), _without_end(dice)):
        faults = tuple(Fault(kind, dice.choice(kind.targets)) for kind in sorted(kinds, key=lambda kind: GROUPS.index(kind.group)))
        hold = max(dice.uniform(*kind.seconds) for kind in kinds)
        yield Step(round(dice.uniform(*QUIET_SECONDS), 1), faults, round(hold, 1))


def first_round(seed):
    """The steps in which every kind comes once."""
    seen, wanted = set(), set(KINDS)
    for count, step in enumerate(steps(seed), 1):
        seen.update(fault.kind for fault in step.faults)
        if seen == wanted:
            return count


def _every_kind_once(dice):
    """Side by side, one of a column, as far as they go."""
    columns = []
    for groups in (("servers",), ("daemons",), ("lines", "cloud")):
        columns.append([kind for kind in KINDS if kind.group in groups and not kind.alone])
        dice.shuffle(columns[-1])
    together = [[kind for kind in row if kind] for row in itertools.zip_longest(*columns)]
    together += [[kind] for kind in KINDS if kind.alone]
    dice.shuffle(together)
    return together


def _without_end(dice):
    while True:
        first = dice.choice(KINDS)
        chosen = [first]
        for _ in range(0 if first.alone else dice.randrange(FAULTS_MAX)):
            kind = dice.choice(KINDS)
            if not kind.alone and kind.group not in {each.group for each in chosen}:
                chosen.append(kind)
        yield chosen
