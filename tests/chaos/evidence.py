"""What is on record of the jobs, as plain values that a judge looks at and a test can plant."""

from collections import defaultdict
from dataclasses import dataclass, field

from zookeeper_wire import tree

# common/model/states.h; they are stored as numbers.
ATOM_STATES = ("PENDING", "RUNNING", "SUCCESS", "FAILURE", "REVERTING", "REVERTED", "REVERT_FAILURE", "RETRYING", "IGNORE")
FLOW_STATES = ("PENDING", "RUNNING", "SUCCESS", "FAILURE", "REVERTED", "SUSPENDING", "SUSPENDED", "RESUMING", "CANCELLED",
               "REJECTED", "TRASHED")
FINAL = ("SUCCESS", "FAILURE", "REVERTED", "CANCELLED", "REJECTED", "TRASHED")
AT_A_TIME = 500  # jobs whose history is looked at
CHANGES = ("create", "delete", "configure")


@dataclass
class Row:
    """A fact of a flow's history that is a new state: of an atom, of a range of them, or (atom "") of the flow."""

    run: int
    atom: str = ""
    state: str = ""
    attempt: int = 0
    dispatch: int = 0
    range: tuple = ()  # (first, count) of the atoms that are PENDING again


@dataclass
class Call:
    """One of the cloud's, in a flow's name."""

    verb: str
    atom: str
    attempt: int  # of the execution that it is or undoes; 0: it does not say
    dispatch: int
    outcome: str


@dataclass
class Story:
    """Everything about one job."""

    job: object  # jobs.Job
    state: str = ""  # "": the database does not know the job
    run: int = 0
    off_board: bool = False
    atoms: dict = field(default_factory=dict)  # name: (state, attempt), in definition order
    rows: list = field(default_factory=list)
    calls: list = field(default_factory=list)
    standing: set = field(default_factory=set)  # (atom, attempt) of the servers that are there at the end
    orders: list = field(default_factory=list)  # (kind, run, taken, had an effect), recorded
    acknowledged: list = field(default_factory=list)  # kinds of orders
    lost_orders: list = field(default_factory=list)  # acknowledged, and not on record


def stories(world, journal, servers):
    """One a job that was acknowledged. `servers`: what GET /servers of the cloud says now."""
    jobs = {row["uuid"]: row for row in world.rows(f"select uuid, flow, run, state, board_path from {world.table('jobs')}")}
    on_board = set(tree(world.endpoints["zookeeper"], world.fleet.board))
    orders = defaultdict(list)
    for row in world.rows(f"select id, job, run, kind, taken_at, no_effect from {world.table('orders')} order by id"):
        orders[row["job"]].append(row)
    acknowledged = defaultdict(list)
    for uuid, kind, number in journal.orders:
        acknowledged[uuid].append((kind, number))
    calls, standing = _of_cloud(world, servers)
    for story in _with_histories(world, [Story(job) for job in journal.posted.values()], jobs):
        uuid = story.job.uuid
        if row := jobs.get(uuid):
            story.state, story.run, story.off_board = FLOW_STATES[row["state"]], row["run"], row["board_path"] not in on_board
            story.calls, story.standing = calls[row["flow"]], standing[row["flow"]]
        story.orders = [(row["kind"], row["run"], row["taken_at"] is not None, not row["no_effect"]) for row in orders[uuid]]
        story.acknowledged = [kind for kind, _ in acknowledged[uuid]]
        there = {row["id"] for row in orders[uuid]}
        story.lost_orders = [kind for kind, number in acknowledged[uuid] if number not in there]
        yield story


def _with_histories(world, all_stories, jobs):
    """Their atoms and rows, some jobs at a time: of an hour there are a million."""
    for begin in range(0, len(all_stories), AT_A_TIME):
        some = all_stories[begin:begin + AT_A_TIME]
        by_flow = {jobs[story.job.uuid]["flow"]: story for story in some if story.job.uuid in jobs}
        where = "flow in (" + ", ".join(f"'{flow}'" for flow in by_flow) + ")" if by_flow else "false"
        for row in world.rows(f"select flow, name, state, attempt from {world.table('atoms')} where {where} order by flow, atom"):
            by_flow[row["flow"]].atoms[row["name"]] = (ATOM_STATES[row["state"]], row["attempt"])
        names = {flow: list(story.atoms) for flow, story in by_flow.items()}
        for row in world.rows("select flow, run, atom, state, attempt, dispatch, case when atom is null then data end as data "
                              f"from {world.table('history')} where state is not null and {where} order by flow, id"):
            by_flow[row["flow"]].rows.append(_row(row, names[row["flow"]]))
        yield from some


def _row(row, names):
    data = row["data"] or {}
    if row["atom"] is not None:
        return Row(row["run"], names[row["atom"]], ATOM_STATES[row["state"]], row["attempt"], row["dispatch"])
    if "count" in data:
        return Row(row["run"], range=(data["first"], data["count"]))
    return Row(row["run"], state=FLOW_STATES[row["state"]])


def of_nobody(world, journal, servers):
    """What was done at the cloud, or stands there, in the name of no job that was acknowledged; in words."""
    posted = {row["flow"] for row in world.rows(f"select uuid, flow from {world.table('jobs')}") if row["uuid"] in journal.posted}
    yield from strangers(world.ledger(), servers, posted)


def strangers(ledger, servers, posted):
    """The same of plain values; `posted`: flows."""
    for entry in ledger:
        if entry["verb"] in CHANGES and entry["token"].rsplit("/", 2)[0] not in posted:
            yield f"{entry['verb']} of '{entry['hostname']}' with the token '{entry['token']}'"
    for server in servers:
        if server["key"].rsplit("/", 3)[0] not in posted:
            yield f"a server with the key '{server['key']}'"


def _of_cloud(world, servers):
    """By flow: the calls that change something, oldest first; what stands."""
    calls, standing = defaultdict(list), defaultdict(set)
    for entry in world.ledger():
        if entry["verb"] in CHANGES and entry["token"].count("/") >= 2:
            flow, atom, dispatch = entry["token"].rsplit("/", 2)
            attempt = int(entry["key"].rsplit("/", 1)[1]) if entry["key"] else 0
            calls[flow].append(Call(entry["verb"], atom, attempt, int(dispatch), entry["outcome"]))
    for server in servers:
        if server["key"].count("/") >= 3:
            flow, atom, _, attempt = server["key"].rsplit("/", 3)
            standing[flow].add((atom, int(attempt)))
    return calls, standing
