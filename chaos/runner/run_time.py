"""The time of a run's timeline: real time without the stretches in which the run was on hold."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from chaos.timing import Clock

RESOLUTION = 1e-6  # seconds: a smaller remainder counts as 0, because sums of floats are not exact


class RunTime:
    """Seconds since ``begin``, without the time on hold."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._origin = clock.mono()
        self._held = 0.0  # seconds of all earlier holds
        self._since: float | None = None  # monotonic instant at which the current hold began
        self._resumed = asyncio.Event()
        self._resumed.set()

    def begin(self) -> None:
        """Start the timeline: now is 0."""
        self._origin, self._held = self._clock.mono(), 0.0
        if self._since is not None:
            self._since = self._origin

    def now(self) -> float:
        """Seconds of the timeline."""
        at = self._clock.mono() if self._since is None else self._since
        return at - self._origin - self._held

    @property
    def held(self) -> bool:
        return self._since is not None

    def hold(self) -> None:
        """Put on hold; does nothing if it already is."""
        if self._since is None:
            self._since = self._clock.mono()
            self._resumed.clear()

    def resume(self) -> None:
        """Continue; does nothing if it is not on hold."""
        if self._since is not None:
            self._held += self._clock.mono() - self._since
            self._since = None
            self._resumed.set()

    async def released(self) -> None:
        """Returns when the run is not on hold."""
        await self._resumed.wait()

    async def until(self, instant: float, early: asyncio.Event) -> None:
        """Wait for an instant of the timeline outside a hold, or until ``early`` is set."""
        while not early.is_set():
            if self.held:
                await _first_of(self._resumed.wait(), early.wait())
            elif (left := instant - self.now()) > RESOLUTION:
                await _first_of(self._clock.sleep(left), early.wait())
            else:
                return


async def _first_of(*waits: Coroutine[Any, Any, Any]) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
