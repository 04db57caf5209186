#!/usr/bin/env python3
"""A small command line around the real Python TaskFlow zookeeper jobboard (taskflow and kazoo from PyPI).

Every verb prints JSON lines on stdout. Exit codes: 0 ok, 2 usage, 3 no such job, 4 unclaimable, 5 job failure,
6 anything else.

  taskflow_client.py --zk HOST:PORT --path BOARD VERB
     post --name N [--details JSON] [--priority P] [--book]
     list [--unclaimed]                     owner JOB
     claim JOB --owner W --then exit|abandon|consume|trash|hang
     consume|abandon|trash JOB --owner W    (the owner's name is all it needs)
     wait-job JOB [--timeout S]             watch (until its stdin is closed)
     entities
JOB is a job's name, uuid, node name (job0000000001) or full path.
"""
import argparse
import contextlib
import json
import logging
import sys
import threading

from taskflow import exceptions
from taskflow.jobs import backends
from taskflow.jobs import base
from taskflow.persistence import models

print_lock = threading.Lock()


def emit(**record):
    with print_lock:
        print(json.dumps(record, default=str, sort_keys=True), flush=True)


def view(job):
    return {"name": job.name, "uuid": job.uuid, "path": job.path, "sequence": job.sequence,
            "priority": job.priority.value, "details": job.details, "book_name": job.book_name}


def view_with_state(job):
    return dict(view(job), state=job.state, owner=job.board.find_owner(job))


def make_board(options):
    return backends.fetch("interop", {"board": "zookeeper", "hosts": options.zk, "path": options.path,
                                      "timeout": 4.0})


@contextlib.contextmanager
def open_board(options):
    board = make_board(options)
    board.connect(timeout=10)
    try:
        yield board
    finally:
        board.close()


def find_job(board, key):
    for job in board.iterjobs(ensure_fresh=True):
        if key in (job.name, job.uuid, job.path, job.path.rsplit("/", 1)[1]):
            return job
    raise exceptions.NotFound(f"no job {key!r} on the board")


def post(options):
    with open_board(options) as board:
        book = models.LogBook("a book") if options.book else None
        job = board.post(options.name, book=book, details=json.loads(options.details), priority=options.priority)
        emit(event="posted", **view(job))


def list_jobs(options):
    with open_board(options) as board:
        for job in board.iterjobs(only_unclaimed=options.unclaimed, ensure_fresh=True):
            emit(event="job", **view_with_state(job))


def owner(options):
    with open_board(options) as board:
        emit(event="owner", owner=board.find_owner(find_job(board, options.job)))


def claim(options):
    with open_board(options) as board:
        job = find_job(board, options.job)
        board.claim(job, options.owner)
        emit(event="claimed", **view_with_state(job))
        if options.then == "hang":
            sys.stdin.read()  # until the caller lets go
        elif options.then != "exit":
            getattr(board, options.then)(job, options.owner)
            emit(event=options.then, state=job.state)


def finish(options):
    with open_board(options) as board:
        job = find_job(board, options.job)
        getattr(board, options.verb)(job, options.owner)
        emit(event=options.verb, state=job.state)


def wait_job(options):
    with open_board(options) as board:
        job = find_job(board, options.job)
        emit(event="waiting")
        emit(event="wait-job", complete=job.wait(options.timeout))


def watch(options):
    board = make_board(options)

    def told(event, details):
        emit(event=event, **view(details["job"]))
    board.notifier.register(base.POSTED, told)
    board.notifier.register(base.REMOVAL, told)
    board.connect(timeout=10)
    with contextlib.closing(board):
        emit(event="watching")
        sys.stdin.read()


def entities(options):
    with open_board(options) as board:
        root = board.entity_path + "/conductor"
        client = board._client
        for name in client.get_children(root) if client.exists(root) else []:
            data, stat = client.get(root + "/" + name)
            emit(event="entity", node=name, data=json.loads(data), ephemeral=stat.ephemeralOwner != 0)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--zk", required=True)
    parser.add_argument("--path", required=True)
    verbs = parser.add_subparsers(dest="verb", required=True)

    def verb(name, call, *arguments):
        command = verbs.add_parser(name)
        command.set_defaults(call=call)
        for argument in arguments:
            command.add_argument(argument)
        return command
    command = verb("post", post)
    command.add_argument("--name", required=True)
    command.add_argument("--details", default="{}")
    command.add_argument("--priority", default="normal")
    command.add_argument("--book", action="store_true")
    verb("list", list_jobs).add_argument("--unclaimed", action="store_true")
    verb("owner", owner, "job")
    command = verb("claim", claim, "job")
    command.add_argument("--owner", required=True)
    command.add_argument("--then", default="exit", choices=["exit", "abandon", "consume", "trash", "hang"])
    for name in ("consume", "abandon", "trash"):
        verb(name, finish, "job").add_argument("--owner", required=True)
    verb("wait-job", wait_job, "job").add_argument("--timeout", type=float, default=10)
    verb("watch", watch)
    verb("entities", entities)
    return parser.parse_args()


def main():
    logging.basicConfig(stream=sys.stderr, level=logging.ERROR)
    codes = {exceptions.NotFound: 3, exceptions.UnclaimableJob: 4, exceptions.JobFailure: 5}
    options = parse()
    try:
        options.call(options)
    except Exception as error:  # shown as TaskFlow raises it
        emit(event="error", kind=type(error).__name__, error=str(error))
        return next((code for kind, code in codes.items() if isinstance(error, kind)), 6)
    return 0


if __name__ == "__main__":
    sys.exit(main())
