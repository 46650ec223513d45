"""Decides how many stacks run side by side: a fixed number, or as many as this machine can carry."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

import psutil

from chaos.probes.machine import MachineTotals, machine_reading, read_machine
from chaos.timing import Clock

EVERY = 1.0  # real seconds between two measurements of the machine while a run waits for its turn
CALM_LOOKS = 5  # consecutive measurements that must find capacity: starting containers load it in bursts
SETTLE = 20.0  # real seconds for a stack to start and come under load before the next one may start
MOST_BUSY = (
    0.70  # mean share of the cores' time that may be in use; one stack of ours takes 0.2 to 0.5 of two
)
MOST_LAG = 0.10  # seconds that gameday's own event loop may lag
MEMORY = 1.0 * 1024**3  # bytes that must be free for one more stack; the reference stack takes 0.6 GiB


class Slots(Protocol):
    """Decides when a run may begin."""

    @property
    def most(self) -> int:
        """How many runs it ever lets go on at once."""

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Wait for a turn, and hold it."""


class FixedSlots:
    """A fixed number of runs at once, however busy the machine is."""

    def __init__(self, number: int) -> None:
        self.most = number
        self._free = asyncio.Semaphore(number)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        async with self._free:
            yield


@dataclass(frozen=True)
class Capacity:
    """What the slots measure on this machine. A test passes its own."""

    cores: int = field(default_factory=lambda: os.cpu_count() or 1)
    totals: Callable[[], MachineTotals] = read_machine
    free_memory: Callable[[], float] = lambda: float(psutil.virtual_memory().available)


class MeasuredSlots:
    """Always allows one run. Allows another if the machine has been calm since the last one settled. Allows
    at most one for each core: a stack and its load keep about one core busy while it starts.
    """

    def __init__(self, clock: Clock, capacity: Capacity | None = None) -> None:
        self._clock = clock
        self._capacity = capacity or Capacity()
        self.most = self._capacity.cores
        self._deciding = asyncio.Lock()  # one run at a time decides, in the order in which they asked
        self._running = 0
        self._last_start = 0.0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        async with self._deciding:
            await self._wait_for_capacity()
            self._running += 1
            self._last_start = self._clock.mono()
        try:
            yield
        finally:
            self._running -= 1

    async def _wait_for_capacity(self) -> None:
        calm: deque[bool] = deque(maxlen=CALM_LOOKS)
        while self._running:
            before, asked = self._capacity.totals(), self._clock.mono()
            await self._clock.sleep(EVERY)
            calm.append(self._calm(before, asked))
            settled = self._clock.mono() - self._last_start >= SETTLE
            if self._running < self.most and settled and len(calm) == CALM_LOOKS and all(calm):
                return

    def _calm(self, before: MachineTotals, asked: float) -> bool:
        now = self._clock.mono()
        lag = now - asked - EVERY
        seen = machine_reading(before, self._capacity.totals(), at=0.0, mono=now, over=now - asked, lag=lag)
        busy = seen.cpu_busy is None or seen.cpu_busy <= MOST_BUSY
        return busy and lag <= MOST_LAG and self._capacity.free_memory() >= MEMORY
