"""As much of ZooKeeper's protocol as the chaos needs: to look, and to end another's session."""

import socket
import struct

import reach  # noqa: F401
from service import receive_exactly

SECONDS = 10
NO_NODE = -101
GET_CHILDREN, CLOSE = 8, -11
HEADER = struct.Struct(">iqi")  # of an answer: request, zxid, error


class ZooKeeperError(Exception):
    pass


class Line:
    """One connection and its session: a new one, or another's that is taken over by its id and password."""

    def __init__(self, endpoint, session=0, password=bytes(16), timeout_ms=4000):
        host, port = endpoint.split(":")
        self._socket = socket.create_connection((host, int(port)), SECONDS)
        self._requests = 0
        try:
            self._send(struct.pack(">iqiq", 0, 0, timeout_ms, session) + struct.pack(">i", len(password)) + password)
            self.session = struct.unpack_from(">iiq", self._receive())[2]
            if session and self.session != session:
                raise ZooKeeperError(f"session 0x{session & (1 << 64) - 1:x} had ended already")
        except BaseException:
            self._socket.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.end()
        finally:
            self._socket.close()

    def children(self, path):
        """Their names; of a node that is not there: none."""
        name = path.encode()
        error, body = self._ask(GET_CHILDREN, struct.pack(">i", len(name)) + name + b"\0")
        if error == NO_NODE:
            return []
        if error:
            raise ZooKeeperError(f"children of {path}: error {error}")
        return list(self._texts(body))

    def end(self):
        """The session, with all its ephemeral nodes."""
        self._ask(CLOSE, b"")

    def _ask(self, kind, body):
        self._requests += 1
        self._send(struct.pack(">ii", self._requests, kind) + body)
        while True:
            answer = self._receive()
            request, _, error = HEADER.unpack_from(answer)
            if request == self._requests:
                return error, answer[HEADER.size:]

    @staticmethod
    def _texts(body):
        count, = struct.unpack_from(">i", body)
        place = 4
        for _ in range(count):
            size, = struct.unpack_from(">i", body, place)
            yield body[place + 4:place + 4 + size].decode()
            place += 4 + size

    def _send(self, body):
        self._socket.sendall(struct.pack(">i", len(body)) + body)

    def _receive(self):
        return receive_exactly(self._socket, struct.unpack(">i", receive_exactly(self._socket, 4))[0])


def end_session(endpoint, session, password, timeout_ms):
    """Another's session ends now, as if it had been silent for its timeout."""
    with Line(endpoint, session, password, timeout_ms):
        pass


def tree(endpoint, path):
    """Every node below, by path."""
    with Line(endpoint) as line:
        found = [path]
        for each in found:  # grows while we walk it
            found += [f"{each}/{name}" for name in line.children(each)]
        return found[1:]
