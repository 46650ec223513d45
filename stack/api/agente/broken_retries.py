"""The broken variant `retry_storm`: a call to the PMS that failed is made again until it succeeds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from agente.breaker import NoBreaker

T = TypeVar("T")
# Seconds between two tries. The hundreds of calls that wait after an outage of 20 s then ask for more
# than the PMS serves, and for less than what would keep the API itself from answering.
PAUSE = 3.0


class RetryStorm(NoBreaker):
    """In place of the breaker. The caller gets the first failure; the retries go on behind its back."""

    def __init__(self) -> None:
        self._retries: set[asyncio.Task[None]] = set()

    async def call(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            return await work()
        except Exception:
            task = asyncio.create_task(_until_it_succeeds(work))
            self._retries.add(task)
            task.add_done_callback(self._retries.discard)
            raise


async def _until_it_succeeds(work: Callable[[], Awaitable[T]]) -> None:
    while True:
        try:
            await work()
        except Exception:
            await asyncio.sleep(PAUSE)
        else:
            return
