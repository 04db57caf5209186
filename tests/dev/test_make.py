"""How long what is made for minutes takes, without a word and with one: as `make help` says."""
import os
import re
import subprocess
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GIVEN = ("MAKEFLAGS", "MFLAGS", "MINUTES", "HOURS")  # to the make that runs the tests


def minutes(*words):
    alone = {name: text for name, text in os.environ.items() if name not in GIVEN}
    done = subprocess.run(["make", "-n", *words], cwd=ROOT, env=alone, capture_output=True, text=True, check=True)
    return re.findall(r"--minutes (\S+)", done.stdout)


class Minutes(unittest.TestCase):
    def test_each_has_its_own(self):
        self.assertEqual(["5"], minutes("fuzz"))
        self.assertEqual(["2"], minutes("chaos"))
        self.assertEqual(["60"], minutes("soak"))
        self.assertEqual(["120"], minutes("soak", "HOURS=2"))
        for target in ("fuzz", "chaos", "soak"):
            self.assertEqual(["3"], minutes(target, "MINUTES=3"))


if __name__ == "__main__":
    unittest.main()
