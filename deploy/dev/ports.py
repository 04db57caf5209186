"""Which ports of loopback a cluster uses: several clones run their tests side by side on one machine."""

import re
import socket
import zlib
from pathlib import Path

BLOCK = 10  # blocks of ports begin at multiples of this, so that people can read them
BLOCK_USED = 4
LISTENING = "0A"  # as /proc/net/tcp writes it


class NoPorts(Exception):
    pass


def is_taken(port):
    """True when somebody listens there (a connection in TIME_WAIT does not count)."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return True
    return False


def listening_sockets(port):
    """The inodes of the sockets that listen there, whoever holds them."""
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if Path(table).exists():
            for line in Path(table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == LISTENING and int(fields[1].rpartition(":")[2], 16) == port:
                    found.add(int(fields[9]))
    return found


def parse_range(text):
    """"28000" is that block and no other; "28000-28999" is any free block in there."""
    found = re.fullmatch(r"(\d{1,5})(?:-(\d{1,5}))?", text)
    if not found:
        raise ValueError(f"ports are given as 28000 or 28000-28999, not as '{text}'")
    return int(found[1]), int(found[2] or found[1])


def free_block(wanted, key):
    """The first port of a free block. The search begins at a place that depends on the key, so that two clusters that
    choose at the same moment choose differently."""
    first, last = wanted
    blocks = range(first, last - BLOCK_USED + 2, BLOCK) or range(first, first + 1)
    begin = zlib.crc32(key.encode()) % len(blocks)
    for index in range(len(blocks)):
        base = blocks[(begin + index) % len(blocks)]
        if not any(is_taken(port) for port in range(base, base + BLOCK_USED)):
            return base
    raise NoPorts(f"no {BLOCK_USED} free ports of 127.0.0.1 in {first} to {max(last, first + BLOCK_USED - 1)}\n"
                  f"  'ss -ltnp' shows who holds them; give others with --ports")
