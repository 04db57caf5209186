import json
import socket
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from cluster_case import PROGRAM

import ports
from process import Process

SERVERS = ("zookeeper", "postgres")


class Collisions(unittest.TestCase):
    """Clones that run their tests at the same moment choose ports at the same moment."""

    def setUp(self):
        self.folders = [self.folder() for _ in range(2)]
        self.block = ports.free_block((26000, 26499), self.folders[0].name)

    def folder(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = Path(folder.name)
        path.chmod(0o755)
        self.addCleanup(lambda: subprocess.run(self.command(path, "down", "--wipe"), check=True))
        return path

    @staticmethod
    def command(folder, *arguments):
        return [sys.executable, "-B", str(PROGRAM), "--folder", str(folder), *arguments]

    def both_up(self, wanted):
        """(exit code, messages) of two clusters that are told to use these ports at the same moment."""
        runs = [subprocess.Popen(self.command(folder, "--ports", wanted, "--jvm", "quick", "up", *SERVERS),
                                 stderr=subprocess.PIPE, text=True) for folder in self.folders]
        messages = [run.communicate(timeout=60)[1] for run in runs]
        return [(run.returncode, message) for run, message in zip(runs, messages)]

    def test_no_cluster_takes_another_one_s_servers_for_its_own(self):
        results = self.both_up(str(self.block))
        ups = [message for code, message in results if code == 0]
        refusals = [message for code, message in results if code == 1]
        self.assertGreaterEqual(len(refusals), 1, results)  # each may have got one of the two servers
        self.assertEqual(2, len(ups) + len(refusals), results)
        for message in refusals:
            self.assertRegex(message, "port .* is held by a process that is not of")
        reported = [line.split(" up in ")[0] for _, message in results for line in message.splitlines()
                    if " up in " in line]
        self.assertEqual(len(set(reported)), len(reported), f"one server was reported up by both: {results}")

    def test_with_a_range_the_loser_moves_to_another_block(self):
        results = self.both_up(f"{self.block}-{self.block + 5 * ports.BLOCK - 1}")
        self.assertEqual([0, 0], [code for code, _ in results], results)
        first, second = (json.loads((folder / "services.json").read_text()) for folder in self.folders)
        for name in SERVERS:
            self.assertNotEqual(first[name], second[name])


class Strangers(unittest.TestCase):
    def test_a_socket_of_ours_is_no_socket_of_a_process_that_we_started(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket() as server:
            server.bind(("127.0.0.1", 0))
            server.listen()
            sockets = ports.listening_sockets(server.getsockname()[1])
            self.assertEqual(1, len(sockets))
            process = Process("other", folder)
            process.start(["sleep", "60"])
            self.assertFalse(process.holds_one_of(sockets))
            process.stop(5)
            self.assertFalse(process.holds_one_of(sockets))


if __name__ == "__main__":
    unittest.main()
