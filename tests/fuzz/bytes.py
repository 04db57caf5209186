"""Any bytes, to every reader of bytes from outside: libFuzzer runs the targets of bytes/.

    bytes.py --targets FOLDER [--minutes M] [--at-once N] [--keep FOLDER] [--take] [TARGET …]

Each target begins with its corpus (corpus/TARGET), with what earlier runs have grown (grown/TARGET.hex) and with what
they left here (KEEP/TARGET/new). An input for which something does not hold is made smaller and is in KEEP/TARGET/found:
mend the reader, and keep the input in the corpus under a name that says what it is. Exit status 0 iff there was none.
--take: what reached more than the corpus does is in grown/ then, the smallest of it.
"""
import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grown

HERE = Path(__file__).resolve().parent
BYTES_MAX = 4096      # of an input
SECONDS_MAX = 25      # for one
MEMORY_MAX_MB = 4096
SMALLER_SECONDS = 30


class Target:
    def __init__(self, program, keep):
        self.program = program
        self.name = program.name.removeprefix("fuzz_")
        self.folder = keep / self.name
        self.new, self.found = self.folder / "new", self.folder / "found"
        for folder in (self.new, self.found):
            folder.mkdir(parents=True, exist_ok=True)
        self.corpus = HERE / "corpus" / self.name
        self.kept = HERE / "grown" / f"{self.name}.hex"

    def call(self, *words):
        limits = [f"-max_len={BYTES_MAX}", f"-timeout={SECONDS_MAX}", f"-rss_limit_mb={MEMORY_MAX_MB}"]
        done = subprocess.run([self.program, *limits, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout.decode(errors="replace")

    def fuzz(self, minutes):
        before = len(list(self.new.iterdir()))
        with tempfile.TemporaryDirectory() as kept:
            grown.lay_out(grown.read(self.kept), Path(kept))
            code, told = self.call(f"-max_total_time={int(minutes * 60)}", "-print_final_stats=1",
                                   f"-artifact_prefix={self.found}/", self.new, self.corpus, kept)
        (self.folder / "log").write_text(told)
        seen = re.findall(r"cov: (\d+) ft: (\d+)", told)
        runs = re.findall(r"stat::number_of_executed_units: (\d+)", told) or re.findall(r"^#(\d+)", told, re.MULTILINE)
        more = len(list(self.new.iterdir())) - before
        print(f"{self.name:15} {int(runs[-1]) if runs else 0:>12,} executions  coverage {seen[-1][0] if seen else '?':>6}"
              f"  corpus {len(list(self.corpus.iterdir()))} + {before} + {more}"
              f"  {'clean' if code == 0 else 'FOUND'}", flush=True)
        if code != 0:
            self.tell(told)
        return code == 0

    def take(self):
        """By places of the code that are reached, not by how often: a tenth of the inputs does."""
        with tempfile.TemporaryDirectory() as folder:
            best, more = Path(folder) / "best", Path(folder) / "more"
            shutil.copytree(self.corpus, best)
            grown.lay_out(grown.read(self.kept), more)
            code, told = self.call("-merge=1", "-use_counters=0", best, more, self.new)
            if code != 0:
                sys.exit(f"{self.name}: the corpora cannot be merged\n{told[-2000:]}")
            best = [path.read_bytes() for path in best.iterdir() if not (self.corpus / path.name).exists()]
        print(f"{self.name:15} {grown.write(self.kept, best)} of {len(best)} inputs are in {self.kept.name}", flush=True)

    def tell(self, told):
        """What did not hold, and for which small input."""
        for line in told.splitlines():
            if re.match(r"does not hold|SUMMARY|.*runtime error|==\d+==ERROR|.*assertion", line):
                print("  " + line, flush=True)
        artifact = re.search(r"written to (\S+)", told)
        if not artifact:
            return print(told[-2000:], flush=True)
        small = Path(artifact[1] + ".small")
        self.call("-minimize_crash=1", f"-max_total_time={SMALLER_SECONDS}", f"-exact_artifact_path={small}", artifact[1])
        small = small if small.exists() else Path(artifact[1])
        print(f"  {small}: {small.read_bytes()[:300]!r}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--targets", type=Path, required=True, help="where the programs fuzz_* are")
    parser.add_argument("--minutes", type=float, default=5, help="for each")
    parser.add_argument("--at-once", type=int, default=2)
    parser.add_argument("--keep", type=Path, default=Path(".run/fuzz"))
    parser.add_argument("--take", action="store_true")
    parser.add_argument("only", nargs="*", metavar="TARGET")
    given = parser.parse_args()
    programs = sorted(path for path in given.targets.iterdir() if path.name.startswith("fuzz_"))
    if not programs:
        sys.exit(f"no target in {given.targets}: build fuzz_targets of the preset fuzz")
    unknown = set(given.only) - {path.name[5:] for path in programs}
    if unknown:
        sys.exit(f"no target: {', '.join(sorted(unknown))}; there are: {', '.join(path.name[5:] for path in programs)}")
    targets = [Target(path, given.keep) for path in programs if not given.only or path.name[5:] in given.only]
    with ThreadPoolExecutor(given.at_once) as pool:
        clean = list(pool.map(lambda target: target.fuzz(given.minutes), targets))
        if given.take and all(clean):
            list(pool.map(Target.take, targets))
    return 0 if all(clean) else 1


if __name__ == "__main__":
    sys.exit(main())
