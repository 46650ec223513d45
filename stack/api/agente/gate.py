"""Bounds every use of a dependency in time; after failures in a row the next uses fail at once.

After a pause one use tries again while all others still fail at once: were all let through, each pause would
end with everybody waiting for the time-out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

T = TypeVar("T")
FAILURES_BEFORE_PAUSE = 3  # in a row: one slow answer is no reason to do without
PAUSE = 1.0  # seconds


class GoneError(Exception):
    """The dependency did not answer, or did not a moment ago."""


class Gate:
    """One dependency's gate. Without failures it costs nothing but the time-out."""

    def __init__(
        self,
        name: str,
        timeout: float | None,
        failures: tuple[type[Exception], ...],
        gone: type[GoneError] = GoneError,
    ) -> None:
        """`failures`: what counts as no answer, beside the time-out (seconds); `gone` is raised for it."""
        self._name = name
        self._timeout = timeout
        self._caught: tuple[type[Exception], ...] = (*failures, OSError, TimeoutError)
        self._gone = gone
        self._closed_until = 0.0
        self._failures = 0
        self._trying = False

    @property
    def is_open(self) -> bool:
        """False from the third failure in a row until the next success."""
        return self._failures < FAILURES_BEFORE_PAUSE

    async def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """`work`'s result; `gone` instead of time-outs and the failures."""
        if not self.is_open:
            if self._trying or time.monotonic() < self._closed_until:
                raise self._gone(f"{self._name} failed a moment ago")
            self._trying = True
            try:
                return await self._use(work)
            finally:
                self._trying = False
        return await self._use(work)

    async def _use(self, work: Callable[[], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(self._timeout):
                result = await work()
        except self._caught as error:
            self._failures += 1
            if self._failures >= FAILURES_BEFORE_PAUSE:
                self._closed_until = time.monotonic() + PAUSE
            raise self._gone(f"{self._name}: {type(error).__name__} {error}") from error
        self._failures = 0
        return result
