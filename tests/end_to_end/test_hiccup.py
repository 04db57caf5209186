"""ZooKeeper cannot be heard for longer than every session lasts: what runs goes on, and none of it is done twice."""

import socket
import time
import unittest

from frozen_proxy import FrozenProxy
from harness import CONDUCTORS, EVENT_SECONDS, FleetTest, NotSeen, services
from own_server import OwnServer

HOLD_MS = 10_000  # longer than the hiccup and all that follows from it
LOOK_SECONDS = 0.05


class Hiccup(FleetTest):
    conductors = CONDUCTORS

    @classmethod
    def servers(cls):
        """The fleet's way to a ZooKeeper of its own can be frozen."""
        cls.zookeeper = OwnServer("zookeeper")
        cls.addClassCleanup(cls.zookeeper.remove)
        host, port = cls.zookeeper.endpoint().split(":")
        cls.proxy = FrozenProxy(host, int(port))
        cls.addClassCleanup(cls.proxy.close)
        return {**services(), "zookeeper": f"127.0.0.1:{cls.proxy.port}"}

    def monitored(self, name):
        """What the server itself says, on a way of its own."""
        host, port = self.zookeeper.endpoint().split(":")
        with socket.create_connection((host, int(port)), EVENT_SECONDS) as line:
            line.sendall(b"mntr")
            text = b"".join(iter(lambda: line.recv(4096), b"")).decode()
        return int(next(each.split()[1] for each in text.splitlines() if each.split()[0] == name))

    def until_every_session_has_ended(self):
        deadline = time.monotonic() + EVENT_SECONDS
        while self.monitored("zk_ephemerals_count") > 0:
            if time.monotonic() > deadline:
                raise NotSeen(f"sessions still stand after {EVENT_SECONDS} s")
            time.sleep(LOOK_SECONDS)

    def test_h19_a_hiccup_of_zookeeper_doubles_no_running_work(self):
        nodes = [f"hiccup-{number}" for number in range(4)]
        self.cloud.faults(*({"verb": "get", "hostname": node, "mode": "hang", "delay_ms": HOLD_MS} for node in nodes))
        job = self.create_cluster(*nodes)
        for node in nodes:
            self.cloud.until(verb="get", hostname=node)
        self.proxy.freeze()
        self.until_every_session_has_ended()
        self.proxy.thaw()
        rows, state = self.end_of(job)
        self.assertEqual("SUCCESS", state)
        self.assert_cluster(*nodes)
        self.assertEqual(0, self.counted("deliveries_lost"))
        for node in nodes:
            sent = [row for row in rows if (row.get("atom"), row.get("state")) == (f"wait-{node}", "RUNNING")]
            self.assertEqual(1, len(sent), sent)
        self.assertEqual(2, len(self.generations(job)))  # the claim was lost, it was a hiccup


if __name__ == "__main__":
    unittest.main()
