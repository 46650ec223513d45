"""Starts the load worker, detects if it dies, and stops it within a time limit."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import deque
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from chaos.errors import BadInput, ToolProblem
from chaos.load.fill import check_placeholders, read_rows
from chaos.load.orders import STOP_GRACE, Notice, Orders
from chaos.local_target import local_target
from chaos.model.scenario import MOST_A_SECOND
from chaos.model.stack import LoadProfile
from chaos.open_loop import MOST_REQUESTS, most_in_flight
from chaos.redaction import Hiding
from chaos.timeline.clock import ClockReading
from chaos.timeline.lines import read_lines

START_DEADLINE = 20.0  # seconds; importing Locust takes 0.5 s on an idle core
STOP_MARGIN = 1.5  # seconds after the worker's own grace before gameday kills it

NOTHING = Hiding()  # hides no text
_WORKER = (sys.executable, "-P", "-m", "chaos.load.worker")  # -P: imports nothing from the user's folder


@dataclass(frozen=True)
class TrafficToSend:
    """``rate`` requests of ``profile`` a second to ``base_url`` (``http://127.0.0.1:PORT``), for at most
    ``max_seconds``. ``data``: CSV file of values for the placeholders of the requests.
    """

    profile: LoadProfile
    base_url: str
    rate: float
    max_seconds: float
    degraded_header: str | None = None
    data: Path | None = None
    seed: int = 0


class LoadProcess:
    """One load. Call ``start`` once, then ``stop``, in one asyncio loop.

    The worker also ends when this process dies, because that closes the worker's stdin.
    """

    def __init__(self) -> None:
        self._process: asyncio.subprocess.Process | None = None
        self._out: Path | None = None
        self._sending = asyncio.Event()
        self._first: ClockReading | None = None
        self._done: Notice | None = None
        self._errors: deque[str] = deque(maxlen=20)
        self._readers: asyncio.Task[None] | None = None
        self._asked = False
        self._forced = False

    @property
    def pid(self) -> int | None:
        """Process id of the worker; None before ``start``."""
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        """Is the worker still running, as far as known? True after ``stop`` means that it was left behind."""
        return self._process is not None and self._process.returncode is None

    @property
    def died(self) -> str | None:
        """Why the load ended on its own; None while it runs, and if ``stop`` ended it."""
        if self._asked or self._readers is None or not self._readers.done():
            return None
        if self._done is not None and self._done.ended == "time":
            return "the maximum planned time for the load has passed"
        code = self._process.returncode if self._process else None
        reason = (self._done.detail if self._done else "") or self._last_error()
        return f"the load worker ended unexpectedly (exit {code}): {reason}"

    @property
    def detail(self) -> str:
        """How the load ended, for ``LoadStopped``; "" after a normal stop with every request answered."""
        if self._forced:
            return "the load worker did not end when asked to, so gameday killed it"
        if self.died:
            return self.died
        if self._done is not None and self._done.waiting:
            return f"{self._done.waiting} requests were unanswered when the load was stopped"
        return ""

    @property
    def first(self) -> ClockReading | None:
        """Both clocks at the beginning of the schedule; None until the first request was sent."""
        return self._first

    @property
    def recorded(self) -> int | None:
        """Number of lines in load.jsonl, as the worker counted them; None if it died before its report."""
        return None if self._done is None else self._done.recorded

    @property
    def waiting(self) -> int | None:
        """Number of unanswered requests at the stop; None if the worker died before its report."""
        return None if self._done is None else self._done.waiting

    async def start(self, traffic: TrafficToSend, out: Path, hide: Hiding = NOTHING) -> None:
        """Send ``traffic`` until ``stop`` or the end of its time. Returns when the first request was sent.

        The worker appends a line to ``out`` (load.jsonl) as each request ends. ``hide``: secrets to remove
        from the lines. Raises ``BadInput`` for a wrong target, rate, data file or placeholder, and
        ``ToolProblem`` if the worker does not start or this load was already started.
        """
        if self._process is not None:
            raise ToolProblem("this load was already started")
        profile, rate = traffic.profile, traffic.rate
        local_target(traffic.base_url)
        if not 0 < rate <= MOST_A_SECOND:
            raise BadInput(f"a load needs a rate above 0 and at most {MOST_A_SECOND} a second, got {rate:g}")
        rows = await asyncio.to_thread(read_rows, traffic.data)
        check_placeholders(profile, tuple(rows[0]) if rows else ())
        orders = Orders(
            profile=profile,
            base_url=traffic.base_url,
            rate=rate,
            max_seconds=traffic.max_seconds,
            in_flight=most_in_flight(rate, profile.timeout, MOST_REQUESTS),
            out=_absolute(out),
            rows=rows,
            degraded_header=traffic.degraded_header,
            seed=traffic.seed,
            secrets=hide.secrets,
            names=tuple(sorted(hide.names)),
        )
        self._out = out
        await self._launch(orders)

    async def _launch(self, orders: Orders) -> None:
        pipe = asyncio.subprocess.PIPE
        try:
            self._process = await asyncio.create_subprocess_exec(
                *_WORKER,
                stdin=pipe,
                stdout=pipe,
                stderr=pipe,
                start_new_session=True,  # gameday handles a Ctrl-C in the terminal
            )
        except OSError as problem:
            raise ToolProblem(f"cannot start the load worker: {problem}") from problem
        self._readers = asyncio.create_task(self._read())
        assert self._process.stdin is not None
        try:
            async with asyncio.timeout(START_DEADLINE):
                self._process.stdin.write(orders.model_dump_json().encode() + b"\n")
                await self._process.stdin.drain()
                await self._sending_or_dead()
        except (TimeoutError, OSError) as problem:
            await self.stop()
            waited = f"no request was sent within {START_DEADLINE:g} s"
            raise ToolProblem(f"the load worker did not start: {waited}; {self._last_error()}") from problem
        except asyncio.CancelledError:
            await asyncio.shield(self.stop())
            raise

    async def _sending_or_dead(self) -> None:
        assert self._readers is not None
        sending = asyncio.create_task(self._sending.wait())
        await asyncio.wait({sending, self._readers}, return_when=asyncio.FIRST_COMPLETED)
        if not self._sending.is_set():
            sending.cancel()
            detail = self.died or "it ended without printing anything"
            await self.stop()
            raise ToolProblem(f"the load worker did not start: {detail}")

    async def stop(self) -> int:
        """Stop the load within about 4 s. Returns the number of requests sent. Idempotent.

        If the worker died before it reported the number, it is the number of lines in load.jsonl.
        """
        process = self._process
        if process is None:
            return 0
        if self.died is None:
            self._asked = True
        assert process.stdin is not None
        process.stdin.close()
        if not await self._ended_within(STOP_GRACE + STOP_MARGIN):
            self._forced = True
            process.kill()
            await self._ended_within(STOP_MARGIN)
        if self._done is not None:
            return self._done.sent
        return await asyncio.to_thread(_count_lines, self._out) if self._out else 0

    async def _ended_within(self, seconds: float) -> bool:
        assert self._readers is not None
        await asyncio.wait({self._readers}, timeout=seconds)
        return self._readers.done()

    async def _read(self) -> None:
        """Read both streams to their ends, so that no full pipe blocks the worker. Then wait for its end."""
        process = self._process
        assert process is not None
        assert process.stdout is not None
        assert process.stderr is not None
        await asyncio.gather(self._read_notices(process.stdout), self._read_errors(process.stderr))
        await process.wait()

    async def _read_notices(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            try:
                notice = Notice.model_validate_json(line)
            except ValidationError:
                self._errors.append(f"unexpected output: {line.decode(errors='replace').strip()[:200]}")
                continue
            if notice.notice == "sending":
                self._sending.set()
                if notice.wall is not None and notice.mono is not None:
                    self._first = ClockReading(notice.wall, notice.mono)
            else:
                self._done = notice

    async def _read_errors(self, stream: asyncio.StreamReader) -> None:
        async for line in stream:
            self._errors.append(line.decode(errors="replace").strip())

    def _last_error(self) -> str:
        return next((line for line in reversed(self._errors) if line), "it printed nothing")


def _absolute(path: Path) -> str:
    return os.path.abspath(path)  # does not depend on the worker's working directory


def _count_lines(path: Path) -> int:
    """Number of requests in load.jsonl, without its last line, which holds the count; 0 if unreadable."""
    if not path.is_file():  # reading a device might never end
        return 0
    try:
        return len(read_lines(path.read_bytes()).lines)
    except OSError:
        return 0
