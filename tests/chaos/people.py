"""Who posts the jobs and gives orders: what was acknowledged is written down, what was not is asked again."""

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass, field

import jobs
from evidence import FINAL

ASK_SECONDS = 6  # a conductor may be stopped: then another one is asked
PAUSE_SECONDS = 0.2  # before somebody asks again
ORDER_SECONDS = 900  # an order that nobody acknowledges by then never will be
ORDER_AFTER_SECONDS = 1.0  # at most, after the posting
RESUME_AFTER_SECONDS = 2.0
RERUN_LOOK_SECONDS = 1.0
REFUSALS = (409,)  # of an order: it has ended, it is asked for already


@dataclass
class Journal:
    """What was promised."""

    posted: dict = field(default_factory=dict)  # uuid: jobs.Job
    orders: list = field(default_factory=list)  # (uuid, kind, id), acknowledged
    refused: list = field(default_factory=list)  # what no conductor should say
    asked: int = 0  # requests without an answer, and those answered 503


class People:
    """Threads: one posts, one orders. Both end with stop()."""

    def __init__(self, addresses, seed, rate, open_most, ended):
        self._addresses, self._seed, self._rate, self._open_most = addresses, seed, rate, open_most
        self._ended = ended  # asks how many jobs have ended
        self._dice = random.Random(f"{seed}/people")
        self.journal = Journal()
        self._due = []  # (time, what to do)
        self._at_it = 0  # orders that are being given
        self._no_more_posts = threading.Event()
        self._stopped = threading.Event()
        self._changing = threading.Lock()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._post_jobs, self._give_orders)]

    def start(self):
        for thread in self._threads:
            thread.start()

    def post_no_more(self, seconds):
        """True: what was being posted is acknowledged within the time."""
        self._no_more_posts.set()
        self._threads[0].join(seconds)
        return not self._threads[0].is_alive()

    def stop(self):
        self._no_more_posts.set()
        self._stopped.set()
        for thread in self._threads:
            if thread.ident:
                thread.join()

    def open(self):
        return len(self.journal.posted) - self._ended()

    def orders_due(self):
        with self._changing:
            return len(self._due) + self._at_it

    # ---- posting

    def _post_jobs(self):
        number, due = 0, time.monotonic()
        while not self._no_more_posts.wait(max(0.0, due - time.monotonic())):
            due = max(due + 1 / self._rate, time.monotonic() - 1)
            if self.open() < self._open_most:
                number += 1
                self._post(jobs.job(self._seed, number))

    def _post(self, job):
        """Until it is acknowledged: the same post again is the same job."""
        while not self._stopped.is_set():
            status, answer = self._ask("POST", "/v1/jobs", job.body)
            if status in (200, 201):
                self.journal.posted[job.uuid] = job
                if job.order:
                    self._later(ORDER_AFTER_SECONDS, lambda: self._order_of(job))
                return
            if status is not None and status != 503:
                self.journal.refused.append(f"job {job.number}: {status} {answer}")
                return
            self._stopped.wait(PAUSE_SECONDS)

    # ---- orders

    def _later(self, seconds_most, what):
        with self._changing:
            self._due.append((time.monotonic() + self._dice.uniform(0, seconds_most), what))

    def _give_orders(self):
        while not self._stopped.wait(PAUSE_SECONDS / 2):
            with self._changing:
                now = [what for due, what in self._due if due <= time.monotonic()]
                self._due = [each for each in self._due if each[1] not in now]
                self._at_it = len(now)
            for what in now:
                what()
            self._at_it = 0

    def _order_of(self, job):
        if job.order == "rerun":
            return self._rerun(job)
        if self.order(job.uuid, job.order) and job.order == "suspend":
            self._later(RESUME_AFTER_SECONDS, lambda: self.order(job.uuid, "resume"))

    def _rerun(self, job):
        """Once it has ended, and only its first run."""
        known = self.show(job.uuid)
        if known is None or known["state"] not in FINAL:
            return self._later(RERUN_LOOK_SECONDS, lambda: self._rerun(job))
        self.order(job.uuid, "rerun", run=1)

    def order(self, uuid, kind, **more):
        """Until it is acknowledged (True) or refused; who waits too long for that says so."""
        deadline = time.monotonic() + ORDER_SECONDS
        while not self._stopped.is_set():
            if time.monotonic() > deadline:
                self.journal.refused.append(f"order {kind} of {uuid}: not acknowledged in {ORDER_SECONDS} s")
                return False
            status, answer = self._ask("POST", f"/v1/jobs/{uuid}/orders",
                                       {"order": kind, "who": "chaos@test", "why": "a test", **more})
            if status == 202:
                self.journal.orders.append((uuid, kind, answer["id"]))
                return True
            if status in REFUSALS:
                return False
            if status is not None and status != 503:
                self.journal.refused.append(f"order {kind} of {uuid}: {status} {answer}")
                return False
            self._stopped.wait(PAUSE_SECONDS)
        return False

    def show(self, uuid):
        """The job as a conductor shows it; None: nobody answered."""
        status, answer = self._ask("GET", f"/v1/jobs/{uuid}")
        return answer if status == 200 else None

    # ----

    def _ask(self, method, path, body=None):
        """(status, answer) of the first conductor that answers anything but 503; (None, why): none did."""
        last = None, ""
        for address in random.sample(self._addresses, len(self._addresses)):
            last = ask(address, method, path, body)
            if last[0] not in (None, 503):
                return last
            self.journal.asked += 1
        return last


def ask(address, method, path, body=None):
    connection = http.client.HTTPConnection(address, timeout=ASK_SECONDS)
    try:
        connection.request(method, path, None if body is None else json.dumps(body),
                           {"Content-Type": "application/json", "Connection": "close"})
        with connection.getresponse() as response:
            text = response.read()
        return response.status, json.loads(text) if text else None
    except (OSError, http.client.HTTPException, ValueError) as error:
        return None, repr(error)
    finally:
        connection.close()
