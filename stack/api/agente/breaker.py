"""The circuit breaker around the PMS: purgatory's, with one trial call at a time and a gauge that never lags.

Two things purgatory leaves to its user are done here. Its half-open state lets every caller through, so
only the watcher's `trial` may pass while the breaker is not closed; everybody else fails fast. And its
events are delivered when a call ends, so "half-open" would show only after the trial is over: the gauge is
set from the state itself.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from prometheus_client import Gauge
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import CLOSED, HALF_OPENED, OPENED
from purgatory.service._async.circuitbreaker import AsyncCircuitBreaker

T = TypeVar("T")
BETWEEN_TRIALS = 0.25  # seconds
GAUGE_VALUES = {CLOSED: 0, OPENED: 1, HALF_OPENED: 2}


class BreakerOpenError(Exception):
    """The breaker is not closed: the call was not made."""


class Breaker(Protocol):
    """What the PMS client asks of a breaker."""

    def is_closed(self) -> bool: ...

    async def call(self, work: Callable[[], Awaitable[T]]) -> T: ...

    async def trial(self, work: Callable[[], Awaitable[T]]) -> bool: ...


class NoBreaker:
    """The broken variant `no_breaker`: every call goes straight through."""

    def is_closed(self) -> bool:
        return True

    async def call(self, work: Callable[[], Awaitable[T]]) -> T:
        return await work()

    async def trial(self, work: Callable[[], Awaitable[T]]) -> bool:
        return True


class CircuitBreaker:
    """Opens after `failures` in a row, tries one call `reset` seconds later, closes when it succeeds.

    Half-open lasts for the probation: trials go on, one at a time, and the first that fails opens it again.
    So the first lucky answer of a PMS that is still starting does not let the whole traffic loose on it.
    """

    def __init__(self, circuit: AsyncCircuitBreaker, gauge: Gauge, probation: float) -> None:
        """`probation` in seconds; 0 closes at the first success."""
        self._circuit = circuit
        self._gauge = gauge
        self._probation = probation
        self._show()

    def is_closed(self) -> bool:
        return self._circuit.context.state == CLOSED

    async def call(self, work: Callable[[], Awaitable[T]]) -> T:
        """`work`'s result. BreakerOpenError, without a call, while not closed; exceptions are failures."""
        if not self.is_closed():
            raise BreakerOpenError("the circuit breaker is open")
        return await self._guarded(work)

    async def trial(self, work: Callable[[], Awaitable[T]]) -> bool:
        """Put the PMS to the test if that is due. True when the breaker is closed afterwards."""
        if self.is_closed() or not self._trial_is_due():
            return self.is_closed()
        try:
            await self._guarded(lambda: self._proven(work))
        except Exception:
            return False
        return self.is_closed()

    async def _proven(self, work: Callable[[], Awaitable[T]]) -> T:
        """`work` again and again until the probation is over; its first exception ends it."""
        over = time.monotonic() + self._probation
        result = await work()
        while time.monotonic() < over:
            await asyncio.sleep(BETWEEN_TRIALS)
            result = await work()
        return result

    def _trial_is_due(self) -> bool:
        context = self._circuit.context
        return context.state == OPENED and time.time() > (context.opened_at or 0.0) + context.ttl

    async def _guarded(self, work: Callable[[], Awaitable[T]]) -> T:
        await self._circuit.__aenter__()
        admitted = self._circuit.context.state
        self._show()
        try:
            result = await work()
        except BaseException as error:
            await self._settle(admitted, error)
            raise
        await self._settle(admitted, None)
        return result

    async def _settle(self, admitted: str, error: BaseException | None) -> None:
        """Report the outcome, unless it says nothing of the PMS as it is now."""
        closed_at_first = admitted == CLOSED
        if closed_at_first and not self.is_closed():
            return  # begun before the opening: it must neither close the breaker nor end another call's trial
        if closed_at_first and isinstance(error, asyncio.CancelledError):
            return  # the caller went away
        await self._circuit.__aexit__(type(error) if error else None, error, None)
        self._show()

    def _show(self) -> None:
        self._gauge.set(GAUGE_VALUES[self._circuit.context.state])


async def make_breaker(gauge: Gauge, failures: int, reset: float, probation: float) -> CircuitBreaker:
    """A closed breaker. `reset` and `probation` in seconds."""
    factory = AsyncCircuitBreakerFactory(default_threshold=failures, default_ttl=reset)
    return CircuitBreaker(await factory.get_breaker("pms"), gauge, probation)
