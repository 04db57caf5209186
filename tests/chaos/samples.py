"""What a fleet and its servers hold, at one moment: each a number that must not grow with time."""

import socket
from pathlib import Path

import plan
from watch import files_open, status_mib
from world import PREFIX
from zookeeper_wire import tree

ASK_SECONDS = 30


def take(world):
    """By name."""
    found = {}
    for name in plan.DAEMONS:  # not of the example cloud, whose ledger keeps every call
        pid = world.fleet.daemons[name].process.pid()
        found[f"memory MiB: {name}"] = status_mib(pid, "VmRSS")
        found[f"files open: {name}"] = files_open(pid)
    found |= _zookeeper(world) | _postgres(world)
    found["disk MiB: kafka's log"] = _disk_mib(world.folder / "servers" / "kafka" / "data")
    return found


def _zookeeper(world):
    nodes = tree(world.endpoints["zookeeper"], f"/{PREFIX}")
    said = dict(line.split("\t") for line in _four_letters(world.endpoints["zookeeper"], b"mntr").splitlines() if "\t" in line)
    depths = [path.split("/") for path in nodes]
    return {"zookeeper: connections": int(said["zk_num_alive_connections"]),
            "zookeeper: ephemeral nodes": int(said["zk_ephemerals_count"]) - sum(path.endswith(".lock") for path in nodes),
            "zookeeper: watches": int(said["zk_watch_count"]),
            "zookeeper: nodes beside jobs": sum(parts[2] != "jobs" for parts in depths),
            "zookeeper: death notes": sum(parts[3:4] == ["deaths"] and len(parts) == 5 for parts in depths),
            "kafka: partitions leased": sum(parts[3:4] == ["partitions"] and len(parts) == 7 for parts in depths)}


def _four_letters(endpoint, word):
    host, port = endpoint.split(":")
    with socket.create_connection((host, int(port)), ASK_SECONDS) as line:
        line.sendall(word)
        return b"".join(iter(lambda: line.recv(4096), b"")).decode()


def _postgres(world):
    tables = world.rows("select relname as name, pg_total_relation_size(c.oid) / 1024.0 / 1024 as mib "
                        "from pg_class c join pg_namespace n "
                        f"on n.oid = c.relnamespace where n.nspname = '{PREFIX}' and c.relkind = 'r'")
    counts = world.rows("select (select count(*) from pg_stat_activity where backend_type = 'client backend') as connections, "
                        "(select sum(size) / 1024.0 / 1024 from pg_ls_waldir()) as wal")
    sizes = {f"disk MiB: {row['name']}": float(row["mib"]) for row in tables}
    return {**sizes, "postgres: connections": counts[0]["connections"], "disk MiB: write-ahead log": float(counts[0]["wal"])}


def _disk_mib(folder):
    return sum(file.stat().st_blocks * 512 for file in Path(folder).rglob("*") if file.is_file()) / 2**20
