"""What each kind of fault does, and undoes behind its `yield`."""

import contextlib
import http.client
import json
import signal

import reach  # noqa: F401
import postgres_wire
import zookeeper_wire
from fleet import STOP_SECONDS
from plan import DAEMONS, KINDS, SERVERS

CLOUD_FAULTS = 3  # calls that go wrong
CLOUD_HANG_MS = 1500
DOERS = {}


def does(*kinds):
    def note(function):
        DOERS.update(dict.fromkeys(kinds, contextlib.contextmanager(function)))
        return function
    return note


def begin(world, fault, undone):
    """Does it; `undone` (an ExitStack) will undo it."""
    undone.enter_context(DOERS[fault.kind.name](world, fault))


def _ended(daemon):
    """As it may be stopped, or have ended by itself a moment ago: whatever it was, it is down then."""
    daemon.process.send(signal.SIGKILL)
    daemon.process.wait(5)


def _lost(daemon):
    """Nobody notes its death, as nobody does of a host that vanishes."""
    daemon.guardian.send(signal.SIGKILL)
    daemon.guardian.wait(5)
    _ended(daemon)


def _drain(world, name):
    """As systemd would: what does not go in time is killed. It has less time of its own for a drain, so that is a trouble."""
    if not world.bring_down(name, lambda daemon: daemon.process.stop(STOP_SECONDS)):
        world.note_trouble(name, f"was told to go, and had to be killed {STOP_SECONDS} s later")


@does("killed conductor", "killed worker")
def _killed(world, fault):
    world.bring_down(fault.target, _ended)
    yield
    world.start_daemons(fault.target)


@does("lost conductor's host", "lost worker's host")
def _host_lost(world, fault):
    world.bring_down(fault.target, _lost)
    yield
    world.start_daemons(fault.target)


@does("drained conductor", "drained worker")
def _told_to_go(world, fault):
    _drain(world, fault.target)
    yield
    world.start_daemons(fault.target)


@does("stopped conductor", "stopped worker", "stopped for a moment")
def _stopped(world, fault):
    process = world.fleet.daemons[fault.target].process
    process.send(signal.SIGSTOP, tree=True)
    yield
    process.send(signal.SIGCONT, tree=True)


@does("every daemon killed")
def _all_killed(world, _):
    for name in DAEMONS:
        world.bring_down(name, _ended)
    yield
    world.start_daemons(*DAEMONS)


@does("every daemon drained in turn")
def _rolling(world, _):
    for name in DAEMONS:
        _drain(world, name)
        world.start_daemons(name)
    yield


@does("silent line")
def _silent(world, fault):
    world.lines[fault.target].silence()
    yield
    world.lines[fault.target].mend()


@does("refused line")
def _refused(world, fault):
    world.lines[fault.target].refuse()
    yield
    world.lines[fault.target].mend()


@does("silent lines to all servers")
def _cut_off(world, fault):
    for line in world.lines_of(fault.target):
        line.silence()
    yield
    for line in world.lines_of(fault.target):
        line.mend()


@does("ended session", "every session ended")
def _session_ended(world, fault):
    for name in DAEMONS if fault.target == "all" else (fault.target,):
        _end_session(world, name)
    yield


def _end_session(world, name):
    """By the file that its guardian would go by; one that is down has none, or an old one."""
    folder = world.fleet.folder / f"{name}.run"
    files = sorted(folder.glob("session-*.json"), key=lambda file: file.stat().st_mtime)
    if not files:
        return
    known = json.loads(files[-1].read_text())
    number = int(known["session"], 16)
    with contextlib.suppress(zookeeper_wire.ZooKeeperError, OSError):  # it has ended meanwhile, or the server is away
        zookeeper_wire.end_session(world.endpoints["zookeeper"], number - (number >> 63 << 64), bytes.fromhex(known["password"]),
                                   known["timeout_ms"])


@does("cloud refuses", "cloud loses answers", "cloud hangs")
def _cloud_fault(world, fault):
    mode = {"cloud refuses": "fail", "cloud loses answers": "lose", "cloud hangs": "hang"}[fault.kind.name]
    _put_faults(world, [{"verb": fault.target, "mode": mode, "times": CLOUD_FAULTS, "delay_ms": CLOUD_HANG_MS}])
    yield
    _put_faults(world, [])


def _put_faults(world, faults):
    connection = http.client.HTTPConnection(world.cloud(), timeout=30)
    connection.request("PUT", "/faults", json.dumps(faults), {"Connection": "close"})
    connection.getresponse().read()


@does("killed zookeeper", "killed kafka", "killed postgres", "zookeeper away", "kafka away", "postgres away",
      "every server killed", "every server away")
def _server_killed(world, fault):
    names = SERVERS if fault.target == "all" else (fault.target,)
    _kill_servers(world, names)
    yield
    world.start_servers(*names)


def _kill_servers(world, names):
    for name in names:
        world.servers[name].process.send(signal.SIGKILL, tree=True)
    for name in names:
        world.servers[name].process.wait(5)


@does("stopped server")
def _server_stopped(world, fault):
    process = world.servers[fault.target].process
    process.send(signal.SIGSTOP, tree=True)
    yield
    process.send(signal.SIGCONT, tree=True)


@does("no connection left at postgres")
def _no_connection_left(world, _):
    """Those that daemons have are ended, and those that are free are taken before they can be."""
    occupation = postgres_wire.Occupation(world.endpoints["postgres"])
    with contextlib.suppress(OSError, postgres_wire.Refused):  # the server goes in the same step
        occupation.take_all()
        occupation.ask("select pg_terminate_backend(pid) from pg_stat_activity where application_name <> ''")
        occupation.take_all()
    yield
    occupation.end()


@does("connections ended by postgres")
def _connections_ended(world, _):
    world.sql("select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and "
              "pid <> pg_backend_pid()")
    yield


@does("everything killed")
def _everything_killed(world, _):
    for name in DAEMONS:
        world.bring_down(name, _ended)
    _kill_servers(world, SERVERS)
    yield
    world.start_servers(*SERVERS)
    world.start_daemons(*DAEMONS)


assert set(DOERS) == {kind.name for kind in KINDS}, "every kind is done by somebody"
