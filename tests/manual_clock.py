"""A clock that is turned by hand."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")


class ManualClock:
    """Time passes only when a test says so, with ``advance``, or when ``run`` finds that everybody sleeps."""

    def __init__(self, wall: float = 1_700_000_000.0) -> None:
        self._offset = wall
        self._now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._order = itertools.count()

    def wall(self) -> float:
        return self._offset + self._now

    def mono(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Let ``seconds`` pass, waking each sleeper at its own instant."""
        until = self._now + seconds
        await _settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            self._wake_next()
            await _settle()
        self._now = until

    async def run(self, work: Awaitable[T], limit: float = 86_400.0) -> T:
        """The result of ``work``; time jumps to the next sleeper whenever everybody waits. ``limit``:
        virtual seconds.
        """
        task = asyncio.ensure_future(work)
        until = self._now + limit
        try:
            while True:
                await _settle()
                if task.done():
                    return task.result()
                self._sleepers = [s for s in self._sleepers if not s[2].done()]
                heapq.heapify(self._sleepers)
                if not self._sleepers:
                    raise AssertionError("every task waits and none sleeps: the work would never end")
                if self._sleepers[0][0] > until:
                    raise AssertionError(f"not done after {limit:g} virtual seconds")
                self._wake_next()
        finally:
            task.cancel()

    def _wake_next(self) -> None:
        instant, _, woken = heapq.heappop(self._sleepers)
        self._now = max(self._now, instant)
        if not woken.done():  # its task may have been cancelled meanwhile
            woken.set_result(None)


async def _settle(turns: int = 60) -> None:
    """Let every task run until it waits. A turn of the loop is one step of each task."""
    for _ in range(turns):
        await asyncio.sleep(0)
