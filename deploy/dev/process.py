"""Detached processes that later commands find again, look after and end.

A process is remembered by a file NAME.pid in its folder, holding pid, start time and boot id, so that a recycled pid is
never mistaken for it; its output goes to NAME.log beside it. Signals go through a pidfd, for the same reason.
"""

import json
import os
import select
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path


def boot_id():
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()


def stat_of(pid):
    """(state, parent, start time) of a process, or None when there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    fields = text[text.rindex(")") + 2:].split()  # the name before it may hold blanks and brackets
    return fields[0], int(fields[1]), int(fields[19])


def link_of(file):
    try:
        return os.readlink(file)
    except OSError:
        return None  # closed meanwhile


def descendants(pid):
    """Children, grandchildren and so on of a process, as they are now."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (stat := stat_of(entry)):
            children.setdefault(stat[1], []).append(int(entry))
    found = list(children.get(pid, []))
    for child in found:  # grows while we walk it
        found.extend(children.get(child, []))
    return found


def has_ended(handle, seconds):
    """Waits for the end of all its threads, not only of the first: until then it holds its ports."""
    return bool(select.select([handle], [], [], seconds)[0])


@contextmanager
def pidfd_of(pid, started=None):
    """A handle that stays with this very process; None when it is gone or another one took its number."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        yield None
        return
    try:
        stat = stat_of(pid)
        same = stat and started in (None, stat[2])
        yield handle if same and not has_ended(handle, 0) else None
    finally:
        os.close(handle)


def deliver(handle, number):
    try:
        signal.pidfd_send_signal(handle, number)
    except ProcessLookupError:
        pass  # ended meanwhile: what was wanted


class Process:
    """One named process of a folder, which this or an earlier command started."""

    def __init__(self, name, folder):
        self.name = name
        self.folder = Path(folder)
        self.pid_file = self.folder / f"{name}.pid"
        self.log_file = self.folder / f"{name}.log"

    def start(self, command, *, env=None, cwd=None, user=None):
        """Starts it in a session of its own, so that no terminal's Ctrl-C ends it. `user` needs root."""
        if running := self.pid():
            raise RuntimeError(f"{self.name} of {self.folder} runs already (pid {running}); stop it first")
        self.folder.mkdir(parents=True, exist_ok=True)
        identity = {"user": user, "group": user, "extra_groups": []} if user else {}
        with open(self.log_file, "ab") as log:
            child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=env,
                                     cwd=cwd, start_new_session=True, **identity)
        child.returncode = 0  # it outlives this command: no warning that nobody waited
        self._remember(child.pid)
        return child.pid

    def _remember(self, pid):
        stat = stat_of(pid)
        started = stat[2] if stat else 0
        aside = self.pid_file.with_suffix(".pid.new")
        aside.write_text(json.dumps({"pid": pid, "started": started, "boot": boot_id()}) + "\n")
        aside.rename(self.pid_file)

    def _recorded(self):
        try:
            record = json.loads(self.pid_file.read_text())
        except FileNotFoundError:
            return None
        return record if record["boot"] == boot_id() else None

    @contextmanager
    def handle(self):
        record = self._recorded()
        if record is None:
            yield None, None
            return
        with pidfd_of(record["pid"], record["started"]) as handle:
            if handle is None:
                self._reap(**record)
            yield (record["pid"], handle) if handle is not None else (None, None)

    def pid(self):
        """Its pid while it is alive, else None."""
        with self.handle() as (pid, _):
            return pid

    def holds_one_of(self, sockets):
        """True when one of these sockets (inodes) is its own."""
        folder = Path(f"/proc/{self.pid()}/fd")
        wanted = {f"socket:[{inode}]" for inode in sockets}
        try:
            return any(link_of(file) in wanted for file in folder.iterdir())
        except (FileNotFoundError, ProcessLookupError):
            return False  # it has ended

    def stopped(self):
        """True while it is held by SIGSTOP."""
        pid = self.pid()
        stat = stat_of(pid) if pid else None
        return bool(stat) and stat[0] in "Tt"

    def send(self, number, *, tree=False):
        """Sends a signal, to its descendants too if asked. True when it was alive."""
        with self.handle() as (pid, handle):
            if handle is None:
                return False
            children = descendants(pid) if tree else []
            deliver(handle, number)  # the parent first: it must not replace a child that ends
            for child in children:
                with pidfd_of(child) as child_handle:
                    if child_handle is not None:
                        deliver(child_handle, number)
            return True

    def wait(self, seconds):
        """True when it has ended within the time."""
        record = self._recorded()
        with self.handle() as (_, handle):
            if handle is None:
                return True
            ended = has_ended(handle, seconds)
        if ended:
            self._reap(**record)
        return ended

    @staticmethod
    def _reap(pid, started, **_):
        stat = stat_of(pid)
        if not stat or (stat[0], stat[2]) != ("Z", started):
            return  # it is gone, or another one has its number
        try:
            os.waitpid(pid, os.WNOHANG)
        except ChildProcessError:
            pass  # an earlier command started it: init reaps it

    def stop(self, seconds, number=signal.SIGTERM):
        """Asks it to end, insists with SIGKILL after the time. True when asking was enough."""
        deadline = time.monotonic() + seconds
        if not self.send(number):
            self.pid_file.unlink(missing_ok=True)
            return True
        self.send(signal.SIGCONT, tree=True)  # a paused process would not hear
        asked = self.wait(max(0, deadline - time.monotonic()))
        if not asked:
            self.send(signal.SIGKILL, tree=True)
            self.wait(5)
        self.pid_file.unlink(missing_ok=True)
        return asked

    def log_tail(self, lines=25):
        try:
            text = self.log_file.read_text(errors="replace")
        except FileNotFoundError:
            return f"(no log at {self.log_file})"
        return "\n".join(text.splitlines()[-lines:])
