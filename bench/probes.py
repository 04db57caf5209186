"""What the ground under the bench gives in the same minute."""
import json
import os
import re
import statistics
import subprocess
import time
from pathlib import Path

PSQL = "/usr/lib/postgresql/15/bin/psql"


def query(conninfo, sql):
    """Rows of text cells."""
    done = subprocess.run([PSQL, "-XAtq", "-v", "ON_ERROR_STOP=1", "-F", "\t", "-d", conninfo], input=sql + ";\n", capture_output=True,
                          text=True, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def durability(conninfo):
    names = ("fsync", "synchronous_commit", "full_page_writes", "wal_sync_method")
    return {name: query(conninfo, f"show {name}")[0][0] for name in names}


def disk_sync_ms(folder, count=100):
    """p50 of fdatasync behind a write of 8 KiB."""
    file = Path(folder) / "sync-probe"
    times = []
    handle = os.open(file, os.O_RDWR | os.O_CREAT)
    try:
        os.pwrite(handle, bytes(8192 * count), 0)
        os.fsync(handle)
        for i in range(count):
            os.pwrite(handle, os.urandom(8192), 8192 * i)
            start = time.perf_counter()
            os.fdatasync(handle)
            times.append((time.perf_counter() - start) * 1000)
    finally:
        os.close(handle)
        file.unlink()
    return statistics.median(times)


def kafka_round_trip(build, services):
    """p50 of one message there and back between two processes, in ms."""
    done = subprocess.run([str(Path(build) / "bin" / "bus_probe"), "--json", "--round-trips", "1000", "--messages", "1000"],
                          capture_output=True, text=True, check=True, env={**os.environ, "BATON_TEST_SERVICES": str(services)})
    return json.loads(done.stdout.strip().splitlines()[-1])["round_trip_us"]["p50"] / 1000


def commit_ms(build, conninfo):
    """p50 of one flow's step committed alone, by the store itself, in ms."""
    done = subprocess.run([str(Path(build) / "bin" / "store_probe"), conninfo, "1", "1"], capture_output=True, text=True, check=True)
    return float(re.search(r"p50 +(\d+) us", done.stdout).group(1)) / 1000
