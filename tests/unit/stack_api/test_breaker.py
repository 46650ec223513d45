"""The breaker's promises, on a clock that only moves when the test turns it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import agente.breaker
import purgatory.domain.model
import pytest
from agente.breaker import BreakerOpenError, CircuitBreaker, make_breaker
from prometheus_client import CollectorRegistry, Gauge

RESET, PROBATION = 30.0, 20.0
CLOSED, OPEN, HALF_OPEN = 0.0, 1.0, 2.0


@dataclass
class Clock:
    now: float = 1000.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


class Trials:
    """A breaker with its gauge; `answer` is what the work does next."""

    def __init__(self, breaker: CircuitBreaker, registry: CollectorRegistry) -> None:
        self.breaker = breaker
        self._registry = registry
        self.fails = True
        self.calls = 0
        self.seen: list[float | None] = []

    @property
    def state(self) -> float | None:
        return self._registry.get_sample_value("state")

    async def work(self) -> str:
        self.calls += 1
        self.seen.append(self.state)
        if self.fails:
            raise ConnectionError("refused")
        return "done"

    async def fail(self, times: int) -> None:
        for _ in range(times):
            with pytest.raises(ConnectionError):
                await self.breaker.call(self.work)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()

    async def sleep(seconds: float) -> None:
        clock.now += seconds

    monkeypatch.setattr(agente.breaker, "time", clock)
    monkeypatch.setattr(purgatory.domain.model, "time", clock)
    monkeypatch.setattr("agente.breaker.asyncio.sleep", sleep)
    return clock


@pytest.fixture
async def trials(clock: Clock) -> Trials:
    registry = CollectorRegistry()
    gauge = Gauge("state", "state", registry=registry)
    return Trials(await make_breaker(gauge, 5, RESET, PROBATION), registry)


async def test_it_opens_at_the_fifth_failure_in_a_row(trials: Trials) -> None:
    await trials.fail(4)
    assert trials.state == CLOSED
    await trials.fail(1)
    assert trials.state == OPEN


async def test_a_success_in_between_starts_the_count_again(trials: Trials) -> None:
    await trials.fail(4)
    trials.fails = False
    assert await trials.breaker.call(trials.work) == "done"
    trials.fails = True
    await trials.fail(4)
    assert trials.state == CLOSED


async def test_while_open_nothing_is_called(trials: Trials, clock: Clock) -> None:
    await trials.fail(5)
    clock.now += RESET + 1
    with pytest.raises(BreakerOpenError):
        await trials.breaker.call(trials.work)
    assert trials.calls == 5


async def test_no_trial_before_the_reset_time(trials: Trials, clock: Clock) -> None:
    await trials.fail(5)
    clock.now += RESET - 0.1
    assert not await trials.breaker.trial(trials.work)
    assert (trials.calls, trials.state) == (5, OPEN)


async def test_a_failed_trial_is_one_call_and_opens_again(trials: Trials, clock: Clock) -> None:
    await trials.fail(5)
    clock.now += RESET + 0.1
    assert not await trials.breaker.trial(trials.work)
    assert (trials.calls, trials.state) == (6, OPEN)
    clock.now += RESET - 0.1
    assert not await trials.breaker.trial(trials.work)
    assert trials.calls == 6


async def test_it_stays_half_open_for_the_probation_and_then_closes(trials: Trials, clock: Clock) -> None:
    await trials.fail(5)
    clock.now += RESET + 0.1
    trials.fails = False
    before = clock.now
    assert await trials.breaker.trial(trials.work)
    assert trials.state == CLOSED
    assert clock.now - before >= PROBATION
    assert set(trials.seen[5:]) == {HALF_OPEN}


async def test_a_failure_within_the_probation_opens_it_again(trials: Trials, clock: Clock) -> None:
    await trials.fail(5)
    clock.now += RESET + 0.1
    trials.fails = False

    async def fails_second() -> str:
        answer = await trials.work()
        trials.fails = True
        return answer

    assert not await trials.breaker.trial(fails_second)
    assert (trials.calls, trials.state) == (7, OPEN)


async def test_while_half_open_everybody_else_fails_fast(trials: Trials, clock: Clock) -> None:
    await trials.fail(5)
    clock.now += RESET + 0.1
    trials.fails = False
    refused = []

    async def with_a_guest() -> str:
        with pytest.raises(BreakerOpenError) as caught:
            await trials.breaker.call(trials.work)
        refused.append(caught.value)
        return await trials.work()

    assert await trials.breaker.trial(with_a_guest)
    assert refused


@pytest.mark.parametrize("fails", [True, False])
async def test_a_call_from_before_the_opening_has_no_say_afterwards(
    trials: Trials, clock: Clock, fails: bool
) -> None:
    gate = asyncio.Event()

    async def slow() -> str:
        await gate.wait()
        if fails:
            raise ConnectionError("late")
        return "late"

    late = asyncio.create_task(trials.breaker.call(slow))
    await asyncio.get_running_loop().run_in_executor(None, lambda: None)  # let it begin
    await trials.fail(5)
    clock.now += RESET - 1
    gate.set()
    await asyncio.gather(late, return_exceptions=True)
    assert trials.state == OPEN
    clock.now += 2
    trials.fails = False
    assert await trials.breaker.trial(trials.work)  # due: the late failure did not start the time again


async def test_a_caller_who_goes_away_is_no_failure(trials: Trials) -> None:
    await trials.fail(4)
    task = asyncio.create_task(trials.breaker.call(asyncio.Event().wait))
    await asyncio.get_running_loop().run_in_executor(None, lambda: None)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert trials.state == CLOSED
