"""Work that must run to its end although its caller is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def uninterrupted(work: Awaitable[T]) -> T:
    """Await ``work`` to its end and return its result, even if the caller is cancelled meanwhile.

    Raises the error of the work if it fails, else ``CancelledError`` if the caller was cancelled.
    """
    task = asyncio.ensure_future(work)
    cancelled: asyncio.CancelledError | None = None
    while not task.done():
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError as error:
            if task.cancelled():
                raise
            cancelled = error
        except BaseException:
            break  # the task's own error; ``result`` raises it
    if cancelled is not None and not task.cancelled() and task.exception() is None:
        raise cancelled
    return task.result()


async def outlasting(work: Coroutine[Any, Any, T], over: Callable[[], bool] = lambda: True) -> tuple[T, bool]:
    """Await ``work``, which a cancellation of the caller reaches only as long as ``over`` returns False.

    Returns the result, and whether a later cancellation was kept from the work. Raises the error of the work,
    also ``CancelledError`` if an early cancellation ended it.
    """
    task = asyncio.create_task(work)
    late = False
    while not task.done():
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            if over():
                late = True
            else:
                task.cancel()
    return task.result(), late
