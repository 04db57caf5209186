#!/usr/bin/env python3
"""Baton's daemons and the example cloud, on the servers that cluster.py has up in the same folder.

  daemons.py --folder .run/demo start                  start what is down, wait until all serve
  daemons.py --folder .run/demo kill worker-2          SIGKILL, as a crash; --signal STOP and CONT pause and wake
  daemons.py --folder .run/demo stop conductor-1       ask it to end, as systemd does

Settings, logs and pid files are in the folder: NAME.toml, NAME.log, NAME.pid.
"""

import argparse
import fcntl
import json
import signal
import sys
from contextlib import contextmanager
from pathlib import Path

import ports
from cluster import Cluster, signal_named
from fleet import CLOUD, NAMES, Fleet
from service import ServiceError

BUILD = "build/release"
PORT_OFFSET = ports.BLOCK_USED  # in the cluster's own block, behind the servers' ports


def fleet_of(folder, build=None):
    """The fleet of a cluster's folder, with the programs of the last time unless others are given."""
    cluster = Cluster(folder)
    if cluster.settings is None:
        raise ServiceError(f"no servers were ever up in {cluster.folder}\n"
                           f"  start them: cluster.py --folder {folder} up")
    file = cluster.folder / "fleet.json"
    known = json.loads(file.read_text())["build"] if file.exists() else BUILD
    fleet = Fleet(cluster.folder, build or known, cluster.endpoints(), cluster.settings["ports"] + PORT_OFFSET)
    file.write_text(json.dumps({"build": str(fleet.build)}) + "\n")
    return fleet


@contextmanager
def lock(folder):
    """One command at a time changes what is up."""
    with open(Path(folder) / "daemons.lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def say(text):
    print(f"daemons: {text}", file=sys.stderr, flush=True)


def bring_up(fleet, names=()):
    """Schema and topics first, for those that need them; then what is down."""
    if any(daemon.name != CLOUD and not daemon.process.pid() for daemon in fleet.named(names)):
        fleet.prepare()
    if started := fleet.start(names):
        say(f"{', '.join(started)} up")


def start(fleet, options):
    with lock(fleet.folder):
        bring_up(fleet, options.names)


def stop(fleet, options):
    with lock(fleet.folder):
        for name in fleet.stop(options.names):
            say(f"{name} had to be killed")


def kill(fleet, options):
    for daemon in fleet.named(options.names):
        daemon.kill(options.signal)


def status(fleet, options):
    daemons = fleet.named(options.names)
    for daemon in daemons:
        print(f"{daemon.name}: {daemon.describe()}")
    return 0 if all(daemon.process.pid() for daemon in daemons) else 3


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", default=".run/demo", metavar="DIR", help="the cluster's (default: %(default)s)")
    parser.add_argument("--build", metavar="DIR",
                        help=f"where the programs were built (default: that of the last time, else {BUILD})")
    commands = parser.add_subparsers(required=True, metavar="ACTION")
    for name, action, text, count in (("start", start, "start what is down and wait until it serves", "*"),
                                      ("stop", stop, "ask to end, insist after a while", "*"),
                                      ("kill", kill, "send a signal (default KILL)", "+"),
                                      ("status", status, "say what is up; exit code 3 unless all are", "*")):
        command = commands.add_parser(name, help=text)
        command.add_argument("names", nargs=count, metavar="NAME", help=", ".join(NAMES))
        command.set_defaults(call=action)
    commands.choices["kill"].add_argument("--signal", type=signal_named, default=signal.SIGKILL, metavar="NAME")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in NAMES]:
        parser.error(f"no daemon is called {', '.join(unknown)}; there are {', '.join(NAMES)}")
    return options


def main(arguments=None):
    options = parse(arguments)
    try:
        return options.call(fleet_of(options.folder, options.build), options)
    except ServiceError as error:
        say(error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
