import socket
import unittest

import deploy_dev  # noqa: F401
import ports


class Ports(unittest.TestCase):
    def listen(self, port=0):
        server = socket.socket()
        self.addCleanup(server.close)
        server.bind(("127.0.0.1", port))
        server.listen()
        return server.getsockname()[1]

    def test_a_single_port_means_that_block(self):
        self.assertEqual((28000, 28000), ports.parse_range("28000"))
        self.assertEqual((28000, 28999), ports.parse_range("28000-28999"))

    def test_what_is_no_range_is_refused(self):
        for text in ("", "many", "28000-", "-1", "28000-x"):
            with self.subTest(text), self.assertRaises(ValueError):
                ports.parse_range(text)

    def test_a_block_with_one_taken_port_is_passed_over(self):
        base = ports.free_block((26500, 26899), "any")
        self.listen(base + 2)
        next_but_one = base + 2 * ports.BLOCK - 1
        for key in "abcdef":  # whichever block the search begins with
            self.assertEqual(base + ports.BLOCK, ports.free_block((base, next_but_one), key))

    def test_a_taken_block_that_was_asked_for_is_refused_with_what_to_do(self):
        port = self.listen()
        with self.assertRaisesRegex(ports.NoPorts, "ss -ltnp.*--ports"):
            ports.free_block((port, port), "any")

    def test_two_clusters_begin_to_look_in_different_places(self):
        chosen = {ports.free_block((27000, 27999), key) for key in ("/a", "/b", "/c", "/d")}
        self.assertGreater(len(chosen), 1)


if __name__ == "__main__":
    unittest.main()
