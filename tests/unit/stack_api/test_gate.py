"""The gate of a dependency: bounded in time, shut after failures in a row, tried again by one at a time."""

from __future__ import annotations

import asyncio

import pytest
from agente.gate import PAUSE, Gate, GoneError


class Dependency:
    def __init__(self) -> None:
        self.is_up = False
        self.asked = 0
        self.answers = asyncio.Event()
        self.answers.set()

    async def ask(self) -> str:
        self.asked += 1
        await self.answers.wait()
        if not self.is_up:
            raise OSError("gone")
        return "answer"


async def shut(gate: Gate, dependency: Dependency) -> None:
    for _ in range(3):
        with pytest.raises(GoneError):
            await gate.run(dependency.ask)


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    clock = [1000.0]
    monkeypatch.setattr("agente.gate.time.monotonic", lambda: clock[0])
    return clock


async def test_after_three_failures_in_a_row_nothing_is_asked_for_a_while(now: list[float]) -> None:
    gate, dependency = Gate("it", 1.0, ()), Dependency()
    await shut(gate, dependency)
    assert not gate.is_open
    with pytest.raises(GoneError, match="a moment ago"):
        await gate.run(dependency.ask)
    assert dependency.asked == 3


async def test_after_the_pause_one_use_tries_while_the_others_fail_at_once(now: list[float]) -> None:
    gate, dependency = Gate("it", 1.0, ()), Dependency()
    await shut(gate, dependency)
    now[0] += PAUSE
    dependency.answers.clear()
    trial = asyncio.create_task(gate.run(dependency.ask))
    await asyncio.sleep(0)
    for _ in range(5):
        with pytest.raises(GoneError, match="a moment ago"):
            await gate.run(dependency.ask)
    assert dependency.asked == 4
    dependency.is_up = True
    dependency.answers.set()
    assert await trial == "answer"
    assert gate.is_open
    assert await gate.run(dependency.ask) == "answer"


async def test_a_trial_that_fails_begins_another_pause(now: list[float]) -> None:
    gate, dependency = Gate("it", 1.0, ()), Dependency()
    await shut(gate, dependency)
    now[0] += PAUSE
    with pytest.raises(GoneError, match="OSError"):
        await gate.run(dependency.ask)
    with pytest.raises(GoneError, match="a moment ago"):
        await gate.run(dependency.ask)


async def test_a_success_forgets_earlier_failures() -> None:
    gate, dependency = Gate("it", 1.0, ()), Dependency()
    for _ in range(4):
        dependency.is_up = False
        for _ in range(2):
            with pytest.raises(GoneError):
                await gate.run(dependency.ask)
        dependency.is_up = True
        await gate.run(dependency.ask)
    assert gate.is_open


async def test_a_dependency_that_hangs_is_left_in_time() -> None:
    gate, dependency = Gate("it", 0.001, ()), Dependency()
    dependency.answers.clear()
    with pytest.raises(GoneError, match="TimeoutError"):
        await gate.run(dependency.ask)
