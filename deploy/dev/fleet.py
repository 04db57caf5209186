"""A fleet of the dev cluster: which daemons there are, their settings, how they start and end."""

import json
import os
import signal
import subprocess
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from process import Process
from readiness import Readiness
from service import ServiceError

HOW_TO_BUILD = "build it: make build PRESET=release, or say where it is with --build"
READY_SECONDS = 30  # normally well under one; a busy machine may be slow
STOP_SECONDS = 20  # what drains has DRAIN_MS for it
GUARDIAN_SECONDS = 15  # more than it gives itself to end a session
CONDUCTORS = ("conductor-1", "conductor-2")
WORKERS = ("worker-1", "worker-2", "worker-3")
CLOUD = "cloud"
NAMES = (CLOUD, *WORKERS, *CONDUCTORS)
PORT_OFFSETS = {"conductor-1": 0, "conductor-2": 1, CLOUD: 2}
DRAIN_MS = 10_000
BOOT_MS = 300  # how long a server of the example cloud takes to become ACTIVE
SESSION_TIMEOUT_MS = 2000  # a dead daemon that nobody noted is missed after this


def toml(sections):
    """Settings as a file; JSON writes strings, numbers, booleans and lists of them as TOML does."""
    return "".join(f"[{name}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in values.items()) + "\n"
                   for name, values in sections.items())


class Daemon:
    """One daemon: its program, its settings and its process, which this or an earlier command started.

    Beside one that has a runtime folder runs its guardian, as systemd's ExecStopPost does: when the daemon dies, others
    go on at once.
    """

    def __init__(self, name, folder, program, settings, environment):
        self.name = name
        self.program = Path(program)
        self.settings = settings
        self.environment = environment
        self.settings_file = Path(folder) / f"{name}.toml"
        self.process = Process(name, folder)
        self.guardian = Process(f"{name}.guardian", folder)

    def write_settings(self):
        self.settings_file.parent.mkdir(parents=True, exist_ok=True)
        self.settings_file.write_text(toml(self.settings))

    def start(self):
        """Starts it unless it is up, and waits until it says that it serves. True when it was down."""
        if self.process.stopped():
            self.process.send(signal.SIGCONT, tree=True)
        if self.process.pid():
            return False
        if not self.program.exists():
            raise ServiceError(f"{self.name}: {self.program} is not built\n  {HOW_TO_BUILD}")
        self.write_settings()
        with Readiness() as readiness:
            life = uuid.uuid4().hex
            environment = {**os.environ, **self.environment, **readiness.environment, "INVOCATION_ID": life}
            self.process.start([str(self.program), "--settings", str(self.settings_file)], env=environment)
            if not readiness.wait(self.process, READY_SECONDS):
                self._refuse()
        if folder := self.settings.get("runtime", {}).get("folder"):
            self._guard(folder, life)
        return True

    def _guard(self, folder, life):
        self.guardian.wait(GUARDIAN_SECONDS)  # that of the last life has little left to do
        self.guardian.start([str(self.program.parent / "baton-guardian"), "--folder", folder, "--invocation", life])

    def _refuse(self):
        what = "ended while starting" if self.process.pid() is None else f"was not ready in {READY_SECONDS} s"
        self.process.stop(STOP_SECONDS)
        raise ServiceError(f"{self.name}: {what}; the end of {self.process.log_file}:\n{self.process.log_tail()}")

    def kill(self, number=signal.SIGKILL):
        """As a crash does: this process only; what it started has to notice."""
        if not self.process.send(number):
            raise ServiceError(f"{self.name}: is not up\n  'start {self.name}' starts it")
        if number == signal.SIGKILL and not self.process.wait(5):
            raise ServiceError(f"{self.name}: still there 5 s after SIGKILL (pid {self.process.pid()})")

    def lose(self):
        """As a host that vanishes: nobody notes the death, others learn of it by the session's timeout."""
        self.guardian.send(signal.SIGKILL)
        self.guardian.wait(5)
        self.kill()

    def describe(self):
        pid = self.process.pid()
        if pid is None:
            return "down"
        return f"{'paused' if self.process.stopped() else 'up'} (pid {pid}, log {self.process.log_file})"


class Fleet:
    """Conductors, workers and the example cloud on the servers of one cluster.

    `prefix` keeps fleets on the same servers apart: topics, schema and paths in ZooKeeper are named by it. Ports: three
    from `base` on.
    """

    def __init__(self, folder, build, services, base, prefix="baton", session_timeout_ms=SESSION_TIMEOUT_MS):
        self.folder = Path(folder).absolute()
        self.build = Path(build).absolute()
        self.services = services
        self.base = base
        self.prefix = prefix
        self.session_timeout_ms = session_timeout_ms
        self.board = f"/{prefix}/jobs"
        self.daemons = {name: self._daemon(name) for name in NAMES}

    def address(self, name):
        return f"127.0.0.1:{self.base + PORT_OFFSETS[name]}"

    def named(self, names=()):
        return [self.daemons[name] for name in names or NAMES]

    def prepare(self):
        """Makes the schema and the topics, or brings them to this version. Harmless when they are there."""
        first = self.daemons[CONDUCTORS[0]]
        first.write_settings()
        for words in (("admin", "migrate"), ("admin", "topics")):
            done = self.baton(*words, "--settings", str(first.settings_file), capture_output=True)
            if done.returncode != 0:
                raise ServiceError(f"baton {' '.join(words)} failed with {done.returncode}:\n"
                                   f"{done.stdout}{done.stderr}")

    def baton(self, *words, **options):
        """Runs the baton command against the conductors."""
        program = self.build / "bin" / "baton"
        if not program.exists():
            raise ServiceError(f"{program} is not built\n  {HOW_TO_BUILD}")
        return subprocess.run([program, *words], text=True, env={**os.environ, "BATON_API": self.api()}, **options)

    def api(self):
        return ",".join(self.address(name) for name in CONDUCTORS)

    def start(self, names=()):
        """Side by side. Returns the names of those that were down; raises with the message of every failure."""
        self._write_commands()
        chosen = self.named(names)
        with ThreadPoolExecutor(len(chosen)) as pool:
            attempts = [(daemon, pool.submit(daemon.start)) for daemon in chosen]
        failures = [attempt.exception() for _, attempt in attempts if attempt.exception()]
        if unexpected := [error for error in failures if not isinstance(error, ServiceError)]:
            raise unexpected[0]
        if failures:
            raise ServiceError("\n".join(map(str, failures)))
        return [daemon.name for daemon, attempt in attempts if attempt.result()]

    def stop(self, names=()):
        """Side by side. Returns the names of those that had to be killed."""
        chosen = self.named(names)
        with ThreadPoolExecutor(len(chosen)) as pool:
            asked = list(pool.map(lambda daemon: daemon.process.stop(STOP_SECONDS), chosen))
        return [daemon.name for daemon, enough in zip(chosen, asked) if not enough]

    def _daemon(self, name):
        if name == CLOUD:
            return Daemon(name, self.folder, self.build / "bin" / "example-cloud", self._cloud_settings(), {})
        if name in WORKERS:
            return Daemon(name, self.folder, self.build / "bin" / "baton-worker", self._worker_settings(name),
                          {"BATON_EXAMPLE_CLOUD": self.address(CLOUD)})
        return Daemon(name, self.folder, self.build / "bin" / "baton-conductor", self._conductor_settings(name), {})

    def _cloud_settings(self):
        return {"cloud": {"port": self.base + PORT_OFFSETS[CLOUD], "boot_ms": BOOT_MS,
                          "ledger": str(self.folder / "cloud.ledger")}}

    def _servers(self):
        return {"zookeeper": {"hosts": self.services["zookeeper"], "session_timeout_ms": self.session_timeout_ms,
                              "fleet_path": f"/{self.prefix}/.baton"},
                "kafka": {"brokers": self.services["kafka"], "topic_prefix": self.prefix}}

    def _worker_settings(self, name):
        return {**self._servers(), "runtime": self._runtime(name),
                "worker": {"name": name, "slots": 4, "drain_ms": DRAIN_MS, "modules": [self._module()],
                           "commands": [str(self._commands_file())], "command_programs": ["*"]}}

    def _conductor_settings(self, name):
        return {**self._servers(), "runtime": self._runtime(name),
                "postgres": {"conninfo": self.services["postgres"], "schema": self.prefix},
                "conductor": {"name": name, "board_path": self.board, "drain_ms": DRAIN_MS,
                              "modules": [self._module()]},
                "api": {"port": self.base + PORT_OFFSETS[name]}}

    def _runtime(self, name):
        return {"folder": str(self.folder / f"{name}.run")}

    def _module(self):
        return str(self.build / "modules" / "cloud_module.so")

    def _commands_file(self):
        return self.folder / "commands.json"

    def _write_commands(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        script = self.build / "modules" / "configure_cluster.py"
        self._commands_file().write_text(json.dumps({"cluster.configure": {"argv": ["python3", str(script)]}}) + "\n")
