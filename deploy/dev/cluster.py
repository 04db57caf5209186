#!/usr/bin/env python3
"""A private ZooKeeper, Kafka and Postgres on loopback, for the demo, the tests and the bench.

  cluster.py --folder .run/test up                      start what is down, wait until all answer
  cluster.py --folder .run/test kill zookeeper          SIGKILL; --signal STOP and CONT pause and wake
  cluster.py --folder .run/test run -- ctest --test-dir build/dev

Everything lives in the folder; several folders can be up side by side. `run` starts what is down (on empty data when
nothing was up), gives the command BATON_TEST_SERVICES, the path of services.json, and takes down what it started.
"""

import argparse
import fcntl
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import ports
from kafka import Kafka
from postgres import Postgres
from service import PortsTaken, ServiceError
from zookeeper import ZooKeeper

SERVICES = {"zookeeper": (ZooKeeper, 0), "kafka": (Kafka, 1), "postgres": (Postgres, 3)}  # with the port's offset
DEFAULT_PORTS = "27000-27999"
PORT_TRIES = 5
COMMAND_END_SECONDS = 60  # more than a fleet takes to drain and go


class Cluster:
    """The three servers of one folder, with what the last `up` chose for them."""

    def __init__(self, folder):
        self.folder = Path(folder).absolute()
        self.settings_file = self.folder / "cluster.json"
        self.services_file = self.folder / "services.json"
        known = self.settings_file.exists()
        self.settings = json.loads(self.settings_file.read_text()) if known else None

    def services(self, names=()):
        if self.settings is None:
            raise ServiceError(f"nothing was ever up in {self.folder}\n  start it with 'up'")
        return [kind(self.folder, self.settings["ports"] + offset, self.settings["jvm"])
                for name, (kind, offset) in SERVICES.items() if name in (names or SERVICES)]

    def alive(self):
        return [service for service in self.services() if service.process.pid()] if self.settings else []

    def configure(self, wanted, jvm):
        """Settles ports and JVM: what runs keeps what it has; else what is asked for, or the last choice."""
        known = self.settings or {}
        base = known.get("ports")
        if base is None or (wanted and not wanted[0] <= base <= wanted[1]):
            self._refuse_change("ports", base)
            base = ports.free_block(wanted or ports.parse_range(DEFAULT_PORTS), str(self.folder))
        elif not self.alive() and wanted and wanted[0] != wanted[1]:
            base = self._keep_or_move(base, wanted)
        self._keep({"ports": base, "jvm": jvm or known.get("jvm", "warm")})

    def _keep(self, settings):
        self.settings = settings
        self.folder.mkdir(parents=True, exist_ok=True)
        write(self.settings_file, self.settings)
        write(self.services_file, self.endpoints())

    def _refuse_change(self, what, known):
        if alive := self.alive():
            names = ", ".join(service.name for service in alive)
            raise ServiceError(f"{self.folder} is up ({names}) with {what} {known}\n"
                               f"  take it down first, or leave --{what} out")

    def _keep_or_move(self, base, wanted):
        """The last choice, unless somebody else has taken it meanwhile."""
        used = [port for service in self.services() for port in service.ports_used()]
        return ports.free_block(wanted, str(self.folder)) if any(map(ports.is_taken, used)) else base

    def endpoints(self):
        return {service.name: service.endpoint() for service in self.services()}

    def up(self, names=()):
        """Starts all side by side; reports each; raises when one failed."""
        services = self.services(names)
        with ThreadPoolExecutor(len(services)) as pool:
            attempts = [(service, pool.submit(service.up)) for service in services]
        failures, collided = [], False
        for service, attempt in attempts:
            if error := attempt.exception():
                collided |= isinstance(error, PortsTaken)
                failures.append(str(error) if isinstance(error, ServiceError) else f"{service.name}: {error!r}")
            elif attempt.result():
                say(f"{service.name} up in {attempt.result():.1f} s on port {service.port}")
        if failures:
            raise (PortsTaken if collided else ServiceError)("\n".join(failures))

    def up_on_free_ports(self, names, wanted):
        """Two clusters may choose the same free block at the same moment: whoever loses a port chooses anew."""
        movable = not self.alive() and (wanted is None or wanted[0] != wanted[1])
        for attempt in range(PORT_TRIES):
            try:
                return self.up(names)
            except PortsTaken:
                if not movable or attempt == PORT_TRIES - 1:
                    raise
            say(f"another process took one of the ports {self.settings['ports']} and following; choosing others")
            self.down(names)
            block = ports.free_block(wanted or ports.parse_range(DEFAULT_PORTS), f"{self.folder} {attempt}")
            self._keep({**self.settings, "ports": block})

    def down(self, names=(), *, discard=False):
        services = self.services(names)
        with ThreadPoolExecutor(len(services)) as pool:
            for service, asked in zip(services, pool.map(lambda service: service.down(discard=discard), services)):
                if not asked:
                    say(f"{service.name} had to be killed")

    def wipe(self, names=()):
        for service in self.services(names):
            service.wipe()

    def forget_logs(self):
        for service in self.services():
            service.process.log_file.unlink(missing_ok=True)

    @contextmanager
    def lock(self):
        """One command at a time changes what is up."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "lock", "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield


def write(path, value):
    aside = path.with_suffix(".json.new")
    aside.write_text(json.dumps(value) + "\n")
    aside.rename(path)


def say(text):
    print(f"cluster: {text}", file=sys.stderr, flush=True)


def up(cluster, options):
    cluster.configure(options.ports, options.jvm)
    cluster.up_on_free_ports(options.names, options.ports)


def down(cluster, options):
    if cluster.settings is None:
        return  # never up: nothing to do
    cluster.down(options.names, discard=options.wipe)
    if options.wipe:
        cluster.wipe(options.names)


def restart(cluster, options):
    if options.signal:
        for service in cluster.services(options.names):
            service.process.send(options.signal, tree=True)
            service.process.wait(5)
    cluster.down(options.names)
    cluster.up(options.names)


def kill(cluster, options):
    number = options.signal or signal.SIGKILL
    for service in cluster.services(options.names):
        if not service.process.send(number, tree=True):
            raise ServiceError(f"{service.name} is not up in {cluster.folder}")
        if number == signal.SIGKILL and not service.process.wait(5):
            raise ServiceError(f"{service.name}: still there 5 s after SIGKILL (pid {service.process.pid()})")


def status(cluster, options):
    for service in cluster.services(options.names):
        print(f"{service.name}: {service.describe()}")
    return 0 if len(cluster.alive()) == len(SERVICES) else 3


def env(cluster, _):
    print(json.dumps(cluster.endpoints()))


def run_to_its_end(command, environment):
    """Its exit code. When we are interrupted it has time to take down what it has started itself, in sessions of its own
    perhaps: subprocess.run kills it a quarter of a second after a Ctrl-C, and at once after a SIGTERM."""
    with subprocess.Popen(command, env=environment) as process:
        try:
            return process.wait()
        except BaseException as interrupt:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            if not isinstance(interrupt, KeyboardInterrupt):
                process.terminate()  # a terminal's Ctrl-C has reached it, too
            try:
                process.wait(COMMAND_END_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
            raise


def run(cluster, options):
    """Runs a command against the cluster; its exit code is ours."""
    if not options.command:
        raise ServiceError("run: no command given\n  cluster.py … run -- COMMAND")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that what we started goes down
    was_up = bool(cluster.alive())
    try:
        with cluster.lock():
            if not was_up and cluster.settings:
                cluster.wipe()
                cluster.forget_logs()
            up(cluster, options)
        return run_to_its_end(options.command, {**os.environ, "BATON_TEST_SERVICES": str(cluster.services_file)})
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not cut it short
        if not was_up and cluster.settings:
            with cluster.lock():
                cluster.down(discard=True)
                cluster.wipe()


def signal_named(text):
    try:
        return signal.Signals[f"SIG{text.upper().removeprefix('SIG')}"]
    except KeyError:
        raise argparse.ArgumentTypeError(f"no signal is called '{text}'; try KILL, TERM, STOP or CONT") from None


def port_range(text):
    try:
        return ports.parse_range(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", default=".run/demo", metavar="DIR",
                        help="where data, logs and pid files are (default: %(default)s)")
    parser.add_argument("--ports", type=port_range, metavar="BASE[-LAST]",
                        help="first of four ports, or a range to find them in (default: those of the last time, "
                             f"else {DEFAULT_PORTS})")
    parser.add_argument("--jvm", choices=("quick", "warm"),
                        help="quick answers its first messages sooner, warm is faster after some thousand messages "
                             "(default: that of the last time, else warm)")
    commands = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions = {"up": (up, "start what is down and wait until it answers", "*"),
               "down": (down, "stop; with --wipe remove the data too", "*"),
               "status": (status, "say what is up; exit code 3 unless all are", "*"),
               "env": (env, "print the endpoints as JSON", None),
               "restart": (restart, "stop and start again; with --signal KILL without mercy", "+"),
               "kill": (kill, "send a signal (default KILL) to a server and its children", "+")}
    for name, (action, text, count) in actions.items():
        command = commands.add_parser(name, help=text)
        command.set_defaults(call=action, names=[])
        if count:
            command.add_argument("names", nargs=count, metavar="NAME", help=", ".join(SERVICES))
    commands.choices["down"].add_argument("--wipe", action="store_true", help="remove the data")
    for name in ("restart", "kill"):
        commands.choices[name].add_argument("--signal", type=signal_named, metavar="NAME")
    command = commands.add_parser("run", help="run a command with the cluster up")
    command.add_argument("command", nargs=argparse.REMAINDER)
    command.set_defaults(call=run, names=[])
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in SERVICES]:
        parser.error(f"no server is called {', '.join(unknown)}; there are {', '.join(SERVICES)}")
    if options.action == "run" and options.command[:1] == ["--"]:
        options.command = options.command[1:]
    return options


def main(arguments):
    options = parse(arguments)
    cluster = Cluster(options.folder)
    try:
        if options.call in (up, down, restart):
            with cluster.lock():
                return options.call(cluster, options) or 0
        return options.call(cluster, options) or 0
    except (ServiceError, ports.NoPorts) as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
