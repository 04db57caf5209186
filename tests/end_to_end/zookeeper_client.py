"""A fleet, and a ZooKeeper client of our own beside it. Run with TaskFlow's Python, which has kazoo."""

from harness import FleetTest
from kazoo.client import KazooClient


class ZooKeeperFleetTest(FleetTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.zookeeper = KazooClient(cls.fleet.services["zookeeper"])
        cls.zookeeper.start()
        cls.addClassCleanup(cls.zookeeper.close)
        cls.addClassCleanup(cls.zookeeper.stop)
