"""Work that must run to its end although its caller is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")


async def uninterrupted(work: Awaitable[T]) -> T:
    """Await ``work`` to its end and return its result, even if the caller is cancelled meanwhile.

    Raises the error of the work if it fails, else ``CancelledError`` if the caller was cancelled.
    """
    result, late = await outlasting(work)
    if late:
        raise asyncio.CancelledError
    return result


async def outlasting(work: Awaitable[T], over: Callable[[], bool] = lambda: True) -> tuple[T, bool]:
    """Await ``work``, which a cancellation of the caller reaches only as long as ``over`` returns False.

    Returns the result, and whether a later cancellation was kept from the work. Raises the error of the work,
    also ``CancelledError`` if an early cancellation ended it.
    """
    task = asyncio.ensure_future(work)
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
