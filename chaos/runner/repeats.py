"""The ``Repeater`` port: each repetition is a task of the run's own loop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from chaos.errors import ToolProblem
from chaos.timing import Clock

Work = Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class _Running:
    task: asyncio.Task[None]
    stop: asyncio.Event


class TaskRepeater:
    """Repetitions of one run. A fault that starts one stops it in its undo."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._running: dict[str, _Running] = {}
        self._failures: list[str] = []

    async def start(self, name: str, every: float, work: Work) -> None:
        """Raises what the first ``work`` raises: the injection has then failed."""
        if name in self._running:
            return
        stop = asyncio.Event()
        await work()
        self._running[name] = _Running(asyncio.create_task(self._go(every, work, stop)), stop)

    async def stop(self, name: str) -> None:
        """Does not cancel the work: an interrupted restart would leave a container stopped."""
        running = self._running.pop(name, None)
        if running is not None:
            running.stop.set()
            await asyncio.wait({running.task})
            if why := _failure(name, running.task):
                self._failures.append(why)  # not raised: what the undo does next must be done all the same

    def failures(self) -> tuple[str, ...]:
        """See ``Repeater``."""
        found, self._failures = tuple(self._failures), []
        return found

    def running(self, name: str) -> bool:
        running = self._running.get(name)
        if running is None:
            return False
        if running.task.done():
            raise ToolProblem(_failure(name, running.task) or f"{name} ended unexpectedly")
        return True

    async def _go(self, every: float, work: Work, stop: asyncio.Event) -> None:
        while True:
            pause = asyncio.ensure_future(self._clock.sleep(every))
            stopped = asyncio.ensure_future(stop.wait())
            try:
                await asyncio.wait((pause, stopped), return_when=asyncio.FIRST_COMPLETED)
            finally:
                pause.cancel()
                stopped.cancel()
            if stop.is_set():
                return
            await work()


def _failure(name: str, task: asyncio.Task[None]) -> str:
    """Why a repetition that is over had ended before its stop; empty if it had not."""
    error = None if task.cancelled() else task.exception()
    return "" if error is None else f"{name} ended unexpectedly: {str(error) or type(error).__name__}"
