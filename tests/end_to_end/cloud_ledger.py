"""The example cloud as a test sees and disturbs it: its ledger of every call, live, and its faults."""

import http.client
import json
import os
import threading
import time

from api_client import EVENT_SECONDS, NotSeen


class CloudLedger:
    """Reads the ledger's file, a named pipe, as the cloud writes it; GET /ledger is what tests judge by."""

    def __init__(self, file, address):
        self.address = address
        self._calls = []
        self._changed = threading.Condition()
        os.mkfifo(file)
        self._pipe = open(os.open(file, os.O_RDWR), "rb")  # also for writing: the cloud may come and go meanwhile
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for text in self._pipe:
            if text == b"end\n":
                break
            with self._changed:
                self._calls.append(json.loads(text))
                self._changed.notify_all()
        self._pipe.close()

    def close(self):
        os.write(self._pipe.fileno(), b"end\n")

    def until(self, **wanted):
        """Waits for a call of this kind."""
        deadline = time.monotonic() + EVENT_SECONDS
        with self._changed:
            while not any(wanted.items() <= call.items() for call in self._calls):
                if not self._changed.wait(deadline - time.monotonic()):
                    raise NotSeen(f"no call {wanted} in {EVENT_SECONDS} s; there were:\n"
                                  + "\n".join(map(json.dumps, self._calls)))

    def calls(self, verb, *hostnames):
        """(hostname, outcome) of the calls for these, in their order."""
        return [(call["hostname"], call["outcome"]) for call in self.ledger()
                if call["verb"] == verb and call["hostname"] in hostnames]

    def ledger(self):
        """Every call, in their order."""
        return self._ask("GET", "/ledger")

    def deliveries(self, atom, *verbs):
        """(verb, outcome, dispatch number within its generation) of an atom's calls, by the tokens that they showed."""
        shown = [(call, *call["token"].rsplit("/", 2)[1:]) for call in self.ledger() if call["verb"] in verbs and call["token"]]
        return [(call["verb"], call["outcome"], int(dispatch) & 0xFFFFFFFF) for call, name, dispatch in shown if name == atom]

    def servers(self):
        return sorted(server["hostname"] for server in self._ask("GET", "/servers"))

    def faults(self, *faults):
        self._ask("PUT", "/faults", list(faults))

    def _ask(self, method, path, body=None):
        connection = http.client.HTTPConnection(self.address, timeout=EVENT_SECONDS)
        connection.request(method, path, None if body is None else json.dumps(body), {"Connection": "close"})
        with connection.getresponse() as response:
            answer = json.load(response)
        if response.status != 200:
            raise AssertionError(f"{method} {path}: {response.status} {answer}")
        return answer
