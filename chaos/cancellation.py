"""Work that must run to its end although its caller is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

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
