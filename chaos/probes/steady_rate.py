"""Reads at a steady rate, whether or not earlier readings were answered. Every probe uses it.

A probe asks a target that hangs as often as one that answers. Otherwise the recording would have few readings
where they matter most, and would not show whether the target or the probe had stopped.
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

SPARE = 2  # readings at once beyond patience / every: one that is just ending, one that is just beginning

ProbeEvent = Sample | ProbeStarted | ProbeWaiting
Write = Callable[[ProbeEvent], None]


Ask = Callable[[], Awaitable[Answer | None]]


async def until_next(clock: Clock, began: float, every: float) -> None:
    """Sleep until ``every`` seconds after ``began`` (monotonic), for readings that must not overlap. If that
    instant is over, sleep for ``every`` seconds.
    """
    left = began + every - clock.mono()
    await clock.sleep(left if left > 0 else every)


class PacedProbe:
    """One probe. ``every``: real seconds between two readings. ``patience``: real seconds after which ``ask``
    gives up.

    ``ask`` must not raise because of the target. It returns None if this machine could not ask: that reading
    is left out, and the gap in the recording shows it. At most ``patience / every`` readings and ``SPARE``
    more run at once; a further one (this machine stalled) is left out as well.
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
        """Read until cancelled. A reading without an answer is then recorded as ``ProbeWaiting``.

        Raises the error of ``ask`` or ``write`` if a reading failed because of gameday itself.
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
                # Readings that a stalled machine missed are not made up for: they would come as a burst.
                number = max(number + 1, ceil((self._clock.mono() - began) / self._every))
                await self._clock.sleep(began + number * self._every - self._clock.mono())
            raise self._failed[0]  # an error of gameday, not of the target
        finally:
            await self._stop()

    def _begin(self) -> None:
        started = ClockReading(self._clock.wall(), self._clock.mono())
        reading = asyncio.create_task(self._read(started))
        self._readings[reading] = started
        reading.add_done_callback(self._ended)

    async def _read(self, started: ClockReading) -> None:
        answer = await self._ask()
        if answer is None:
            return
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
