"""``--jobs auto`` starts another stack while the machine has room, and holds back while it has none."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from chaos.app.slots import CALM_LOOKS, EVERY, MEMORY, SETTLE, Capacity, MeasuredSlots
from chaos.probes.machine import MachineTotals
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
        return MeasuredSlots(self.clock, Capacity(cores, self.totals, lambda: self.memory))


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
