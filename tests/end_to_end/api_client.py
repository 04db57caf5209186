"""The conductors' HTTP API as a client sees it that knows several of them: who answers is asked."""

import http.client
import json
import time
import uuid

EVENT_SECONDS = 40  # how long a test waits for what it needs to see; a lost session costs some seconds


class NotSeen(AssertionError):
    pass


class Api:
    def __init__(self, addresses):
        self.addresses = addresses

    def ask(self, method, path, body=None):
        """(status, what was answered) from the first conductor that is there."""
        _, response = self._request(method, path, body, {})
        with response:
            text = response.read()
        return response.status, json.loads(text) if text else None

    def ask_until_there(self, method, path, body=None):
        """For what may be asked twice: 503 says "ask again", as in the moment in which the database changes."""
        deadline = time.monotonic() + EVENT_SECONDS
        while (answered := self.ask(method, path, body))[0] == 503 and time.monotonic() < deadline:
            time.sleep(0.1)
        return answered

    def get(self, path):
        status, answer = self.ask_until_there("GET", path)
        if status != 200:
            raise AssertionError(f"GET {path}: {status} {answer}")
        return answer

    def post_job(self, flow, parameters):
        """Its uuid; the conductor that takes it may go before it has said so: the same post again is the same job."""
        job = str(uuid.uuid4())
        body = {"uuid": job, "flow": flow, "parameters": parameters}
        status, answer = self.ask_until_there("POST", "/v1/jobs", body)
        if status not in (200, 201):
            raise AssertionError(f"POST /v1/jobs: {status} {answer}")
        return job

    @staticmethod
    def counter(address, name):
        """Of one conductor's metrics."""
        connection = http.client.HTTPConnection(address, timeout=EVENT_SECONDS)
        connection.request("GET", "/metrics", headers={"Connection": "close"})
        with connection.getresponse() as response:
            lines = response.read().decode().splitlines()
        values = [line.split()[1] for line in lines if line.startswith(f"baton_conductor_{name}_total ")]
        if len(values) != 1:
            raise AssertionError(f"{address}: no counter {name} in /metrics")
        return int(values[0])

    def events(self, job):
        """The rows of a job's history as they happen, from the first one; another conductor is asked when one goes."""
        deadline = time.monotonic() + EVENT_SECONDS
        seen, last_id = [], "0"
        while time.monotonic() < deadline:
            line, response = self._request("GET", f"/v1/jobs/{job}/events", None, {"Last-Event-ID": last_id})
            with response:
                if response.status == 204:
                    return
                if response.status != 200:
                    raise AssertionError(f"events of {job}: {response.status} {response.read()}")
                for last_id, row in self._rows(line, response, deadline):
                    seen.append(row)
                    yield row
        raise NotSeen(f"not in {EVENT_SECONDS} s; what happened to {job}:\n" + "\n".join(map(json.dumps, seen)))

    @staticmethod
    def _rows(line, response, deadline):
        """Ends when the stream does, or at the deadline."""
        event = {}
        try:
            while (left := deadline - time.monotonic()) > 0:
                line.settimeout(left)
                text = response.readline().decode()
                if not text:
                    return
                name, _, value = text.rstrip("\n").partition(": ")
                if name:
                    event[name] = value
                    continue
                if event.get("event") in ("atom", "flow"):
                    yield event["id"], json.loads(event["data"])["row"]
                event = {}
        except (OSError, http.client.HTTPException):
            return  # the conductor has gone, or the time is over

    def _request(self, method, path, body, headers):
        refusals = []
        for address in self.addresses:
            connection = http.client.HTTPConnection(address, timeout=EVENT_SECONDS)
            try:
                connection.request(method, path, None if body is None else json.dumps(body),
                                   {"Content-Type": "application/json", "Connection": "close", **headers})
                line = connection.sock  # the response takes it over
                return line, connection.getresponse()
            except (OSError, http.client.HTTPException) as error:
                connection.close()
                refusals.append(f"{address}: {error!r}")
        raise AssertionError(f"no conductor answers {method} {path}: {'; '.join(refusals)}")
