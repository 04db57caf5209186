"""kill -9 at any point, and resume: every atom is executed as the rules allow, and the results are right."""

import collections
import json
import os
import random
import subprocess
import unittest

from local_case import LocalCase, command, linear, unordered

WIDTH = 6
KILLS = int(os.environ.get("BATON_KILLS", "12"))  # of each executor
SLOTS = 3


class Killed(LocalCase):
    def fan(self):
        """Two rounds of commands that write a line each; their results are joined in the end."""
        quick = "sleep 0.$(($$ % 2))5"
        rounds = [unordered(f"round-{r}", *(
            self.logging(f"r{r}t{i}", f"{quick}; echo {10 * r + i}", provides=f"r{r}t{i}", max_deliveries=1000)
            for i in range(WIDTH))) for r in range(2)]
        symbols = [f"r{r}t{i}" for r in range(2) for i in range(WIDTH)]
        join = command("join", "python3", "-c",
                       "import json, sys; a = json.load(sys.stdin)['arguments']; print(sum(a[n] for n in a if n != 'argv'))",
                       rebind={name: name for name in symbols}, max_deliveries=1000)
        return linear("fan", *({"flow": each} for each in rounds), join)

    def killed_until_done(self, executor, seed):
        dice = random.Random(seed)
        state = f"{executor}-{seed}.state"
        words = ["run", self.flow(self.fan()), "--state", state]
        common = ["--executor", executor, "--slots", SLOTS, "--output", "json"]
        kills = 0
        while True:
            process = self.start(*words, *common)
            try:
                out, err = process.communicate(timeout=dice.uniform(0.0, 0.25) if kills < KILLS else 60)
            except subprocess.TimeoutExpired:
                self.kill(process)
                kills += 1
                answer = self.answer_to_resume(state)
                if "has ended" in answer:  # killed behind its last record: nobody tells how it ended; once more
                    self.log.unlink(missing_ok=True)
                    return self.killed_until_done(executor, seed + 1000)
                # Before its first record nothing is there to be resumed. It loads modules where there is a run.
                begun = "nowhere.so" in answer
                words = ["resume", "--state", state] if begun else ["run", "flow.json", "--state", state]
                continue
            self.assertEqual(0, process.returncode, err)
            return json.loads(out), kills

    def answer_to_resume(self, state):
        process = self.start("resume", "--state", state, "--executor", "serial", "--module", "nowhere.so")
        _, err = process.communicate(timeout=60)
        return err

    def test_kill_9_at_random_points(self):
        for executor in ("serial", "thread", "process"):
            with self.subTest(executor):
                self.log.unlink(missing_ok=True)
                job, kills = self.killed_until_done(executor, seed=len(executor))
                self.assertEqual("SUCCESS", job["state"])
                atoms = {atom["name"]: atom for atom in job["atoms"]}
                self.assertEqual(sum(10 * r + i for r in range(2) for i in range(WIDTH)), atoms["join"]["result"])
                self.assertGreater(kills, 1)
                self.rules_held(kills)

    def rules_held(self, kills):
        """Executed at least once; again only under a new token, and only what ran when the process was killed."""
        seen = collections.defaultdict(list)
        order = []
        for line in self.logged():
            name, attempt, dispatch = line.split()
            self.assertEqual("1", attempt)  # the same attempt all along: nothing has failed
            seen[name].append(int(dispatch))
            order.append(name)
        self.assertEqual(2 * WIDTH, len(seen))
        for name, tokens in seen.items():
            self.assertEqual(sorted(set(tokens)), tokens, name)
        again = sum(len(tokens) - 1 for tokens in seen.values())
        self.assertLessEqual(again, kills * SLOTS * 2)
        first_of_next = min(order.index(f"r1t{i}") for i in range(WIDTH))
        for i in range(WIDTH):  # no dependent before its providers
            self.assertLess(order.index(f"r0t{i}"), first_of_next)
            self.assertNotIn(f"r0t{i}", order[first_of_next:])


if __name__ == "__main__":
    unittest.main()
