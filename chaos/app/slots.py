"""How many stacks run side by side: a fixed number, or as many as this machine bears."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

import psutil

from chaos.probes.machine import MachineTotals, machine_reading, read_machine
from chaos.runner import Observer, Progress
from chaos.timeline.events import Phase
from chaos.timing import Clock

EVERY = 1.0  # real seconds between two looks at the machine while a run waits for its turn
CALM_LOOKS = 3  # consecutive looks that must find capacity: starting containers are busy in bursts
SETTLE = 20.0  # real seconds that a stack gets to start and to be loaded before the next one may begin
MOST_BUSY = (
    0.70  # mean share of the cores' time that may be in use; one stack of ours takes 0.2 to 0.5 of two
)
MOST_LAG = 0.10  # seconds that gameday's own event loop may come late
MEMORY = 1.0 * 1024**3  # bytes that must be free for one more stack; the reference stack takes 0.6 GiB


class Turn:
    """The place of one run among those that run side by side. ``give_up`` may be called any number of times,
    in the thread of the event loop.
    """

    def __init__(self, free: Callable[[], None]) -> None:
        self._free: Callable[[], None] | None = free

    def give_up(self) -> None:
        """Let the next run begin: what is left of this one hardly uses the machine."""
        free, self._free = self._free, None
        if free is not None:
            free()


class TurnEnder(Observer):
    """Gives up the turn of a run once its teardown begins: the engine removes containers one after the other,
    which is mostly waiting, and no measurement is left that the start of the next stack could disturb.
    """

    def __init__(self, turn: Turn, loop: asyncio.AbstractEventLoop) -> None:
        self._turn = turn
        self._loop = loop

    def on_progress(self, progress: Progress) -> None:
        if progress.phase is Phase.TEARDOWN:
            with suppress(RuntimeError):  # the loop has ended, and every turn with it
                self._loop.call_soon_threadsafe(self._turn.give_up)


class Slots(Protocol):
    """Decides when a run may begin."""

    def turn(self) -> AbstractAsyncContextManager[Turn]:
        """Wait for a turn, and hold it until the run gives it up, or to the end of the context."""


class FixedSlots:
    """A fixed number of runs at once, however busy the machine is."""

    def __init__(self, number: int) -> None:
        self._free = asyncio.Semaphore(number)

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        await self._free.acquire()
        turn = Turn(self._free.release)
        try:
            yield turn
        finally:
            turn.give_up()


@dataclass(frozen=True)
class Machine:
    """What the slots measure of this machine. A test passes its own."""

    cores: int = field(default_factory=lambda: os.cpu_count() or 1)
    totals: Callable[[], MachineTotals] = read_machine
    free_memory: Callable[[], float] = lambda: float(psutil.virtual_memory().available)


class MeasuredSlots:
    """One run always; another one while the machine has been calm since the last one settled. At most one
    for each core: a stack and its load keep about one busy while it starts.
    """

    def __init__(self, clock: Clock, machine: Machine | None = None) -> None:
        self._clock = clock
        self._machine = machine or Machine()
        self._deciding = asyncio.Lock()  # one run at a time decides, in the order in which they asked
        self._running = 0
        self._last_start = 0.0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[Turn]:
        async with self._deciding:
            await self._wait_for_capacity()
            self._running += 1
            self._last_start = self._clock.mono()
        turn = Turn(self._ended)
        try:
            yield turn
        finally:
            turn.give_up()

    def _ended(self) -> None:
        self._running -= 1

    async def _wait_for_capacity(self) -> None:
        calm: deque[bool] = deque(maxlen=CALM_LOOKS)
        while self._running:
            before, asked = self._machine.totals(), self._clock.mono()
            await self._clock.sleep(EVERY)
            calm.append(self._calm(before, asked))
            settled = self._clock.mono() - self._last_start >= SETTLE
            if self._running < self._machine.cores and settled and len(calm) == CALM_LOOKS and all(calm):
                return

    def _calm(self, before: MachineTotals, asked: float) -> bool:
        now = self._clock.mono()
        lag = now - asked - EVERY
        seen = machine_reading(before, self._machine.totals(), at=0.0, mono=now, over=now - asked, lag=lag)
        busy = seen.cpu_busy is None or seen.cpu_busy <= MOST_BUSY
        return busy and lag <= MOST_LAG and self._machine.free_memory() >= MEMORY
