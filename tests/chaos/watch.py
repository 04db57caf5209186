"""What processes need, as the kernel counts it."""

import threading
from pathlib import Path

LOOK_SECONDS = 1.0


def status_mib(pid, name):
    """VmRSS or VmHWM of a process; 0: it has gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith(name + ":")), 0.0)


def files_open(pid):
    try:
        return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
    except (FileNotFoundError, ProcessLookupError):
        return 0


class Peaks:
    """The most memory that each daemon ever had, over all its lives. A thread of its own, until stop()."""

    def __init__(self, daemons):
        self._daemons = daemons
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self.mib = dict.fromkeys(daemons, 0.0)

    def start(self):
        self._thread.start()

    def stop(self):
        self._stopped.set()
        if self._thread.ident:
            self._thread.join()

    def _look(self):
        while not self._stopped.wait(LOOK_SECONDS):
            for name, daemon in self._daemons.items():
                if pid := daemon.process.pid():
                    self.mib[name] = max(self.mib[name], status_mib(pid, "VmHWM"))
