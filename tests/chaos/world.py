"""Servers, proxies and a fleet of a run's own, which faults disturb: each daemon's lines go through proxies of their own."""

import json
import re
import shutil
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import reach  # noqa: F401
import ports
from cluster import Cluster
from fleet import CLOUD, GUARDIAN_SECONDS, Fleet
from plan import CONDUCTORS, DAEMONS, LINES, SESSION_TIMEOUT_SECONDS, WORKERS
from process import Process
from proxies import Proxies
from service import ServiceError

PREFIX = "chaos"
COME_BACK_SECONDS = 240  # within which everything that is started serves, on a machine that is busy
POSTGRES_CONNECTIONS = 40  # so few that they can be used up
ASK_SECONDS = 60
ASK_TRIES = 3


class NotBack(Exception):
    """Something that was started does not serve."""


class World:
    """`folder` is emptied first; its logs stay. Faults come from one thread; the others only look."""

    def __init__(self, folder, build, port_range, say):
        self.folder = Path(folder).absolute()
        for file in self.folder.rglob("*.pid"):  # of a run that was killed
            Process(file.stem, file.parent).stop(0, signal.SIGKILL)
        if (old := Cluster(self.folder / "servers")).settings:
            old.wipe()  # Postgres' data may lie elsewhere
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        self._say = say
        self._cluster = Cluster(self.folder / "servers")
        self._port_range = ports.parse_range(port_range)
        self._build = build
        self._down_on_purpose = set()
        self._changing = threading.Lock()
        self._closing = threading.Event()
        self._pool = ThreadPoolExecutor(len(DAEMONS))
        self.proxies = Proxies()
        self.fleet = None
        self.troubles = []  # what daemons did that nobody had asked for

    def start(self):
        self._cluster.configure(self._port_range, "quick")
        self._cluster.up_on_free_ports((), self._port_range)
        self.servers = {service.name: service for service in self._cluster.services()}
        self.endpoints = self._cluster.endpoints()
        self.sql(f"alter system set max_connections = {POSTGRES_CONNECTIONS}")
        self.servers["postgres"].down()
        self.start_servers("postgres")
        base = ports.free_block(self._port_range, str(self.folder))
        self.fleet = Fleet(self.folder / "fleet", self._build, self.endpoints, base, PREFIX, SESSION_TIMEOUT_SECONDS * 1000)
        self.fleet.prepare()
        self.lines = {line: self._line(*line.split()) for line in LINES}
        self.fleet.start()

    def close(self):
        """Everything goes, whatever state it is in; what is just being started, too."""
        self._closing.set()
        self._end_all()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._end_all()
        self.proxies.close()
        if self._cluster.settings:
            self._cluster.wipe()

    def _end_all(self):
        for daemon in self.fleet.named() if self.fleet else ():
            for process in (daemon.process, daemon.guardian):
                process.send(signal.SIGKILL, tree=True)
                process.wait(5)
        if self._cluster.settings:
            self._cluster.down(discard=True)

    def _line(self, daemon, server):
        endpoint = self.endpoints[server]
        settings = self.fleet.daemons[daemon].settings
        if server == "postgres":
            host, port = (re.search(rf"\b{key}=(\S+)", endpoint)[1] for key in ("host", "port"))
            line = self.proxies.line(host, int(port))
            settings["postgres"]["conninfo"] = endpoint.replace(f"port={port}", f"port={line.port}")
            return line
        host, port = endpoint.split(":")
        line = self.proxies.line(host, int(port), kafka=server == "kafka")
        settings[server]["hosts" if server == "zookeeper" else "brokers"] = f"127.0.0.1:{line.port}"
        return line

    # What faults do:

    def lines_of(self, daemon):
        return [line for name, line in self.lines.items() if name.split()[0] == daemon]

    def bring_down(self, daemon, how):
        """`how` ends it, and what it says is the answer; until start() nobody wonders that it is down."""
        with self._changing:
            self._down_on_purpose.add(daemon)
        return how(self.fleet.daemons[daemon])

    def start_daemons(self, *names):
        """Side by side, until they serve."""
        self._until_back(names, lambda name: self.fleet.daemons[name].start())
        with self._changing:
            self._down_on_purpose.difference_update(names)

    def start_servers(self, *names):
        self._until_back(names, lambda name: self.servers[name].up())

    def _until_back(self, names, start):
        deadline = time.monotonic() + COME_BACK_SECONDS

        def insist(name):
            while not self._closing.is_set():
                try:
                    return start(name)
                except ServiceError as error:
                    self._say(f"{name} is not back yet: {str(error).splitlines()[0]}")
                    if time.monotonic() > deadline:
                        raise NotBack(f"{name} does not serve {COME_BACK_SECONDS} s after it was started:\n{error}") from error
        list(self._pool.map(insist, names))

    def look_after(self):
        """As systemd does: who has ended by itself is started again. It is a trouble all the same."""
        with self._changing:
            ended = [name for name in DAEMONS
                     if name not in self._down_on_purpose and self.fleet.daemons[name].process.pid() is None]
        for name in ended:
            self.note_trouble(name, "ended by itself")
            self.start_daemons(name)

    def note_trouble(self, name, what):
        self.troubles.append(f"{name} {what}; the end of its log:\n{self.fleet.daemons[name].process.log_tail(30)}")
        self._say(self.troubles[-1])

    # What the others ask:

    def sql(self, text):
        """Lines of what Postgres answers, on a line of our own; None: it is away."""
        try:
            done = subprocess.run(["psql", "-XAtq", f"{self.endpoints['postgres']} connect_timeout=10", "-c", text],
                                  capture_output=True, text=True, timeout=ASK_SECONDS)
        except subprocess.TimeoutExpired:
            return None
        return done.stdout.splitlines() if done.returncode == 0 else None

    def rows(self, query):
        """As dictionaries; asked when Postgres is there."""
        for _ in range(ASK_TRIES):
            if (lines := self.sql(f"select row_to_json(found) from ({query}) found")) is not None:
                return [json.loads(line) for line in lines]
        raise NotBack(f"Postgres does not answer: {query}")

    def table(self, name):
        return f"{PREFIX}.{name}"

    def addresses(self):
        return [self.fleet.address(name) for name in CONDUCTORS]

    def cloud(self):
        return self.fleet.address(CLOUD)

    def ledger(self):
        """Every call of the cloud's, oldest first."""
        with open(self.fleet.folder / "cloud.ledger") as file:
            yield from map(json.loads, file)

    def log_lines(self, daemon):
        """Of all its lives."""
        return self.fleet.daemons[daemon].process.log_file.read_text(errors="replace").splitlines()

    def end_fleet(self):
        """Asks every daemon to go. Those that had to be killed."""
        with self._changing:
            self._down_on_purpose.update(DAEMONS)
        killed = self.fleet.stop((*WORKERS, *CONDUCTORS))
        for name in DAEMONS:
            self.fleet.daemons[name].guardian.wait(GUARDIAN_SECONDS)
        return killed
