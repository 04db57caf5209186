import os
import socket
import unittest

from cluster_case import ClusterTest
from postgres import Postgres


class Refusals(ClusterTest):
    def test_a_server_that_ends_while_starting_shows_the_end_of_its_log(self):
        self.up("postgres")
        self.ok("down")
        (self.folder_of_postgres() / "data" / "PG_VERSION").write_text("9\n")
        message = self.refused("up", "postgres")
        self.assertIn("postgres: ended while starting; the end of", message)
        self.assertIn("database files are incompatible", message)

    def folder_of_postgres(self):
        return Postgres(self.folder, 0, "quick").home()

    def test_other_ports_for_what_is_up_are_refused(self):
        self.up("zookeeper")
        self.assertIn("take it down first", self.refused("up", options=("--ports", "26000")))

    def test_a_port_that_somebody_else_holds_is_refused(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = str(other.getsockname()[1])
            self.assertIn("'ss -ltnp' shows who", self.refused("up", "zookeeper", options=("--ports", port)))

    def test_what_was_never_up_can_not_be_killed(self):
        self.assertIn("nothing was ever up", self.refused("kill", "kafka"))
        self.ok("down")

    def test_a_folder_that_the_user_postgres_can_not_reach_will_do(self):
        self.folder.chmod(0o700)
        self.up("postgres")
        self.assertEqual("1", self.query("select 1"))
        home = self.folder_of_postgres()
        self.assertTrue(home.exists())
        # Only as root is Postgres another user than the folder's owner.
        self.assertEqual(os.geteuid() != 0, home.is_relative_to(self.folder), home)
        self.ok("down", "--wipe")
        self.assertFalse(home.exists())


if __name__ == "__main__":
    unittest.main()
