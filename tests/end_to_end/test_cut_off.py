"""A conductor that can not reach Postgres, while another one can: its claims do not wait for it."""

import re
import time
import unittest

from frozen_proxy import FrozenProxy
from harness import CONDUCTORS, EVENT_SECONDS, Api, FleetTest

HOLD_MS = 2000  # the task ends while the conductor that holds its job is cut off


class CutOff(FleetTest):
    conductors = CONDUCTORS
    workers = ("worker-1",)

    @classmethod
    def change_fleet(cls):
        """conductor-1 reaches Postgres through a proxy of its own."""
        conninfo = cls.fleet.services["postgres"]
        host, port = (re.search(rf"\b{key}=(\S+)", conninfo)[1] for key in ("host", "port"))
        cls.proxy = FrozenProxy(host, int(port))
        cls.addClassCleanup(cls.proxy.close)
        settings = cls.fleet.daemons["conductor-1"].settings["postgres"]
        settings["conninfo"] = conninfo.replace(f"port={port}", f"port={cls.proxy.port}")

    def test_h16_its_claims_are_freed_and_others_go_on(self):
        self.fleet.stop(["conductor-2"])
        self.cloud.faults({"verb": "create", "hostname": "cut-a", "mode": "hang", "delay_ms": HOLD_MS})
        job = self.create_cluster("cut-a")
        self.cloud.until(verb="create", hostname="cut-a")
        self.fleet.start(["conductor-2"])
        healthy, cut = (Api([self.fleet.address(name)]) for name in ("conductor-2", "conductor-1"))
        self.proxy.freeze()
        self.until_state(healthy, job, "SUCCESS")
        claims = [row["claim"]["conductor"] for row in healthy.get(f"/v1/jobs/{job}/history?limit=500")["rows"]
                  if "claim" in row]
        self.assertEqual(["conductor-1", "conductor-2"], claims)
        self.assert_cluster("cut-a")
        self.assertRegex(self.paused(cut), "^the store is away: ")

        self.proxy.thaw()
        self.wait_until("it claims again", lambda: not self.paused(cut))
        self.fleet.stop(["conductor-2"])
        self.addCleanup(self.fleet.start, ["conductor-2"])
        later = self.create_cluster("later-a")
        self.until_state(cut, later, "SUCCESS")

    @staticmethod
    def paused(api):
        return api.ask("GET", "/readyz")[1].get("claiming_paused", "")

    def until_state(self, api, job, state):
        self.wait_until(f"{job} is {state}", lambda: api.get(f"/v1/jobs/{job}")["state"] == state)

    def wait_until(self, what, holds):
        deadline = time.monotonic() + EVENT_SECONDS
        while not holds():
            self.assertLess(time.monotonic(), deadline, f"waited until {what}")


if __name__ == "__main__":
    unittest.main()
