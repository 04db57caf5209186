"""libbaton as other people have it: installed under a prefix, found by find_package, built into a program of theirs."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ["BATON_BUILD"])
SECONDS = 60  # for what takes milliseconds
BUILD_SECONDS = 600
DONE = ["reserve SUCCESS", "charge SUCCESS", "approve SUCCESS", "ship SUCCESS"]


def cached(name):
    """A setting of the build that is tested."""
    found = re.search(rf"^{name}:\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.MULTILINE)
    return found[1] if found else ""


def run(*words, **more):
    done = subprocess.run([str(word) for word in words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          timeout=BUILD_SECONDS, **more)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, words))}: {done.returncode}\n{done.stdout}")
    return done.stdout


def flags():
    sanitize = cached("BATON_SANITIZE")
    return [f"-fsanitize={sanitize}"] if sanitize else []


class Embedding(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="baton-embedding-")
        cls.addClassCleanup(folder.cleanup)
        cls.prefix, cls.built = Path(folder.name) / "prefix", Path(folder.name) / "built"
        run("cmake", "--install", BUILD, "--prefix", cls.prefix, "--component", "libbaton")
        source = Path(folder.name) / "source"  # outside the tree: nothing of it can be found by accident
        shutil.copytree(ROOT / "examples" / "embedding", source)
        launcher = ["-DCMAKE_CXX_COMPILER_LAUNCHER=ccache"] if shutil.which("ccache") else []
        run("cmake", "-S", source, "-B", cls.built, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={cls.prefix}",
            f"-DCMAKE_CXX_FLAGS={' '.join(['-O0', '-Wall', '-Wextra', '-Werror', *flags()])}", *launcher)
        run("cmake", "--build", cls.built, "-j", "2")

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="baton-order-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.approval = self.folder / "approval"

    def start(self, program, *words):
        process = subprocess.Popen([program, *map(str, words)], cwd=self.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()

    def order(self, *words, expect=0):
        """Its lines."""
        process = self.start(self.built / "order_here", "order.state", "approval", *words)
        out = process.communicate(timeout=SECONDS)[0]
        self.assertEqual(expect, process.returncode, out)
        return out.splitlines()

    @staticmethod
    def ended(lines):
        return [line for line in lines if line.endswith(" SUCCESS")]

    def test_a_flow_runs_to_its_end_in_every_executor_and_listeners_hear_it(self):
        self.approval.touch()
        for executor in ("serial", "thread", "process"):
            with self.subTest(executor):
                (self.folder / "order.state").unlink(missing_ok=True)
                lines = self.order(executor)
                self.assertEqual(DONE, self.ended(lines))
                self.assertIn("reserve RUNNING", lines)
                self.assertIn("  charge 40", lines)
                self.assertIn('  ship from shelf 7 with "receipt-40"', lines)
                self.assertEqual("order SUCCESS, run 1", lines[-1])

    def test_killed_in_the_middle_it_goes_on_from_its_last_record(self):
        for executor in ("thread", "process"):
            with self.subTest(executor):
                (self.folder / "order.state").unlink(missing_ok=True)
                self.approval.unlink(missing_ok=True)
                process = self.start(self.built / "order_here", "order.state", "approval", executor)
                for line in process.stdout:
                    if line == "approve RUNNING\n":
                        break
                process.send_signal(signal.SIGKILL)
                process.wait()
                self.approval.touch()
                lines = self.order(executor)
                self.assertEqual(DONE[2:], self.ended(lines))
                self.assertFalse([line for line in lines if line.startswith(("  reserve", "  charge"))], lines)
                self.assertEqual("order SUCCESS, run 1", lines[-1])
                self.assertEqual(["order SUCCESS, run 1"], self.order(executor))  # it has ended: only told

    def test_what_a_running_task_says_is_heard(self):
        process = self.start(self.built / "order_here", "order.state", "approval")
        for line in process.stdout:
            if line == "approve waits for approval\n":
                break
        else:
            self.fail("nothing was heard")
        self.approval.touch()
        self.assertIn("order SUCCESS, run 1\n", process.communicate(timeout=SECONDS)[0])

    def test_run_again_anew(self):
        self.approval.touch()
        self.order()
        lines = self.order("thread", "anew")
        self.assertEqual(DONE, self.ended(lines))
        self.assertIn("  charge 40", lines)
        self.assertEqual("order SUCCESS, run 2", lines[-1])

    def test_a_file_that_is_none_of_ours_is_an_error_that_says_so(self):
        (self.folder / "order.state").write_text("no database" * 100)
        self.assertIn("order.state cannot be used as a state file", "\n".join(self.order(expect=3)))

    def test_the_client_posts_follows_and_cancels(self):
        dev = self.start(BUILD / "bin" / "baton", "dev", "--port", "0")
        api = re.search(r"127\.0\.0\.1:\d+", dev.stdout.readline())[0]
        process = self.start(self.built / "post_order", api)
        out = process.communicate(timeout=SECONDS)[0]
        self.assertEqual(["posted", "was there", "greet RUNNING", "greet SUCCESS", "job SUCCESS", "other CANCELLED"],
                         out.splitlines())
        dev.send_signal(signal.SIGTERM)
        dev.wait(SECONDS)

    def test_nobody_there_is_an_error_that_says_so(self):
        process = self.start(self.built / "post_order", "127.0.0.1:1")
        out = process.communicate(timeout=SECONDS)[0]
        self.assertEqual(3, process.returncode)
        self.assertIn("127.0.0.1:1", out)

    def test_every_installed_header_compiles_alone_and_includes_nothing_private(self):
        include = self.prefix / "include"
        headers = sorted((include / "baton").iterdir())
        self.assertIn("local.h", {header.name for header in headers})
        all_alone = self.folder / "all_alone.cc"
        for header in headers:
            self.assertNotIn('#include "', header.read_text(), header)
            all_alone.write_text(f"#include <baton/{header.name}>\nint main() {{}}\n")
            run("c++", "-std=c++20", "-fsyntax-only", "-Wall", "-Werror", "-I", include, all_alone)


if __name__ == "__main__":
    unittest.main()
