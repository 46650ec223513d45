"""Executes one planned fault, from its baseline to the proof that its effect has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chaos.kinds import Fault
from chaos.model.plan import PlannedStep
from chaos.model.rhythm import GONE_DEADLINE, HOLDING_EVERY, WITNESS_DEADLINE, WITNESS_EVERY
from chaos.ports import FaultContext
from chaos.probes.links import ReadLinks, read_links
from chaos.runner.baseline import measure_baseline
from chaos.runner.effect_shown import effect_shown
from chaos.runner.procedures import Procedures
from chaos.runner.run_time import RESOLUTION, RunTime
from chaos.runner.undo import UndoList
from chaos.timeline.events import (
    Event,
    FaultInjected,
    FaultIntended,
    FaultMeasured,
    FaultReverted,
    Measurement,
)

HELD_EVERY = 0.5  # seconds between two measurements of the witness while the run is on hold


@dataclass(frozen=True)
class FaultServices:
    """The parts of a run that all its faults share. ``say`` receives one line for people at each turn.

    ``read_links`` None: the stack has no proxies whose traffic could be counted.
    """

    context: FaultContext
    undo: UndoList
    write: Callable[[Event], None]
    say: Callable[[str], None]
    procedures: Procedures
    time: RunTime
    read_links: ReadLinks | None = None


class FaultExecution:
    """Performs one step of the plan."""

    def __init__(self, planned: PlannedStep, run: FaultServices) -> None:
        if not isinstance(planned.step, Fault):
            raise TypeError(f"step {planned.index} is not a fault kind: {planned.step!r}")
        self._index = planned.index
        self._fault = planned.step
        self._planned = planned
        self._context = run.context
        self._undo = run.undo
        self._write = run.write
        self._say = run.say
        self._procedures = run.procedures
        self._time = run.time
        self._read_links = run.read_links
        self._early = asyncio.Event()
        self.index = planned.index
        self.due = planned.start  # seconds of the timeline
        self.waiting = True

    def inject_now(self) -> None:
        """Stop waiting for the instant at which it is due."""
        self.waiting = False
        self._early.set()

    async def perform(self) -> None:
        """Waits until the fault is due, injects it and proves its effect. Then holds and undoes it, or runs
        the procedure that answers it, and proves that the effect has ended.

        The undo is due as long after the beginning of the injection as planned, also if that was early, or
        late because the machine is slow. If the injection fails, it is unknown what is in place: gameday
        undoes the fault at once and raises the error.
        """
        clock = self._context.clock
        await self._time.until(self.due - (self._fault.baselines - 1) * WITNESS_EVERY, self._early)
        self.waiting = False
        await self._count_link_use()
        before = await measure_baseline(
            self._fault, self._context, lambda one: self._record("before", False, one)
        )
        answer = self._fault.answer
        if answer is not None:
            await self._inject()
            await self._answered(before, answer)
            return
        undo_due = self._time.now() + self._planned.end - self._planned.start
        self._undo.register(self._index, self._fault)
        try:
            await self._inject()
            await self._hold(before, undo_due)
        finally:
            self._say(f"undo {self._fault.summary()}")
            await self._undo.revert(self._index)
        await self._until(before, "after", False, clock.mono() + GONE_DEADLINE)

    async def _count_link_use(self) -> None:
        """Read the links' traffic so far: from here on it counts as use of a broken link."""
        if self._read_links is not None:
            self._write(await read_links(self._read_links, self._context.clock))

    async def _inject(self) -> None:
        clock = self._context.clock
        intended = clock.wall()
        self._procedures.failure_begins(intended)
        self._write(FaultIntended(at=intended, mono=clock.mono(), index=self._index))
        self._say(f"inject {self._fault.summary()}")
        await self._fault.inject(self._context)
        self._write(FaultInjected(at=clock.wall(), mono=clock.mono(), index=self._index))

    async def _answered(self, before: Measurement, procedure: str) -> None:
        """Runs the procedure, which alone undoes the fault. If it fails, the teardown still removes the
        fault, which is in the run's own containers and volumes.

        It does not answer a fault without a measured effect: the answer would prove nothing.
        """
        clock = self._context.clock
        if not await self._until(before, "during", True, clock.mono() + WITNESS_DEADLINE):
            self._say(f"the witness saw no effect in time; {procedure} is not run")
            return
        self._say("the fault takes effect")
        why = (await self._procedures.run(procedure, "answer", self._index)).failure or ""
        ended = (clock.wall(), clock.mono())  # the answer's end: checking its success is not part of it
        left = await self._until(before, "after", False, clock.mono() + (0.0 if why else GONE_DEADLINE))
        if not why and left:
            why = "the procedure ended but the fault still takes effect"
        detail = f"{procedure}: {why}" if why else ""
        self._write(FaultReverted(at=ended[0], mono=ended[1], index=self._index, ok=not why, detail=detail))

    async def _hold(self, before: Measurement, end: float) -> None:
        """Wait until ``end``, in seconds of the timeline. During a hold the witness keeps measuring."""
        clock, time = self._context.clock, self._time
        left = end - time.now()
        deadline = clock.mono() + min(left, WITNESS_DEADLINE)
        seen = await self._within(left, self._until(before, "during", True, deadline))
        self._say("the fault takes effect" if seen else "the witness saw no effect in time")
        while (left := end - time.now()) > RESOLUTION:
            await clock.sleep(HELD_EVERY if time.held else min(left, HOLDING_EVERY))
            if (left := end - time.now()) > HOLDING_EVERY or time.held:
                await self._within(max(left, HELD_EVERY), self._look(before, "during"))

    async def _within(self, seconds: float, work: Coroutine[Any, Any, bool | None]) -> bool | None:
        """What the witness saw; None if it took too long: a witness on a slow link is slow, and the undo does
        not wait for it.
        """
        witness = asyncio.ensure_future(work)
        limit = asyncio.ensure_future(self._context.clock.sleep(seconds))
        try:
            await asyncio.wait((witness, limit), return_when=asyncio.FIRST_COMPLETED)
            return witness.result() if witness.done() else None
        finally:
            witness.cancel()
            limit.cancel()

    async def _until(
        self, before: Measurement, when: Literal["during", "after"], wanted: bool, deadline: float
    ) -> bool | None:
        """Measure until the effect shows as ``wanted``, or the deadline. What the last measurement shows."""
        while (shown := await self._look(before, when)) is not wanted:
            if self._context.clock.mono() >= deadline:
                break
            await self._context.clock.sleep(WITNESS_EVERY)
        return shown

    async def _look(self, before: Measurement, when: Literal["during", "after"]) -> bool | None:
        """Measure and record once. What it shows, see ``effect_shown``."""
        begun = self._context.clock.mono()
        now = await self._fault.measure(self._context)
        shown = effect_shown(self._fault, before, now)
        self._record(when, shown is True, now, self._context.clock.mono() - begun)
        return shown

    def _record(
        self,
        when: Literal["before", "during", "after"],
        took_effect: bool,
        measurement: Measurement,
        took: float | None = None,
    ) -> None:
        clock = self._context.clock
        self._write(
            FaultMeasured(
                at=clock.wall(),
                mono=clock.mono(),
                index=self._index,
                when=when,
                took_effect=took_effect,
                measurement=measurement,
                took=took,
            )
        )


async def perform_all(faults: Sequence[FaultExecution]) -> None:
    """All steps side by side, each at its own instant; the first error cancels (and so undoes) the others."""
    try:
        async with asyncio.TaskGroup() as group:
            for fault in faults:
                group.create_task(fault.perform())
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
