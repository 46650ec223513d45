"""Readings at a steady rate, whether or not earlier ones were answered: what every probe is built on.

A target that hangs is asked as often as one that answers. Otherwise the recording would hold few readings
exactly where they matter, and nothing would say whether the target hung or the probe stood still.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from math import ceil

from chaos.collector import Answer
from chaos.timeline.clock import ClockReading
from chaos.timeline.events import Sample
from chaos.timeline.observations import ProbeKind, ProbeStarted, ProbeWaiting
from chaos.timing import Clock

SPARE = 2  # readings beyond those that patience explains: one that just ends, one that just begins

ProbeEvent = Sample | ProbeStarted | ProbeWaiting
Write = Callable[[ProbeEvent], None]


Ask = Callable[[], Awaitable[Answer]]


async def until_next(clock: Clock, began: float, every: float) -> None:
    """Sleep until ``every`` seconds after ``began`` (monotonic). Whatever took longer than that gets a whole
    ``every`` of rest: for readings that must not overlap.
    """
    left = began + every - clock.mono()
    await clock.sleep(left if left > 0 else every)


class PacedProbe:
    """One probe. ``every``: seconds between two readings; ``patience``: after how many ``ask`` gives up.

    ``ask`` never raises for the target. Since each reading ends within ``patience``, there are never more
    than ``patience / every`` at once; beyond that (this machine stood still) one is left out, and the gap
    shows.
    """

    def __init__(
        self,
        label: str,
        kind: ProbeKind,
        every: float,
        patience: float,
        ask: Ask,
        write: Write,
        clock: Clock,
    ) -> None:
        self._label = label
        self._kind = kind
        self._every = every
        self._patience = patience
        self._ask = ask
        self._write = write
        self._clock = clock
        self._readings: dict[asyncio.Task[None], ClockReading] = {}
        self._failed: list[BaseException] = []

    async def run(self) -> None:
        """Until cancelled; then what has no answer yet is written down as waiting. Raises what kept a reading
        from being written.
        """
        began, number = self._clock.mono(), 0
        most = ceil(self._patience / self._every) + SPARE
        self._write(
            ProbeStarted(
                at=self._clock.wall(),
                mono=began,
                probe=self._label,
                kind=self._kind,
                every=self._every,
                patience=self._patience,
            )
        )
        try:
            while not self._failed:
                if len(self._readings) < most:
                    self._begin()
                # Ticks missed while this machine stood still are not made up for: they would be a burst.
                number = max(number + 1, ceil((self._clock.mono() - began) / self._every))
                await self._clock.sleep(began + number * self._every - self._clock.mono())
            raise self._failed[0]  # not the target's failure, ours: a reading that cannot be written
        finally:
            await self._stop()

    def _begin(self) -> None:
        started = ClockReading(self._clock.wall(), self._clock.mono())
        reading = asyncio.create_task(self._read(started))
        self._readings[reading] = started
        reading.add_done_callback(self._ended)

    async def _read(self, started: ClockReading) -> None:
        answer = await self._ask()
        self._write(
            Sample(
                at=self._clock.wall(),
                mono=self._clock.mono(),
                probe=self._label,
                ok=answer.ok,
                started=started.wall,
                started_mono=started.mono,
                status=answer.status,
                value=answer.value,
                detail=answer.detail,
                payload=answer.payload,
            )
        )

    def _ended(self, reading: asyncio.Task[None]) -> None:
        self._readings.pop(reading, None)
        if not reading.cancelled() and (problem := reading.exception()) is not None:
            self._failed.append(problem)

    async def _stop(self) -> None:
        under_way = dict(self._readings)
        for reading in under_way:
            reading.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
        if self._failed:
            return
        for reading, started in under_way.items():
            if reading.cancelled():
                self._wait(started)

    def _wait(self, started: ClockReading) -> None:
        now = self._clock.mono()
        self._write(
            ProbeWaiting(
                at=self._clock.wall(),
                mono=now,
                probe=self._label,
                started=started.wall,
                started_mono=started.mono,
                waited=now - started.mono,
            )
        )
