"""One call to the Docker engine, bounded in time, with its errors translated."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

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


def _translated(what: str, work: Callable[[], T]) -> T:
    # In the thread: a socket's TimeoutError must not be mistaken for one of ``asyncio.timeout``.
    with foreign_errors(f"the engine could not {what}"):
        return work()
