#!/usr/bin/env python3
"""make demo: the servers, two conductors, three workers and the example cloud; a cluster of five nodes made by them.

What is up already is used again. Everything stays up afterwards; the exit code is the flow's.
"""

import argparse
import os
import sys
import time

import daemons
from cluster import main as cluster
from service import ServiceError

NODES = ("alpha", "beta", "gamma", "delta", "epsilon")
FLOW_ENDED = (0, 1)  # what `baton post --wait` ends with when the flow has ended, in SUCCESS or otherwise


def post_and_follow(fleet):
    """Posts the job and shows its progress; returns the exit code and, if one was posted, the job's uuid."""
    uuid = f"demo-{int(time.time())}-{os.getpid()}"
    words = ["post", "create-cluster", "--uuid", uuid, "--name", "the demo's cluster",
             "--param", "name=demo", "--param", f"nodes={','.join(NODES)}", "--wait"]
    print(f"\n$ baton {' '.join(words)}", flush=True)
    return fleet.baton(*words).returncode, uuid


def show_history(fleet, uuid):
    print(f"\n$ baton history {uuid}", flush=True)
    fleet.baton("history", uuid)


def say_what_next(fleet, folder, uuid):
    daemon = f"deploy/dev/daemons.py --folder {folder}"
    print(f"""
It is all still up. To look around:
  export BATON_API={fleet.api()} PATH={fleet.build / 'bin'}:$PATH
  baton show {uuid}            the job, its atoms as a tree
  baton list; baton workers; baton conductors; baton flow list
  curl http://{fleet.address('cloud')}/ledger       every call that the example cloud has had
Kill something while a job runs:
  baton post create-cluster --param name=mine --param nodes=a,b,c --wait &
  {daemon} kill conductor-1      and: {daemon} start conductor-1
  {daemon} kill worker-2         and: {daemon} status
Logs, settings and pid files: {folder}
Stop it: make demo-stop""", flush=True)


def run(options):
    arguments = ["--folder", options.folder] + (["--ports", options.ports] if options.ports else [])
    if code := cluster([*arguments, "up"]):
        return code
    fleet = daemons.fleet_of(options.folder, options.build)
    with daemons.lock(fleet.folder):
        daemons.bring_up(fleet)
    code, uuid = post_and_follow(fleet)
    if code not in FLOW_ENDED:
        print(f"demo: the job could not be followed to its end; see the logs in {fleet.folder}", file=sys.stderr)
        return code
    show_history(fleet, uuid)
    say_what_next(fleet, options.folder, uuid)
    return code


def stop(options):
    """Stops daemons and servers and removes their data, so that the next demo begins anew."""
    try:
        fleet = daemons.fleet_of(options.folder)
    except ServiceError:
        return 0  # never up: nothing to do
    with daemons.lock(fleet.folder):
        fleet.stop()
    return cluster(["--folder", options.folder, "down", "--wipe"])


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", default=".run/demo", metavar="DIR", help="default: %(default)s")
    parser.add_argument("--build", metavar="DIR", default=daemons.BUILD, help="default: %(default)s")
    parser.add_argument("--ports", metavar="BASE[-LAST]", help="as cluster.py's")
    parser.add_argument("action", nargs="?", choices=("run", "stop"), default="run")
    return parser.parse_args(arguments)


def main(arguments=None):
    options = parse(arguments)
    try:
        return (stop if options.action == "stop" else run)(options)
    except ServiceError as error:
        print(f"demo: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
