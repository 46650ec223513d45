"""``--jobs auto`` starts another stack while the machine has room, and holds back while it has none."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import pytest

from chaos.app.slots import (
    CALM_LOOKS,
    EVERY,
    MEMORY,
    SETTLE,
    FixedSlots,
    Machine,
    MeasuredSlots,
    Slots,
    TurnEnder,
)
from chaos.probes.machine import MachineTotals
from chaos.runner import Progress
from chaos.timeline.events import Phase
from tests.fakes import ManualClock


@dataclass
class ToyMachine:
    """Two cores that are so busy all the time."""

    clock: ManualClock
    busy: float = 0.2
    memory: float = 4 * MEMORY

    def totals(self) -> MachineTotals:
        now = self.clock.mono()
        return MachineTotals(cpu=2 * now, idle=2 * now * (1 - self.busy))

    def slots(self, cores: int = 2) -> MeasuredSlots:
        return MeasuredSlots(self.clock, Machine(cores, self.totals, lambda: self.memory))


async def started_after(machine: ToyMachine, seconds: float, runs: int = 3, cores: int = 2) -> int:
    """How many of ``runs`` that never end have begun after so many seconds."""
    slots, began = machine.slots(cores), []

    async def run(number: int) -> None:
        async with slots.turn():
            began.append(number)
            await asyncio.Event().wait()

    tasks = [asyncio.create_task(run(number)) for number in range(runs)]
    for _ in range(int(seconds / EVERY)):
        await asyncio.sleep(0)
        await machine.clock.advance(EVERY)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert began == sorted(began)
    return len(began)


async def test_the_first_runs_at_once_and_the_next_once_it_has_settled() -> None:
    assert await started_after(ToyMachine(ManualClock()), CALM_LOOKS + 2) == 1
    assert await started_after(ToyMachine(ManualClock()), SETTLE + 5) == 2


async def test_a_saturated_machine_holds_back_and_still_runs_one() -> None:
    assert await started_after(ToyMachine(ManualClock(), busy=0.95), 300) == 1
    assert await started_after(ToyMachine(ManualClock(), memory=MEMORY / 2), 300) == 1


async def test_never_more_than_cores() -> None:
    assert await started_after(ToyMachine(ManualClock()), 300, runs=5, cores=2) == 2
    assert await started_after(ToyMachine(ManualClock()), 300, runs=5, cores=8) == 5


async def test_a_run_that_ends_lets_the_next_one_in_at_once() -> None:
    slots, order = ToyMachine(ManualClock(), busy=0.95).slots(), []
    async with slots.turn():
        order.append(1)
    async with slots.turn():
        order.append(2)
    assert order == [1, 2]


def progress(phase: Phase) -> Progress:
    return Progress("r1", "outage", phase, "", elapsed=1.0, remaining=1.0)


@pytest.mark.parametrize("measured", [False, True])
async def test_a_run_that_is_being_torn_down_lets_the_next_one_in_and_only_one(measured: bool) -> None:
    machine = ToyMachine(ManualClock(), busy=0.95)
    slots: Slots = machine.slots() if measured else FixedSlots(1)
    loop, order = asyncio.get_running_loop(), []

    async def next_run(number: int) -> None:
        async with slots.turn():
            order.append(number)
            await asyncio.Event().wait()

    async with slots.turn() as turn:
        waiting = [asyncio.create_task(next_run(number)) for number in (2, 3)]
        ender = TurnEnder(turn, loop)
        ender.on_progress(progress(Phase.RECOVERY))
        await asyncio.sleep(0)
        assert order == []
        for _ in range(2):  # the teardown is announced more than once
            await asyncio.to_thread(ender.on_progress, progress(Phase.TEARDOWN))
        await machine.clock.advance(EVERY)
        assert order == [2]
    await machine.clock.advance(EVERY)
    assert order == [2]
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
