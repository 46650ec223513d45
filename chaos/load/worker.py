"""The process that sends the load: ``python -m chaos.load.worker``, orders on stdin, notices on stdout.

Locust runs one user. Its task follows the schedule and sends each arrival at its intended instant, in a
separate greenlet. The worker ends on SIGTERM, when stdin closes (also because gameday died), or when its time
is up.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO
from uuid import uuid4

import gevent
import gevent.event
import gevent.pool
import gevent.socket
from locust import User, task
from locust.env import Environment
from locust.exception import StopUser
from pydantic import ValidationError

from chaos.errors import BadInput
from chaos.load.client import LoadAnswer, exchange
from chaos.load.fill import check_placeholders, fill, values_of
from chaos.load.orders import STOP_GRACE, Notice, Orders
from chaos.load.schedule import Arrival, arrivals
from chaos.local_target import local_target
from chaos.redaction import Hiding
from chaos.timeline.lines import LineCounter
from chaos.timeline.recording import Unanswered
from chaos.timeline.requests import Request

STDIN = 0


@dataclass(frozen=True)
class _UnderWay:
    """An open request. ``intended`` and ``sent``: wall clock. ``due``, ``sent_mono``: the same, monotonic."""

    arrival: Arrival
    intended: float
    due: float
    sent: float
    sent_mono: float


class Sender:
    """Sends the arrivals of one load. Writes one numbered line for each, and the count as the last line."""

    def __init__(
        self, orders: Orders, out: TextIO, fire: Callable[..., None], say: Callable[[Notice], None]
    ) -> None:
        self.orders = orders
        self.stopping = gevent.event.Event()
        self.finished = gevent.event.Event()
        self.sent = 0
        self.recorded = 0
        self.failure = ""
        self._out = out
        self._fire = fire  # Locust's request event, which updates its statistics and calls ``record``
        self._say = say
        self._host, self._port = local_target(orders.base_url)
        self._hide = Hiding(orders.secrets, frozenset(orders.names))
        as_stored = [
            one.model_copy(update={"request": self._hide(one.request)}) for one in orders.profile.requests
        ]
        self._names = [request.name for request in as_stored]
        self._pool = gevent.pool.Pool(orders.in_flight)
        self._lines = LineCounter()
        self._under_way: dict[int, _UnderWay] = {}
        self._closed = False
        self.waiting = 0

    def run(self) -> None:
        """Follow the schedule until it ends or ``stopping`` is set, then wait for open requests.

        The wait is ``STOP_GRACE`` seconds after a stop, otherwise the profile's timeout.
        """
        orders = self.orders
        weights = [request.weight for request in orders.profile.requests]
        wall, mono = time.time(), time.monotonic()
        for arrival in arrivals(orders.rate, orders.max_seconds, weights, orders.seed):
            ahead = mono + arrival.offset - time.monotonic()
            if self.stopping.wait(ahead) if ahead > 0 else self.stopping.is_set():
                break
            self._launch(arrival, wall + arrival.offset, mono + arrival.offset)
            if self.sent == 1:
                gevent.sleep(0)  # lets the greenlet send the first request before the notice
                self._say(Notice(notice="sending", sent=1, wall=wall, mono=mono))
        self._pool.join(timeout=STOP_GRACE if self.stopping.is_set() else orders.profile.timeout)
        self._close()
        self._pool.kill(block=False)

    def _close(self) -> None:
        """Write a line for each open request, then the number of lines. Nothing is written after that."""
        now = time.monotonic()
        for one in self._under_way.values():
            line = Unanswered(
                intended=round(one.intended, 6),
                sent=round(one.sent, 6),
                name=self._names[one.arrival.kind],
                waited=round(now - one.sent_mono, 6),
                intended_mono=round(one.due, 6),
                sent_mono=round(one.sent_mono, 6),
                patience=self.orders.profile.timeout,
            )
            self._append(self._lines.number(line.model_dump_json().encode()))
            self.recorded += 1
            self.waiting += 1
        self._append(self._lines.end())
        self._closed = True

    def _launch(self, arrival: Arrival, intended: float, due: float) -> None:
        self.sent += 1
        if self._pool.full():
            sent = _UnderWay(arrival, intended, due, time.time(), time.monotonic())
            self._report(sent, LoadAnswer(0, error="overload"))
        else:
            self._pool.spawn(self._send, arrival, intended, due).link_exception(self._crashed)

    def _send(self, arrival: Arrival, intended: float, due: float) -> None:
        profile = self.orders.profile
        request = fill(
            profile.requests[arrival.kind], values_of(self.orders.rows, arrival.number, str(uuid4()))
        )
        sent = _UnderWay(arrival, intended, due, time.time(), time.monotonic())
        self._under_way[arrival.number] = sent
        answer = LoadAnswer(0, error="timeout")
        with gevent.Timeout(profile.timeout, False):  # limits the whole exchange, even if bytes trickle in
            answer = exchange(self._host, self._port, request, profile.timeout, self.orders.degraded_header)
        self._under_way.pop(arrival.number, None)
        self._report(sent, answer)

    def _report(self, sent: _UnderWay, answer: LoadAnswer) -> None:
        kind = sent.arrival.kind
        line = Request(
            intended=round(sent.intended, 6),
            sent=round(sent.sent, 6),
            latency=round(time.monotonic() - sent.due, 6),
            name=self._names[kind],
            status=answer.status,
            served=self.orders.profile.requests[kind].served_by(answer.status),
            degraded=None if answer.degraded is None else self._hide(answer.degraded),
            error=answer.error,
            intended_mono=round(sent.due, 6),
            sent_mono=round(sent.sent_mono, 6),
            patience=self.orders.profile.timeout,
        )
        problem = None if line.served else RuntimeError(answer.error or f"status {answer.status}")
        method, _, path = line.name.partition(" ")
        self._fire(
            request_type=method,
            name=path,
            response_time=line.latency * 1000,
            response_length=0,
            exception=problem,
            context={"line": line},
        )

    def record(self, context: dict[str, Request], **_: object) -> None:
        """Listener of Locust's request event. Passes the line to the operating system before it returns."""
        if not self._closed:
            self._append(self._lines.number(context["line"].model_dump_json().encode()))
            self.recorded += 1

    def _append(self, line: bytes) -> None:
        try:
            self._out.write(line.decode())
        except (OSError, ValueError) as problem:
            self.fail(f"cannot write load.jsonl: {problem}")

    def fail(self, why: str) -> None:
        """Stop the load with ``why`` as the reason, because a load that is not recorded cannot be judged."""
        self.failure = self.failure or why
        self.stopping.set()

    def _crashed(self, greenlet: gevent.Greenlet) -> None:
        self.fail(f"a request crashed the worker: {greenlet.exception!r}")


class ArrivalUser(User):
    """The only Locust user of the process."""

    abstract = True
    sender: Sender

    @task
    def send_all(self) -> None:
        try:
            self.sender.run()
        except Exception as problem:
            self.sender.fail(f"the worker crashed: {problem!r}")
        finally:
            self.sender.finished.set()
        raise StopUser()


def read_orders() -> Orders:
    """Read the orders from the first line of stdin, without a buffer that would take more than that line.

    Raises ``BadInput`` for orders that are missing, invalid, or name a target on another computer.
    """
    line = bytearray()
    while not line.endswith(b"\n"):
        chunk = os.read(STDIN, 65536)
        if not chunk:
            raise BadInput("the load worker received no orders")
        line += chunk
    try:
        orders = Orders.model_validate_json(bytes(line))
    except ValidationError as problem:
        raise BadInput(f"the load worker cannot read its orders: {problem}") from problem
    local_target(orders.base_url)
    check_placeholders(orders.profile, tuple(orders.rows[0]) if orders.rows else ())
    return orders


def say(notice: Notice) -> None:
    """Send one line to gameday. If gameday is gone, its end has closed stdin, which stops this worker."""
    try:
        sys.stdout.write(notice.model_dump_json() + "\n")
        sys.stdout.flush()
    except OSError:
        pass


def _until_stdin_closes(sender: Sender) -> None:
    while True:
        gevent.socket.wait_read(STDIN)
        if not os.read(STDIN, 4096):
            sender.stopping.set()
            return


def run(orders: Orders, out: TextIO) -> Notice:
    """Send the whole load under Locust's local runner. Returns the last notice."""
    environment = Environment(user_classes=[], catch_exceptions=False)
    sender = Sender(orders, out, environment.events.request.fire, say)
    environment.user_classes = [type("Arrivals", (ArrivalUser,), {"sender": sender, "host": orders.base_url})]
    environment.events.request.add_listener(sender.record)  # type: ignore[no-untyped-call]
    gevent.signal_handler(signal.SIGTERM, sender.stopping.set)
    gevent.spawn(_until_stdin_closes, sender)
    runner = environment.create_local_runner()
    runner.start(user_count=1, spawn_rate=1)
    sender.finished.wait()
    asked = sender.stopping.is_set()
    ended = "failed" if sender.failure else "asked" if asked else "time"
    return Notice(
        notice="done",
        sent=sender.sent,
        recorded=sender.recorded,
        waiting=sender.waiting,
        ended=ended,
        detail=sender.failure,
    )


def main() -> int:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # gameday decides when the load ends
    try:
        orders = read_orders()
        with open(orders.out, "a", buffering=1, encoding="utf-8") as out:
            done = run(orders, out)
            say(done)
            os._exit(
                1 if done.ended == "failed" else 0
            )  # every line is written, and Locust's greenlets need no clean-up
    except (BadInput, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
