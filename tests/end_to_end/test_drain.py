"""A conductor that drains serves its API until the drain is over; what it tells of itself is where it can be reached."""

import http.client
import re
import signal
import time
import unittest
import urllib.request

from frozen_proxy import FrozenProxy
from harness import CONDUCTORS, EVENT_SECONDS, Api, FleetTest

DRAIN_MS = 3000  # it does not end sooner: a commit hangs
HOLD_MS = 1000  # how long the task takes whose answer is to be recorded


class Drain(FleetTest):
    conductors = CONDUCTORS
    workers = ("worker-1",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.proxy = cls.conductor_behind_a_proxy()
        cls.addClassCleanup(cls.proxy.close)

    @classmethod
    def conductor_behind_a_proxy(cls):
        """conductor-2 once more: Postgres can be frozen for it alone, and its API is at any free port."""
        conductor = cls.fleet.daemons["conductor-2"]
        cls.fleet.stop(["conductor-2"])
        conninfo = cls.fleet.services["postgres"]
        host, port = (re.search(rf"\b{key}=(\S+)", conninfo)[1] for key in ("host", "port"))
        proxy = FrozenProxy(host, int(port))
        conductor.settings["postgres"]["conninfo"] = conninfo.replace(f"port={port}", f"port={proxy.port}")
        conductor.settings["conductor"]["drain_ms"] = DRAIN_MS
        conductor.settings["api"] = {"address": "0.0.0.0", "port": 0, "advertised": "localhost"}
        conductor.start()
        return proxy

    def test_it_is_not_ready_but_answers_streams_and_takes_jobs(self):
        api = Api([self.advertised("conductor-2")])
        self.until_ready(api)
        stream = self.open_stream(api.addresses[0])
        self.fleet.stop(["conductor-1"])  # so that what is posted is claimed by the other one
        self.addCleanup(self.fleet.daemons["conductor-1"].start)
        self.cloud.faults({"verb": "create", "hostname": "drain-a", "mode": "hang", "delay_ms": HOLD_MS})
        self.post_to(api, "drain-a")
        self.cloud.until(verb="create", hostname="drain-a")
        before = self.answers(api)
        self.proxy.freeze()
        self.await_answer(api, before)  # of the worker; the commit that records it hangs
        self.fleet.daemons["conductor-2"].process.send(signal.SIGTERM)

        self.assertEqual((503, False), self.until_draining(api))
        self.post_to(api, "drain-b")
        self.assertIsNotNone(self.fleet.daemons["conductor-2"].process.pid())
        while stream.readline():  # goes on until the drain is over
            pass
        self.assertTrue(self.fleet.daemons["conductor-2"].process.wait(EVENT_SECONDS))
        with self.assertRaisesRegex(AssertionError, "no conductor answers"):
            api.get("/healthz")

    def advertised(self, name):
        """Where the other conductor says that it is."""
        deadline = time.monotonic() + EVENT_SECONDS
        known = {}
        while name not in known and time.monotonic() < deadline:
            listed = Api([self.fleet.address("conductor-1")]).get("/v1/conductors")["conductors"]
            known = {each["name"]: each["api"] for each in listed}
        self.assertRegex(known.get(name, "none"), r"^localhost:[1-9]\d*$")
        return known[name]

    def open_stream(self, address):
        line = http.client.HTTPConnection(address, timeout=EVENT_SECONDS)
        self.addCleanup(line.close)
        line.request("GET", "/v1/events")
        answer = line.getresponse()
        self.addCleanup(answer.close)
        self.assertEqual(200, answer.status)
        return answer

    def post_to(self, api, node):
        status, answer = api.ask("POST", "/v1/jobs", {"flow": "create-cluster",
                                                      "parameters": {"name": node, "nodes": [node]}})
        self.assertEqual(201, status, answer)

    def await_answer(self, api, before):
        deadline = time.monotonic() + EVENT_SECONDS
        while self.answers(api) == before:
            self.assertLess(time.monotonic(), deadline)

    @staticmethod
    def answers(api):
        """How many the conductor has had from workers."""
        with urllib.request.urlopen(f"http://{api.addresses[0]}/metrics", timeout=EVENT_SECONDS) as answer:
            return int(re.search(rb"^baton_conductor_answers_total (\d+)$", answer.read(), re.MULTILINE)[1])

    def until_ready(self, api):
        """It serves before it has listed the board."""
        deadline = time.monotonic() + EVENT_SECONDS
        while (answer := api.ask("GET", "/readyz"))[0] != 200:
            self.assertLess(time.monotonic(), deadline, answer)

    def until_draining(self, api):
        deadline = time.monotonic() + EVENT_SECONDS
        while time.monotonic() < deadline:
            status, answer = api.ask("GET", "/readyz")
            if answer["draining"]:
                return status, answer["ready"]
        raise AssertionError(f"never draining: {answer}")


if __name__ == "__main__":
    unittest.main()
