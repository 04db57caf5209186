"""Makes a failing case smaller: whatever can go and leaves it failing goes."""
import copy
import time

from generator import flows_of

SECONDS_MAX = 60
CASE_MEMBERS = ("crash", "suspend", "cancel", "runs", "options", "store", "script")
TASK_MEMBERS = ("requires", "rebind", "provides", "inject", "revert_requires", "timeouts", "priority", "labels",
                "max_deliveries", "on_worker_loss", "on_revert_failure", "irreversible")
RETRY_MEMBERS = ("revert_all", "provides", "backoff", "budget_ms", "retry_on", "on_exhausted", "parameters")


def smaller(case, still_fails):
    """`still_fails(case)` gives the case to keep (it may have been judged anew), or None. None: nothing smaller."""
    best, end = None, time.monotonic() + SECONDS_MAX
    found = True
    while found and time.monotonic() < end:
        found = False
        for candidate in steps(best or case):
            if time.monotonic() > end:
                break
            if kept := still_fails(candidate):
                best, found = kept, True
                break
    return best


def steps(case):
    """Cases that are one step smaller, the largest steps first."""
    for index, (flow, _) in enumerate(flows_of(case["flow"])):
        for at in range(len(flow.get("nodes", []))):
            yield changed(case, index, without_node, at)
        for at, node in enumerate(flow.get("nodes", [])):
            if "flow" in node:
                yield changed(case, index, opened, at)
        if flow.get("retry"):
            yield changed(case, index, lambda it, _: it.pop("retry"), 0)
            for member in RETRY_MEMBERS:
                if member in flow["retry"]:
                    yield changed(case, index, lambda it, name: it["retry"].pop(name), member)
        for at in range(len(flow.get("links", []))):
            yield changed(case, index, lambda it, place: it["links"].pop(place), at)
        for at, node in enumerate(flow.get("nodes", [])):
            for member in TASK_MEMBERS:
                if member in node:
                    yield changed(case, index, lambda it, where: it["nodes"][where[0]].pop(where[1]), (at, member))
    for member in CASE_MEMBERS:
        if member in case:
            yield {key: value for key, value in case.items() if key != member}
    for atom in case.get("script", {}):
        yield dict(case, script={name: it for name, it in case["script"].items() if name != atom})


def changed(case, index, change, argument):
    case = copy.deepcopy(case)
    change([flow for flow, _ in flows_of(case["flow"])][index], argument)
    return case


def without_node(flow, at):
    gone = flow["nodes"].pop(at)
    name = gone["flow"]["name"] if "flow" in gone else gone["name"]
    if "links" in flow:
        flow["links"] = [link for link in flow["links"] if name not in (link["from"], link["to"])]


def opened(flow, at):
    """A nested flow's nodes in its place."""
    inner = flow["nodes"][at]["flow"]
    without_node(flow, at)
    flow["nodes"][at:at] = inner.get("nodes", [])
