"""Connections to Postgres that do nothing: whoever else wants one finds none left."""

import re
import socket
import struct

import reach  # noqa: F401
from service import receive_exactly

SECONDS = 10
CONNECTIONS_MOST = 1000
PROTOCOL = 196608  # 3.0


class Refused(Exception):
    pass


class Occupation:
    """Takes every connection that the server has left; end() gives them back."""

    def __init__(self, conninfo):
        self._known = dict(re.findall(r"(\w+)=(\S+)", conninfo))
        self._lines = []

    def take_all(self):
        while len(self._lines) < CONNECTIONS_MOST and (line := self._connect()):
            self._lines.append(line)

    def ask(self, query):
        """On one of ours, its answer unseen. Nothing if there is none."""
        if self._lines:
            text = query.encode() + b"\0"
            self._lines[0].sendall(b"Q" + struct.pack(">i", 4 + len(text)) + text)
            _until_ready(self._lines[0])

    def end(self):
        for line in self._lines:
            line.close()
        self._lines = []

    def _connect(self):
        """None: the server has none left, or is away."""
        line = None
        try:
            line = socket.create_connection((self._known["host"], int(self._known["port"])), SECONDS)
            text = b"".join(part.encode() + b"\0" for part in ("user", self._known["user"], "database", self._known["dbname"]))
            line.sendall(struct.pack(">ii", 9 + len(text), PROTOCOL) + text + b"\0")
            _until_ready(line)
            return line
        except (OSError, Refused):
            if line:
                line.close()
            return None


def _until_ready(line):
    while (kind := receive_exactly(line, 1)) != b"Z":
        receive_exactly(line, struct.unpack(">i", receive_exactly(line, 4))[0] - 4)
        if kind == b"E":
            raise Refused
    receive_exactly(line, 5)
