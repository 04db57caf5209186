"""Planted faults: what the *.faults files say, and how one gets into a copy of a source file."""

import re
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
KEYS = ("breaks", "listed", "waits for")
NAME = re.compile(r"[a-z][a-z0-9_]*$")


class Misfit(Exception):
    """A fault that cannot be planted: it is written wrongly, or the source has changed."""


@dataclass(frozen=True)
class Change:
    """Whole lines of one source file, and what stands there instead."""

    file: str
    old: str
    new: str
    place: str  # in the table, for people


@dataclass
class Fault:
    name: str
    place: str
    does: str = ""  # in a line, what is wrong then
    breaks: str = ""  # the rules (I) and interleavings (H) of PROTOCOL.md
    listed: str = ""  # what PROTOCOL.md section 4 calls it, where it does
    waits_for: str = ""  # what the simulator must learn first; then there are no changes
    changes: list = field(default_factory=list)

    def files(self):
        return list(dict.fromkeys(change.file for change in self.changes))


def read_all(folder=HERE):
    faults = [fault for table in sorted(folder.glob("*.faults")) for fault in read(table)]
    names = [fault.name for fault in faults]
    for fault in faults:
        if names.count(fault.name) > 1:
            raise Misfit(f"{fault.place}: there is another fault called {fault.name}; names are unique")
    return faults


def read(table):
    faults = []
    change = None
    for number, line in enumerate(table.read_text().splitlines(), start=1):
        place = f"{table.name}:{number}"
        if line.startswith("fault "):
            change = None
            faults.append(Fault(named(line.removeprefix("fault ").strip(), place), place))
        elif line.startswith("in "):
            change = Change(line.removeprefix("in ").strip(), "", "", place)
            of_last(faults, place).changes.append(change)
        elif line[:1] in "-+ " and line and change:
            change = with_line(change, line)
            faults[-1].changes[-1] = change
        elif line.strip() and not line.startswith("#"):
            tell(of_last(faults, place), line, place)
    for fault in faults:
        check_whole(fault)
    return faults


def named(name, place):
    if not NAME.match(name):
        raise Misfit(f"{place}: '{name}' is no name of a fault: small letters, digits and _")
    return name


def of_last(faults, place):
    if not faults:
        raise Misfit(f"{place}: this belongs to no fault; begin one with 'fault <name>'")
    return faults[-1]


def with_line(change, line):
    text = line[1:] + "\n"
    return Change(change.file, change.old + (text if line[0] in "- " else ""),
                  change.new + (text if line[0] in "+ " else ""), change.place)


def tell(fault, line, place):
    key, colon, value = line.partition(":")
    if colon and key in KEYS:
        setattr(fault, key.replace(" ", "_"), value.strip())
    elif fault.does or fault.changes:
        raise Misfit(f"{place}: '{line}' is neither {', '.join(KEYS)}, 'in <file>', nor a line with -, + or a blank "
                     "in front; what a fault does is said once, before its changes")
    else:
        fault.does = line.strip()


def check_whole(fault):
    if not fault.does or not fault.breaks:
        raise Misfit(f"{fault.place}: fault {fault.name} must say what it does, and 'breaks:' which rules")
    if bool(fault.changes) == bool(fault.waits_for):
        raise Misfit(f"{fault.place}: fault {fault.name} must have changes, or 'waits for:' what the simulator lacks")
    for change in fault.changes:
        if not change.old or change.old == change.new:
            raise Misfit(f"{change.place}: fault {fault.name} changes nothing: lines with - go, lines with + come")


def plant(fault, file, text):
    """The text of the file with the fault in it."""
    for change in fault.changes:
        if change.file == file:
            text = replaced(fault, change, text)
    return text


def replaced(fault, change, text):
    lines, old = text.splitlines(keepends=True), change.old.splitlines(keepends=True)
    places = [at for at in range(len(lines)) if lines[at:at + len(old)] == old]
    if len(places) != 1:
        raise Misfit(f"{change.place}: fault {fault.name}: {change.file} has these lines {len(places)} times, not once:\n"
                     f"{change.old}  hint: the source has changed: plant the same fault in what it says now")
    return "".join(lines[:places[0]]) + change.new + "".join(lines[places[0] + len(old):])
