"""Completion in the shells themselves: each runs its own completion of `baton`, at a terminal where it has to."""

import os
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

BUILD = Path(os.environ["BATON_BUILD"])
BATON = BUILD / "bin" / "baton"
SECONDS = 60  # for what takes milliseconds
FLOW = """name: create-cluster
parameters:
  nodes: {type: list, items: string, description: its servers}
  zone: {type: string, default: eu}
pattern: linear
nodes:
  - {task: echo, name: a}
"""


class Terminal:
    """A shell at a terminal of its own. `show(line)` types the line with its Tabs and says what the line became: it
    is not run, but put behind `echo` of the shell's line editor."""

    def __init__(self, argv, environment):
        self.said = ""
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.execvpe(argv[0], argv, environment)

    def type(self, text):
        os.write(self.master, text.encode())

    def until(self, pattern):
        """What a match of the pattern has caught, once it is there."""
        deadline = time.monotonic() + SECONDS
        while not (found := re.search(pattern, self.said)):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.master], [], [], left)[0]:
                raise AssertionError(f"no {pattern!r} in {self.said!r}")
            try:
                self.said += os.read(self.master, 4096).decode(errors="replace")
            except OSError:
                raise AssertionError(f"the shell has ended: {self.said!r}") from None
        return found

    def show(self, line):
        self.said = ""
        self.type(line)
        # To the begin of the line, so that it is printed instead of run; the marks are cut so that the echo has none.
        self.type("\x01echo 'sho''wn['\x05']'\r")
        return self.until(r"shown\[\s?(.*?)\s*\]").group(1)

    def end(self):
        os.close(self.master)
        os.waitpid(self.pid, 0)


class ShellsCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="baton-shells-")
        self.addCleanup(folder.cleanup)
        self.home = Path(folder.name)
        (self.home / ".config" / "baton").mkdir(parents=True)
        (self.home / ".config" / "baton" / "profiles.yaml").write_text(
            "profiles: {testing: {api: 'a.invalid:1'}, production: {api: 'b.invalid:1'}}\n")
        (self.home / "create-cluster.yaml").write_text(FLOW)
        # Nobody listens at port 1: jobs are not completed, and nothing waits for them.
        self.environment = {"HOME": str(self.home), "PATH": f"{BATON.parent}:{os.environ['PATH']}", "TERM": "dumb",
                            "LC_ALL": "C.UTF-8", "BATON_API": "127.0.0.1:1"}

    def script(self, shell):
        return subprocess.run([BATON, "completion", shell], check=True, capture_output=True, text=True,
                              timeout=SECONDS).stdout

    def need(self, shell):
        self.assertIsNotNone(shutil.which(shell), f"{shell} is not installed: make setup")

    def typed(self, terminal):
        """The same of every shell at a terminal."""
        self.assertEqual("baton job suspend", terminal.show("baton job susp\t"))
        self.assertEqual("baton list --output json", terminal.show("baton list --outp\tj\t"))
        self.assertEqual("baton list --output=yaml", terminal.show("baton list --output=y\t"))
        self.assertEqual("baton list --state SUCCESS", terminal.show("baton list --state SUC\t"))
        self.assertEqual("baton --profile production", terminal.show("baton --profile prod\t"))
        self.assertEqual("baton --api a:1 flow validate create-cluster.yaml",
                         terminal.show("baton --api a:1 flow va\tcreate-\t"))
        # Behind a name with its '=' the value goes on: no space.
        self.assertEqual("baton run create-cluster.yaml --param zone=eu",
                         terminal.show(f"baton run {self.home}/create-cluster.yaml --param zo\teu").replace(f"{self.home}/", ""))
        self.assertEqual("baton run create-cluster.yaml --param=nodes=a,b --param zone=us",
                         terminal.show(f"baton run {self.home}/create-cluster.yaml --param=no\ta,b --param z\tus")
                         .replace(f"{self.home}/", ""))
        (self.home / ".config" / "baton" / "profiles.yaml").write_text("profiles: {'$(touch run);x': {api: 'c.invalid:1'}}\n")
        # The line stands behind an echo: what is not quoted is run.
        self.assertEqual("baton --profile $(touch run);x", terminal.show("baton --profile \t"))
        self.assertFalse((self.home / "run").exists())

    def test_bash(self):
        (self.home / "rc").write_text(f"PS1='> '\nbind 'set bell-style none'\n{self.script('bash')}\ncd {self.home}\necho rea''dy\n")
        terminal = Terminal(["bash", "--noprofile", "--rcfile", str(self.home / "rc"), "-i"], self.environment)
        self.addCleanup(terminal.end)
        terminal.until("ready")
        self.typed(terminal)

    def test_zsh(self):
        self.need("zsh")
        (self.home / ".zshrc").write_text(
            f"PS1='> '\nunsetopt zle_bracketed_paste prompt_cr prompt_sp\nbindkey -e\nautoload -Uz compinit\ncompinit -u -D\n{self.script('zsh')}\ncd {self.home}\n"
            "echo rea''dy\n")
        terminal = Terminal(["zsh", "-i"], {**self.environment, "ZDOTDIR": str(self.home)})
        self.addCleanup(terminal.end)
        terminal.until("ready")
        self.typed(terminal)

    def test_zsh_from_a_folder_of_fpath(self):
        self.need("zsh")
        (self.home / "functions").mkdir()
        (self.home / "functions" / "_baton").write_text(self.script("zsh"))
        (self.home / ".zshrc").write_text(
            f"PS1='> '\nunsetopt zle_bracketed_paste prompt_cr prompt_sp\nbindkey -e\nfpath=({self.home}/functions $fpath)\nautoload -Uz compinit\ncompinit -u -D\n"
            "echo rea''dy\n")
        terminal = Terminal(["zsh", "-i"], {**self.environment, "ZDOTDIR": str(self.home)})
        self.addCleanup(terminal.end)
        terminal.until("ready")
        self.assertEqual("baton job suspend", terminal.show("baton job susp\t"))

    def fish(self, line):
        """fish says by itself what it would offer, and with which words beside."""
        script = self.home / "baton.fish"
        script.write_text(self.script("fish"))
        quoted = line.replace("'", "\\'")
        done = subprocess.run(["fish", "--no-config", "-c", f"source {script}; complete -C '{quoted}'"], cwd=self.home,
                              env=self.environment, capture_output=True, text=True, timeout=SECONDS)
        self.assertEqual(0, done.returncode, done.stderr)
        return dict((line + "\t").split("\t")[:2] for line in done.stdout.splitlines())

    def test_fish(self):
        self.need("fish")
        self.assertEqual({"suspend": "start nothing more of a job; what runs ends and is recorded"},
                         self.fish("baton job susp"))
        self.assertEqual({"table", "json", "yaml"}, set(self.fish("baton list --output ")))
        self.assertEqual(["--output=yaml"], list(self.fish("baton list --output=y")))
        self.assertEqual(["SUCCESS"], list(self.fish("baton list --state SUC")))
        self.assertEqual(["production"], list(self.fish("baton --profile prod")))
        self.assertEqual(["create-cluster.yaml"], list(self.fish("baton --api a:1 flow validate create-")))
        self.assertEqual({"nodes=": "list of string, required: its servers", "zone=": "string"},
                         self.fish("baton run create-cluster.yaml --param "))
        self.assertEqual(["--param=zone="], list(self.fish("baton run create-cluster.yaml --param=z")))


if __name__ == "__main__":
    unittest.main()
