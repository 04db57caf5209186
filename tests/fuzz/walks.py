"""Random flows with all that Baton adds (modules' retries, budgets, timeouts, priorities …) walked at random.

    walks.py --walks ENGINE_WALKS [--seconds S] [--seed N] [--keep FOLDER]

engine_walks checks what must hold at every step. A flow that breaks it is made smaller and kept in FOLDER. Exit status
0 iff none did.
"""
import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import generator
import shrink
from generator import flows_of

BATCH = 40
WALKS = 12


def random_flow(seed):
    gen = generator.Gen(random.Random(seed))
    case = gen.case()
    flow = {"id": f"walk-{seed:x}", "flow": case["flow"]}
    for member in ("store", "options"):
        if member in case:
            flow[member] = case[member]
    for part, _ in flows_of(flow["flow"]):
        if part.get("retry") and gen.p(0.5):
            part["retry"].update(retry_members(gen.r, part["retry"]))
        for node in part.get("nodes", []):
            if "flow" not in node:
                node.update(task_members(gen.r))
    return flow


def retry_members(chance, retry):
    members = {}
    if not retry["policy"].startswith("always") and chance.random() < 0.5:
        members["retry_on"] = chance.choice([["Boom"], ["Boom", "Busy"]])
    if not retry["policy"].startswith("always") and chance.random() < 0.5:
        members["backoff"] = {"initial_ms": chance.choice([1, 40]), "factor": chance.choice([1.0, 2.0]), "jitter": 0.5}
    if chance.random() < 0.3:
        members["on_exhausted"] = "suspend"
    if retry["policy"] == "times" and chance.random() < 0.6:
        retry.pop("attempts", None)
        members.update(chance.choice([{"policy": "timeout", "budget_ms": 200},
                                      {"policy": "user", "user_policy": "dice", "attempts": 4},
                                      {"policy": "user", "user_policy": "dice", "budget_ms": 100}]))
    return members


def task_members(chance):
    choices = {"priority": [1, -1, 5], "max_deliveries": [1, 2], "on_worker_loss": ["fail"],
               "on_revert_failure": ["continue"], "irreversible": [True],
               "timeouts": [{"schedule_to_start_ms": 50}, {"start_to_close_ms": 40, "abandon_after_ms": 30},
                            {"schedule_to_start_ms": 20, "start_to_close_ms": 60}]}
    odds = {"irreversible": 0.02, "priority": 0.3}
    return {member: chance.choice(values) for member, values in choices.items()
            if chance.random() < odds.get(member, 0.12)}


def run(program, flows, walks, seed):
    """{id: what was broken}, and the program's last line."""
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl") as file:
        file.writelines(json.dumps(flow) + "\n" for flow in flows)
        file.flush()
        done = subprocess.run([program, "--walks", str(walks), "--seed", str(seed), file.name], capture_output=True,
                              text=True, timeout=300)
    lines = done.stdout.splitlines()
    broken = {line.split()[1]: line for line in lines if line.startswith("BROKEN ")}
    if done.returncode not in (0, 1):  # an assertion: the flow that was being walked
        last = [line.split()[1] for line in lines if line.startswith("walking ")][-1]
        broken[last] = f"ASSERTION {last}: {done.stderr.strip()[-500:] or f'ended by {done.returncode}'}"
        rest = flows[[flow["id"] for flow in flows].index(last) + 1:]
        if rest:  # they have not been walked
            more, told = run(program, rest, walks, seed)
            return {**broken, **more}, told
    return broken, lines[-1] if lines else ""


def still_broken(program, seed):
    def check(flow):
        broken, _ = run(program, [flow], 40, seed)
        return flow if broken else None
    return check


def report(program, flow, seed, text, keep):
    small = shrink.smaller(flow, still_broken(program, seed)) or flow
    again, _ = run(program, [small], 40, seed)
    print(f"\n{text}\n  made smaller:\n{json.dumps(small)}\n  {again.get(small['id'])}", flush=True)
    if keep:
        Path(keep).mkdir(parents=True, exist_ok=True)
        (Path(keep) / f"{flow['id']}.jsonl").write_text(json.dumps(small) + "\n")


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--walks", required=True)
    options.add_argument("--seconds", type=float, default=20)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--keep")
    given = options.parse_args()
    seeds, end = random.Random(given.seed), time.monotonic() + given.seconds
    bad, totals = 0, [0, 0, 0, 0, 0]
    while time.monotonic() < end:
        flows = [random_flow(seeds.getrandbits(40)) for _ in range(BATCH)]
        seed = seeds.getrandbits(30)
        broken, last = run(given.walks, flows, WALKS, seed)
        numbers = [int(word.strip("(")) for word in last.split() if word.strip("(").isdigit()]
        totals = [a + b for a, b in zip(totals, numbers)] if len(numbers) == 6 else totals
        bad += len(broken)
        for flow in flows:
            if flow["id"] in broken:
                report(given.walks, flow, seed, broken[flow["id"]], given.keep)
    print(f"walks: seed {given.seed}: {totals[0]} flows ({totals[1]} refused), {totals[2]} walks of {totals[3]} steps, "
          f"{totals[4]} commits cut, {bad} broken")
    return 1 if bad or totals[2] == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
