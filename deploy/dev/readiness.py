"""Waiting for a daemon to say that it serves: systemd's NOTIFY_SOCKET, held by a launcher instead of systemd."""

import select
import socket
import struct
import time

CREDENTIALS = struct.Struct("3i")  # pid, uid, gid, as the kernel vouches for them


class Readiness:
    """Open it before the daemon starts, give the daemon its `environment`, then wait."""

    def __enter__(self):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._socket.bind("")  # an abstract name of the kernel's choosing: no file to remove, no path too long
        self.environment = {"NOTIFY_SOCKET": "@" + self._socket.getsockname()[1:].decode()}
        return self

    def __exit__(self, *_):
        self._socket.close()

    def wait(self, process, seconds):
        """True once this very process has said READY=1; False when it ended, or the time was over, before."""
        deadline = time.monotonic() + seconds
        with process.handle() as (pid, handle):
            while handle is not None:
                left = deadline - time.monotonic()
                readable = select.select([self._socket, handle], [], [], max(0, left))[0]
                if self._socket in readable:
                    if self._says_ready(pid):
                        return True
                elif handle in readable or left <= 0:
                    return False
        return False

    def _says_ready(self, pid):
        text, ancillary, _, _ = self._socket.recvmsg(4096, socket.CMSG_SPACE(CREDENTIALS.size))
        senders = [CREDENTIALS.unpack(data)[0] for level, kind, data in ancillary
                   if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS)]
        return senders == [pid] and b"READY=1" in text.split(b"\n")
