"""Conductors and workers on servers that are up, and what the bench asks of them. As a rule one of each."""
import http.client
import json
import os
import re
import socket
import subprocess
import tempfile
import time
import urllib.request
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from probes import query

READY_SECONDS = 30
JOB_SECONDS = 300
POSTERS = 4  # connections that post at once
STATISTICS_SECONDS = 1.1  # Postgres keeps a session's counts to itself for one second


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass(frozen=True)
class Shape:
    conductors: int = 1
    workers: int = 1
    slots: int = 16
    prefetch: int = 1000
    shards: int = 1  # of the board

    def names(self, kind, count):
        return [kind] if count == 1 else [f"{kind}-{number + 1}" for number in range(count)]

    def conductor_names(self):
        return self.names("conductor", self.conductors)

    def worker_names(self):
        return self.names("worker", self.workers)


class BenchFleet:
    """Up when it is entered; with `start=False` its schema and topics are there, and start() is called for the daemons."""

    def __init__(self, services, build, shape=Shape(), start=True):
        self.services, self.build, self.shape = services, build, shape
        self.at_once = start
        self.name = "bench_" + uuid.uuid4().hex[:8]
        self.holder = tempfile.TemporaryDirectory(prefix="baton-bench-")
        self.folder = Path(self.holder.name)
        self.board = f"/{self.name}/main/jobs"
        self.apis = {name: f"127.0.0.1:{free_port()}" for name in shape.conductor_names()}
        self.api = self.apis[shape.conductor_names()[0]]
        self.daemons = {}

    def __enter__(self):
        try:
            self._write_settings()
            for words in (["admin", "migrate"], ["admin", "topics"]):
                subprocess.run([self.build / "bin" / "baton", *words, "--settings",
                                self.folder / f"{self.shape.conductor_names()[0]}.toml"], check=True, stdout=subprocess.DEVNULL)
            if self.at_once:
                self.start(*self.shape.conductor_names(), *self.shape.worker_names())
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.daemons.values():
            process.terminate()
        for process in self.daemons.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        query(self.services["postgres"], f"drop schema if exists {self.name} cascade")
        self.holder.cleanup()

    def _write_settings(self):
        module = json.dumps([str(self.build / "modules" / "cloud_module.so")])
        common = (f'[zookeeper]\nhosts = "{self.services["zookeeper"]}"\nfleet_path = "/{self.name}/.baton"\n'
                  f'[kafka]\nbrokers = "{self.services["kafka"]}"\ntopic_prefix = "{self.name}"\n')
        for name, api in self.apis.items():
            conductor = (f'partitions = 16\n[postgres]\nconninfo = "{self.services["postgres"]}"\nschema = "{self.name}"\n'
                         f'[conductor]\nname = "{name}"\nboard_path = "{self.board}"\nboard_shards = {self.shape.shards}\n'
                         f'modules = {module}\n[api]\nport = {api.split(":")[1]}\n')
            (self.folder / f"{name}.toml").write_text(common + conductor)
        for name in self.shape.worker_names():
            worker = (f'[worker]\nname = "{name}"\nslots = {self.shape.slots}\nprefetch = {self.shape.prefetch}\n'
                      f'modules = {module}\n')
            (self.folder / f"{name}.toml").write_text(common + worker)

    def start(self, *names):
        for name in names:
            self._start(name)

    def _start(self, name):
        """Started and ready: READY=1 comes on the socket that systemd's protocol names."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            path = str(self.folder / f"{name}.notify")
            notify.bind(path)
            notify.settimeout(READY_SECONDS)
            log = open(self.folder / f"{name}.log", "wb")
            self.daemons[name] = subprocess.Popen([self.build / "bin" / f"baton-{name.split('-')[0]}", "--settings", self.folder / f"{name}.toml"],
                                                  stdout=log, stderr=log, env={**os.environ, "NOTIFY_SOCKET": path})
            log.close()
            while b"READY=1" not in notify.recv(4096):
                pass

    def _call(self, path, body=None):
        request = urllib.request.Request(f"http://{self.api}{path}", data=json.dumps(body).encode() if body else None,
                                         headers={"Content-Type": "application/json"} if body else {})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def post(self, flow, parameters):
        return self._call("/v1/jobs", {"flow": flow, "parameters": parameters})["uuid"]

    def await_end(self, job):
        """By the stream of events; nothing is polled."""
        with urllib.request.urlopen(f"http://{self.api}/v1/jobs/{job}/events", timeout=JOB_SECONDS) as stream:
            for line in stream:
                if line.startswith(b"data:"):
                    row = json.loads(line[5:]).get("row", {})
                    if "atom" not in row and row.get("state") in ("SUCCESS", "FAILURE", "REVERTED"):
                        break
        if (state := self._call(f"/v1/jobs/{job}")["state"]) != "SUCCESS":
            raise RuntimeError(f"job {job} ended {state}")

    def run_job(self, flow, parameters):
        job = self.post(flow, parameters)
        self.await_end(job)
        return job

    def run_many(self, flow, parameters, count):
        """Seconds from the first post to the last end, and the life of each in ms, by the database's clock."""
        with ThreadPoolExecutor(POSTERS) as posters:
            shares = [count // POSTERS + (i < count % POSTERS) for i in range(POSTERS)]
            jobs = [job for posted in posters.map(lambda share: self._post_many(flow, parameters, share), shares) for job in posted]
        self._await_all(jobs)
        rows = self._of_jobs("extract(epoch from posted_at) * 1e3, extract(epoch from finished_at) * 1e3", jobs)
        posted, ended = [float(row[0]) for row in rows], [float(row[1]) for row in rows]
        return (max(ended) - min(posted)) / 1000, [b - a for a, b in zip(posted, ended)]

    def _post_many(self, flow, parameters, count):
        """Through one connection that is kept."""
        host, port = self.api.split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=60)
        body = json.dumps({"flow": flow, "parameters": parameters})
        jobs = []
        for _ in range(count):
            connection.request("POST", "/v1/jobs", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read()
            if answer.status >= 300:
                raise RuntimeError(f"a post was refused: {text.decode()}")
            jobs.append(json.loads(text)["uuid"])
        connection.close()
        return jobs

    def _await_all(self, jobs):
        """The last posted ends about last; who is still open then is awaited one by one."""
        self.await_end(jobs[-1])
        for job, in self._of_jobs("uuid", jobs, "and finished_at is null"):
            self.await_end(job)

    def _of_jobs(self, columns, jobs, condition=""):
        names = ",".join(f"'{job}'" for job in jobs)
        return query(self.services["postgres"], f"select {columns} from {self.name}.jobs where uuid in ({names}) {condition}")

    def settle(self):
        """Brings all counts of the database's sessions into its statistics, at the cost of one small job."""
        time.sleep(STATISTICS_SECONDS)
        self.run_job("bench-chain", {"length": 1})

    def post_to_board(self, count, flow, parameters, priorities=("NORMAL",), name="load"):
        """Past the API, as other services do; no conductor need be up. Returns the seconds that it took."""
        done = subprocess.run([self.build / "bin" / "post_jobs", "--zookeeper", self.services["zookeeper"], "--board", self.board,
                               "--shards", str(self.shape.shards), "--count", str(count), "--flow", flow, "--name", name,
                               "--parameters", json.dumps(parameters), "--priorities", ",".join(priorities)],
                              check=True, stdout=subprocess.PIPE, text=True)
        return float(done.stdout)

    def metrics(self, conductor=None):
        with urllib.request.urlopen(f"http://{self.apis.get(conductor, self.api)}/metrics", timeout=60) as answer:
            lines = (line.split() for line in answer.read().decode().splitlines() if not line.startswith("#"))
            return {words[0].removesuffix("_total"): float(words[1]) for words in lines}

    def history(self, job):
        """The atoms' changes, oldest first, in microseconds of the database's clock."""
        rows = query(self.services["postgres"],
                     f"select h.state, extract(epoch from h.at) * 1e6 from {self.name}.history h "
                     f"join {self.name}.jobs j on j.flow = h.flow where j.uuid = '{job}' and h.atom is not null order by h.id")
        names = {"1": "RUNNING", "2": "SUCCESS"}
        return [{"state": names.get(state, state), "at_us": float(at)} for state, at in rows]

    def posted_us(self, job):
        return microseconds(self._call(f"/v1/jobs/{job}")["posted_at"])

    def wall_seconds(self, job):
        return self._call(f"/v1/jobs/{job}")["duration_ms"] / 1000

    def processes(self):
        return {name: process.pid for name, process in self.daemons.items()}

    def peak_mib(self):
        """The most that each was ever resident, as the kernel has noted it."""
        return {name: int(re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{pid}/status").read_text()).group(1)) / 1024
                for name, pid in self.processes().items()}

    def resident_mib(self):
        page = os.sysconf("SC_PAGESIZE")
        return {name: int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * page / 2**20 for name, pid in self.processes().items()}


def microseconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1e6
