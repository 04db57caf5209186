"""What must be gone when there is nothing to do, and when nobody is there: each answers with what is left, in words."""

import http.client

from people import ask
from plan import CONDUCTORS
from world import PREFIX
from zookeeper_wire import tree

GAUGES = ("flows", "atoms", "atoms_running", "atoms_waiting", "board_jobs", "left_alone", "parked")


def idle(world):
    """Every job has ended, the daemons are up."""
    return [*_on_the_board(world), *_in_conductors(world), *_at_workers(world), *_open_orders(world), *_transactions(world),
            *_not_noted(world)]


def nobody(world):
    """Every daemon has gone: so has what only lives as long as they do."""
    left = tree(world.endpoints["zookeeper"], f"/{PREFIX}")
    for path in left:
        kind, depth = path.split("/")[2:4], path.count("/")
        if path.endswith(".lock"):
            yield f"a lock of nobody: {path}"
        if kind in ([".baton", "workers"], [".baton", "conductors"]) and depth == 4:
            yield f"an advert of nobody: {path}"
        if kind == [".baton", "partitions"] and depth == 6:
            yield f"a lease of nobody: {path}"


def _on_the_board(world):
    for path in tree(world.endpoints["zookeeper"], world.fleet.board):
        yield f"on the board: {path}"


def _in_conductors(world):
    for name in CONDUCTORS:
        values = metrics(world.fleet.address(name))
        for gauge in GAUGES:
            if values[gauge]:
                yield f"in {name}: {values[gauge]} {gauge}"


def _at_workers(world):
    for name in CONDUCTORS:
        status, answer = ask(world.fleet.address(name), "GET", "/v1/workers")
        if status != 200:
            yield f"{name} does not say what workers have: {status} {answer}"
            continue
        for worker in answer["workers"]:
            if worker["outstanding"]:
                yield f"at {worker['name']}, as {name} has it: {worker['outstanding']} requests"


def _open_orders(world):
    count = world.sql(f"select count(*) from {world.table('orders')} where taken_at is null")
    if count != ["0"]:
        yield f"orders that nobody has taken: {count}"


def _not_noted(world):
    """Such a job could never be pruned."""
    count = world.sql(f"select count(*) from {world.table('jobs')} where finished_at is not null and removed_at is null")
    if count != ["0"]:
        yield f"ended jobs whose removal from the board nobody has noted: {count}"


def _transactions(world):
    for row in world.rows("select pid, application_name, state, query from pg_stat_activity "
                          "where state like 'idle in transaction%'"):
        yield f"a transaction is idle: {row}"


def metrics(address):
    """A conductor's, without their prefix and suffix."""
    connection = http.client.HTTPConnection(address, timeout=30)
    connection.request("GET", "/metrics", headers={"Connection": "close"})
    with connection.getresponse() as response:
        lines = [line.split() for line in response.read().decode().splitlines() if not line.startswith("#")]
    return {name.removeprefix("baton_conductor_").removesuffix("_total"): int(value) for name, value in lines}
