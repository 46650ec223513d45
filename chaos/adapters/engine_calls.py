"""One call to the Docker engine, bounded in time, with its errors translated, and a change that may outlast
its caller.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Generic, TypeVar

from chaos.errors import ToolProblem, foreign_errors

T = TypeVar("T")


async def call_engine(what: str, work: Callable[[], T], limit: float, threads: Executor | None = None) -> T:
    """What ``work`` returns. ``ToolProblem`` if it takes longer than ``limit`` real seconds, or raises
    anything that is not one of gameday's own errors. ``what`` completes "the engine could not". ``threads``:
    where the call waits; None: in the loop's own threads.
    """
    try:
        async with asyncio.timeout(limit):
            return await asyncio.get_running_loop().run_in_executor(threads, _translated, what, work)
    except TimeoutError as error:
        raise ToolProblem(f"the engine did not {what} within {limit:g} s") from error


class EngineChange(Generic[T]):
    """A call that changes something. Its caller may be cancelled, or give up; the thread and the engine go on
    all the same, so that whoever changes the same thing next must first wait for its end.
    """

    def __init__(self, what: str, work: Callable[[], T], limit: float, threads: Executor | None) -> None:
        """Begins at once. As for ``call_engine``."""
        self._what = what
        self._limit = limit
        self._call = asyncio.get_running_loop().run_in_executor(threads, _translated, what, work)
        self._call.add_done_callback(_noticed)

    @property
    def ended(self) -> bool:
        return self._call.done()

    async def result(self) -> T:
        """What the work returned. Raises as ``call_engine`` does."""
        if not await self._ends():
            raise ToolProblem(f"the engine did not {self._what} within {self._limit:g} s")
        return self._call.result()

    async def over(self) -> None:
        """Wait for its end, whatever came of it. ``ToolProblem`` if it takes its limit once more."""
        if not await self._ends():
            raise ToolProblem(f"the engine still did not {self._what}, after {self._limit:g} more seconds")

    async def _ends(self) -> bool:
        await asyncio.wait({self._call}, timeout=self._limit)
        return self._call.done()


def _noticed(call: asyncio.Future[T]) -> None:
    """Read the error of a call that no caller waits for any more: asyncio would print it otherwise."""
    if not call.cancelled():
        call.exception()


def _translated(what: str, work: Callable[[], T]) -> T:
    # In the thread: a socket's TimeoutError must not be mistaken for one of ``asyncio.timeout``.
    with foreign_errors(f"the engine could not {what}"):
        return work()
