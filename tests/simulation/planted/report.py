"""What is said of the planted faults: a line each, and the table in the simulator's README."""

import re
from collections import Counter
from statistics import median

BEGIN, END = "<!-- planted: written by make planted -->\n", "<!-- planted: end -->\n"
ROW = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)


def outcome(hunts):
    """'3 seeds (1 to 9), P5 fences, P2 outcomes'"""
    seeds = [hunt.seeds for hunt in hunts if hunt.seeds is not None]
    asserted = sum(hunt.asserted for hunt in hunts)
    text = f"caught {len(seeds)}/{len(hunts)}"
    if seeds:
        text += f", {figures(seeds)} seeds, by {finders(hunts)}"
    if asserted:
        text += f", {asserted} seeds asserted first"
    told = [hunt.told for hunt in hunts if hunt.told]
    return text + (f"\n    {told[0][:200]}" if told else "")


def figures(seeds):
    return f"{median(seeds):g} ({min(seeds)} to {max(seeds)})"


def finders(hunts):
    """In how many of the hunts each has spoken, most often first."""
    spoke = Counter(finder for hunt in hunts for finder in hunt.found_by)
    ordered = sorted(spoke.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{promise} {checker}" + ("" if times == len(hunts) else f" {times}×")
                     for (promise, checker), times in ordered)


def write(readme, faults, hunts, alone):
    before, _, rest = readme.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(before + BEGIN + table(faults, hunts, alone) + END + after)


def table(faults, hunts, alone):
    every = [hunt.seeds for each in hunts.values() for hunt in each if hunt.seeds is not None]
    whole = sum(all(hunt.seeds is not None for hunt in each) for each in hunts.values())
    starts = len(next(iter(hunts.values())))
    lines = [f"{whole} of {len(hunts)} faults are caught from each of {starts} starting seeds: the median is "
             f"**{median(every):g} seeds**, the most {max(every)}. These checkers alone find some:", ""]
    lines += [f"- `check_{checker}`: {', '.join(names)}" for checker, names in sorted(alone.items())]
    lines += ["", "| Fault | What is wrong | Rules | Found by | Seeds: median (least to most) |", "|---|---|---|---|---|"]
    for fault in faults:
        found = caught(hunts[fault.name]) if fault.changes else f"not yet: the simulator lacks {fault.waits_for} | "
        listed = f" *{fault.listed}*" if fault.listed else ""
        lines.append(f"| `{fault.name}` | {fault.does} | {fault.breaks}{listed} | {found} |")
    return "\n".join(lines) + "\n"


def caught(hunts):
    seeds = [hunt.seeds for hunt in hunts if hunt.seeds is not None]
    missed = f"; not from {len(hunts) - len(seeds)} of {len(hunts)} starts" if len(seeds) < len(hunts) else ""
    return f"{finders(hunts) or 'nobody'} | {figures(seeds) if seeds else ''}{missed}"


def names_in(readme):
    """Of the faults in the table."""
    _, _, rest = readme.read_text().partition(BEGIN)
    return ROW.findall(rest.partition(END)[0])
