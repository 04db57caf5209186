"""What local mode costs: tasks that do nothing, one after the other, without and with a state file; `baton run`.

Fails where a bar is missed. The chain has none but is told as a ratio to the disk's own sync in the same minute: each of
its atoms is on the disk before the next one begins.
"""
import argparse
import json
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import probes

MEMORY_ATOMS_PER_S, SQLITE_ATOMS_PER_S, RUN_MS, DEV_MS = 200_000, 20_000, 50, 100
ROUNDS = 5
ONE_TASK = {"name": "one", "pattern": "linear",
            "nodes": [{"task": "command", "name": "a", "requires": ["argv"], "inject": {"argv": ["true"]}}]}


def seconds(build, where, shape, atoms):
    done = subprocess.run([build / "bin" / "local_bench", where, shape, str(atoms)], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"local_bench {where} {shape} {atoms}: {done.stdout}{done.stderr}")
    return json.loads(done.stdout)["seconds"]


def picked_seconds(build, folder, kept, shape, atoms, pick=min):
    """The best of some rounds: what others do on this machine only slows it."""
    return pick(seconds(build, folder / f"{shape}-{n}.state" if kept else "memory", shape, atoms)
               for n in range(ROUNDS))


def run_ms(build, folder, *words):
    """`baton run` from its start to its end, as a shell sees it."""
    (folder / "one.json").write_text(json.dumps(ONE_TASK))
    times = []
    for n in range(4 * ROUNDS):
        command = [build / "bin" / "baton", "run", "one.json", "--quiet", *(word.format(n) for word in words)]
        start = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def dev_ms(build, folder):
    """`baton dev` from its start until it says that it serves."""
    times = []
    for n in range(2 * ROUNDS):
        start = time.perf_counter()
        with subprocess.Popen([build / "bin" / "baton", "dev", "--port", "0", "--state", f"dev-{n}.state"], cwd=folder,
                              stdout=subprocess.PIPE, text=True) as dev:
            serves = dev.stdout.readline().startswith("baton dev: http")
            times.append((time.perf_counter() - start) * 1000)
            dev.terminate()
            if not serves:
                raise SystemExit("baton dev does not serve")
    return statistics.median(times)


class Table:
    missed = False

    def row(self, what, figure, bar=None, ok=True):
        self.missed |= not ok
        print(f"{what:<52}{figure:>24}   {'' if bar is None else ('ok, ' if ok else 'MISSED, ') + bar}", flush=True)


def measure(build, folder):
    table = Table()
    for shape in ("wide", "chain"):
        rate = 100_000 / picked_seconds(build, folder, False, shape, 100_000)
        table.row(f"memory, serial, {shape}, 100,000 atoms", f"{rate:,.0f} atoms/s", f"bar {MEMORY_ATOMS_PER_S:,}",
                  rate >= MEMORY_ATOMS_PER_S)
    rate = 10_000 / picked_seconds(build, folder, True, "wide", 10_000)
    table.row("state file, serial, 10,000 atoms in parallel", f"{rate:,.0f} atoms/s", f"bar {SQLITE_ATOMS_PER_S:,}",
              rate >= SQLITE_ATOMS_PER_S)
    sync = probes.disk_sync_ms(folder)
    atom = picked_seconds(build, folder, True, "chain", 500, statistics.median) / 500 * 1000
    table.row("state file, serial, a chain of 500", f"{atom:.3f} ms an atom")
    table.row("… in syncs of this disk", f"{atom / sync:.2f} x {sync:.3f} ms")
    for kept in (False, True):
        for executor in ("serial", "thread", "process"):
            words = ("--state", executor + "-{}.state") if kept else ()
            ms = run_ms(build, folder, "--executor", executor, *words)
            table.row(f"baton run, one task, {executor}" + (", a new state file" if kept else ""), f"{ms:.1f} ms",
                      f"bar {RUN_MS}", ms <= RUN_MS)
    table.row("… a new state file waits for the disk five times", f"{sync:.3f} ms a sync")
    ms = dev_ms(build, folder)
    table.row("baton dev, until it serves", f"{ms:.1f} ms", f"bar {DEV_MS}", ms <= DEV_MS)
    return table.missed


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, type=Path, help="the folder of a release build")
    parser.add_argument("--folder", type=Path, default=Path(".run"), help="on the disk that is measured")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="bench-local-") as folder:
        raise SystemExit(1 if measure(given.build.resolve(), Path(folder).resolve()) else 0)


if __name__ == "__main__":
    main()
