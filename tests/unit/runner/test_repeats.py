"""Work that is repeated while a fault holds."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import replace

import pytest

from chaos.errors import ToolProblem
from chaos.faults.container_kill import ContainerKill
from chaos.ports import FaultContext
from chaos.runner.repeats import TaskRepeater
from chaos.runner.undo import UndoList
from chaos.timeline.events import FaultReverted
from tests.fake_ports import fault_context
from tests.fakes import ManualClock, fake_deployment
from tests.service import KILL


class _Work:
    def __init__(self, clock: ManualClock, seconds: float = 0.0) -> None:
        self.began = self.ended = 0
        self.fails = False
        self._clock, self._seconds = clock, seconds

    async def __call__(self) -> None:
        if self.fails:
            raise ToolProblem("the engine is gone")
        self.began += 1
        await self._clock.sleep(self._seconds)
        self.ended += 1


async def test_once_now_and_then_after_each_pause_until_the_stop() -> None:
    clock = ManualClock()
    repeats, work = TaskRepeater(clock), _Work(clock)
    await repeats.start("w", 2.0, work)
    await repeats.start("w", 2.0, work)
    assert (work.ended, repeats.running("w")) == (1, True)
    await clock.advance(5.0)
    assert work.ended == 3
    await repeats.stop("w")
    await repeats.stop("w")
    await clock.advance(10.0)
    assert (work.ended, repeats.running("w")) == (3, False)


async def test_a_stop_waits_for_the_work_that_is_under_way() -> None:
    clock = ManualClock()
    repeats, work = TaskRepeater(clock), _Work(clock, seconds=1.0)
    await clock.run(repeats.start("w", 2.0, work))
    await clock.advance(2.5)
    assert (work.began, work.ended) == (2, 1)
    await clock.run(repeats.stop("w"))
    assert work.ended == 2


async def test_work_that_fails_is_an_error_of_the_repetition_and_can_still_be_stopped() -> None:
    clock = ManualClock()
    repeats, work = TaskRepeater(clock), _Work(clock)
    await repeats.start("w", 2.0, work)
    work.fails = True
    await clock.advance(3.0)
    with pytest.raises(ToolProblem, match="w ended unexpectedly: the engine is gone"):
        repeats.running("w")
    await repeats.stop("w")
    assert not repeats.running("w")


async def test_work_whose_failure_nobody_has_seen_is_in_the_record_of_the_undo() -> None:
    """asyncio used to complain of an error that was never retrieved, with a traceback, long afterwards."""
    clock, written = ManualClock(), list[FaultReverted]()
    work = _Work(clock)
    context = replace(fault_context(fake_deployment(), clock), repeats=TaskRepeater(clock))

    class Repeating(ContainerKill):
        async def revert(self, context: FaultContext) -> None:
            await context.repeats.stop("w")

        async def reverted(self, context: FaultContext) -> bool:
            return not context.repeats.running("w")

    undos = UndoList(context, written.append)
    undos.register(0, Repeating.model_validate(KILL.model_dump(by_alias=True)))
    await context.repeats.start("w", 2.0, work)
    work.fails = True
    await clock.advance(3.0)
    complaints: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, facts: complaints.append(facts))
    await undos.revert_all()
    gc.collect()
    (event,) = written
    assert (event.ok, event.detail) == (True, "w ended unexpectedly: the engine is gone")
    assert (undos.failed, complaints) == ([], [])


async def test_a_first_time_that_fails_starts_nothing() -> None:
    clock = ManualClock()
    repeats, work = TaskRepeater(clock), _Work(clock)
    work.fails = True
    with pytest.raises(ToolProblem, match="the engine is gone"):
        await repeats.start("w", 2.0, work)
    assert not repeats.running("w")
