"""What the three servers of the dev cluster have in common: start, answer, stop, be forgotten."""

import shutil
import signal
import socket
import time
from pathlib import Path

import ports
from process import Process

START_SECONDS = 40  # a cold JVM on a busy machine; normally 3
STOP_SECONDS = 15  # of a server that has nothing to bring to its disk
PROBE_SECONDS = 1.0


class ServiceError(Exception):
    """A message for a person: where, what, what was known, what to do."""


class PortsTaken(ServiceError):
    """Somebody else holds a port that this server was to have; another block of ports may be free."""


class Service:
    name = ""
    stop_signal = signal.SIGTERM
    stop_seconds = STOP_SECONDS
    discard_signal = signal.SIGTERM  # ends it when nobody wants its data any more

    def __init__(self, folder, port, jvm):
        self.folder = Path(folder)
        self.port = port
        self.jvm = jvm
        self.process = Process(self.name, self.folder)

    # What each server says for itself:

    def ports_used(self):
        return [self.port]

    def endpoint(self):
        return f"127.0.0.1:{self.port}"

    def launch(self):
        """Prepares files if need be and starts the process; does not wait for answers."""
        raise NotImplementedError

    def answers(self):
        """True when a client would be served now."""
        raise NotImplementedError

    def data_folders(self):
        return [self.folder / self.name]

    def after_start(self):
        """What is needed once it answers."""

    # What all do alike:

    def up(self):
        """Starts it if needed and waits until it answers. Returns how long that took, 0 when it was up."""
        begun = time.monotonic()
        if self.process.stopped():
            self.process.send(signal.SIGCONT, tree=True)
        if self.process.pid() is None:
            self._refuse_foreign_ports()
            self.launch()
        elif self.ready():
            return 0
        self._wait_for_answer(begun + START_SECONDS)
        self.after_start()
        return time.monotonic() - begun

    def ready(self):
        """True when it is our own process that answers: another cluster may have been faster to take the port."""
        return self.process.holds_one_of(ports.listening_sockets(self.port)) and self.answers()

    def _refuse_foreign_ports(self):
        for port in self.ports_used():
            if ports.is_taken(port):
                raise PortsTaken(f"{self.name}: port {port} of 127.0.0.1 is held by a process that is not of "
                                   f"{self.folder}\n  'ss -ltnp' shows which; give other ports with --ports")

    def _wait_for_answer(self, deadline):
        while not self.ready():
            if self.process.pid() is None and not self.relaunch():
                self._refuse_foreign_ports()
                raise ServiceError(f"{self.name}: ended while starting; the end of {self.process.log_file}:\n"
                                   f"{self.process.log_tail()}")
            if time.monotonic() > deadline:
                raise ServiceError(f"{self.name}: gave no answer on port {self.port} in {START_SECONDS} s; the end "
                                   f"of {self.process.log_file}:\n{self.process.log_tail()}")
            time.sleep(0.05)

    def relaunch(self):
        """Called when the process ended while starting: True when that was curable and it was started again."""
        return False

    def down(self, *, discard=False):
        """Ends it; `discard`: its data is about to be wiped and may be left as it is. True when asking was enough."""
        return self.process.stop(self.stop_seconds, self.discard_signal if discard else self.stop_signal)

    def wipe(self):
        for folder in self.data_folders():
            if folder.exists():
                shutil.rmtree(folder)

    def describe(self):
        pid = self.process.pid()
        if pid is None:
            return "down"
        if self.process.stopped():
            return f"paused (pid {pid}, port {self.port})"
        return f"{'up' if self.ready() else 'silent'} (pid {pid}, port {self.port})"


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=PROBE_SECONDS)


def receive_exactly(line, size):
    parts = b""
    while len(parts) < size:
        part = line.recv(size - len(parts))
        if not part:
            raise ConnectionResetError("the server closed the connection")
        parts += part
    return parts


def java(jvm, heap):
    """The start of a Java command line. "quick" compiles with C1 only: faster while cold, slower once warm."""
    quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"] if jvm == "quick" else []
    return ["java", f"-Xmx{heap}", "-Djava.net.preferIPv4Stack=true", *quick]
