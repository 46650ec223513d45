"""The phases of a run: start, steady, timeline, recovery, teardown. The teardown always happens."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from chaos.cancellation import uninterrupted
from chaos.errors import GamedayError, Interrupted, UndoFailed
from chaos.model.plan import Plan
from chaos.runner.background import BackgroundWork
from chaos.runner.best_effort_journal import BestEffortJournal
from chaos.runner.control_executor import RunAborted, Steering
from chaos.runner.fault_execution import FaultExecution, FaultServices, perform_all
from chaos.runner.guard import GuardrailTripping
from chaos.runner.handover import after_the_recovery, cut_short
from chaos.runner.ledgers import read_back_ledgers, start_ledgers
from chaos.runner.procedures import Procedures
from chaos.runner.run_ports import RunPorts
from chaos.runner.teardown import tear_down
from chaos.runner.undo import UndoList
from chaos.runner.waits import Waits, longest_load
from chaos.timeline.clock import ClockReading
from chaos.timeline.events import (
    LoadStarted,
    Phase,
    PhaseBegan,
    RunEnded,
    RunInterrupted,
    RunStarted,
)

HURRIED_REVERT = 2.0  # the stack of an interrupted run is removed anyway, so each undo gets little time


class Runner:
    """Runs one plan once."""

    def __init__(self, plan: Plan, ports: RunPorts) -> None:
        self._plan = plan
        self._ports = ports
        self._clock = ports.context.clock
        self._write = BestEffortJournal(ports.journal).write
        self._undo = UndoList(ports.context, self._write)
        self._watching = BackgroundWork(plan, ports, self._write)
        self._steering = Steering(
            ports.control,
            self._clock,
            self._write,
            self._watching.say,
            lambda: self._undo.shorten_deadlines(HURRIED_REVERT),
            self._watching.show_held,
        )
        self._procedures = Procedures(
            plan.procedures,
            ports.operator,
            self._clock,
            self._write,
            self._watching.say,
            self._steering.time.released,
        )
        self._waits = Waits(plan, ports, self._watching, self._steering.time, self._write)
        self._orderly = True  # no guardrail ended it
        self._doubts = ["the timeline did not begin"]  # why the stack is not as it was before the run
        self._left = ["unknown what is left: the teardown broke off"]  # until the teardown has checked

    async def run(self) -> None:
        """Runs every phase. Raises ``Interrupted``, ``UndoFailed`` or the error that broke the run, always
        after the teardown.
        """
        self._began = ClockReading(self._clock.wall(), self._clock.mono())
        self._write(
            RunStarted(
                at=self._began.wall,
                mono=self._began.mono,
                run_id=self._ports.folder.run_id,
                versions=self._ports.versions,
            )
        )
        failure: BaseException | None = None
        try:
            await self._until_interrupted(
                self._watching.alongside(self._phases(), self._steering.follow(), self._steering.watch_hold())
            )
        except asyncio.CancelledError:
            failure = Interrupted("interrupted; everything was undone")
        except GuardrailTripping:
            self._orderly = False  # it is in the journal; the verdict will be ABORTED
        except Exception as error:
            failure = error
        hurried = isinstance(failure, Interrupted)
        try:
            await uninterrupted(self._end(failure))
        except asyncio.CancelledError:
            failure = failure or Interrupted("interrupted; everything was undone")
        except Exception as error:
            failure = failure or error
        # Every fault is in the run's own containers: when those are removed, no fault remains. An interrupted
        # run promises only that. In any other run each undo must have succeeded too.
        if self._left or (self._undo.failed and not hurried):
            raise UndoFailed(self._dirt())
        if failure is not None:
            raise failure

    def _dirt(self) -> str:
        if self._left:
            return (
                f"LEFT DIRTY: {'; '.join(self._undo.failed + self._left)}\n"
                "  fix: gameday clean (removes what is left; gameday doctor says whether the engine answers)"
            )
        return (
            f"LEFT DIRTY: {'; '.join(self._undo.failed)}\n"
            "  fix: the stack was removed all the same and nothing of the run is left; read in "
            f"{self._ports.folder.path} why the undo failed before you rely on it"
        )

    async def _until_interrupted(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` to its end. An interruption first shortens the deadlines of the undos."""
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task})
        except asyncio.CancelledError:
            self._undo.shorten_deadlines(HURRIED_REVERT)
            task.cancel()
            while not task.done():
                with suppress(asyncio.CancelledError):
                    await asyncio.wait({task})
            if not task.cancelled():
                task.exception()  # retrieved, so that asyncio does not log it: the interruption is reported
            raise
        task.result()

    async def _phases(self) -> None:
        warm = bool(self._plan.warm_after)
        self._begin(Phase.START, "looking at the running stack" if warm else "starting the stack")
        await self._ports.stack.up(self._plan.stack.start_within)
        self._begin(Phase.STEADY, "the stack is healthy; waiting for the steady state")
        self._watching.start_probes()
        await self._start_load()
        await start_ledgers(self._ports, self._write)
        if not await self._waits.until_steady() or not await self._prepare():
            return
        await self._steering.time.released()
        self._doubts = ["the run did not see the end of its recovery"]
        self._begin(Phase.TIMELINE, "the steady state holds; the timeline begins")
        for name in self._plan.scenario.rehearse if not self._plan.control else ():
            await self._procedures.run(name, "rehearse")  # a failure does not affect the next one
        faults = self._faults()
        self._steering.time.begin()
        self._steering.faults(faults)
        await perform_all(faults)
        if self._plan.control:  # as long as the faults would have taken
            await self._steering.time.until(self._plan.timeline_seconds, asyncio.Event())
        self._begin(Phase.RECOVERY, "the timeline is over; waiting for recovery")
        recovered = await self._waits.until_recovered()
        if self._ports.ledgers is not None:
            self._watching.say("reading back what was written")
        reads = await read_back_ledgers(self._ports, self._write)
        self._doubts = after_the_recovery(recovered, reads)

    async def _prepare(self) -> bool:
        """Run the procedures that must succeed before a fault, such as a backup, and wait for the steady
        state again.

        A failed preparation proves nothing about how the system handles a fault: gameday injects nothing, and
        the run ends as if it never reached the steady state.
        """
        for name in self._plan.scenario.prepare:
            self._watching.say(f"preparing: {name}")
            if (await self._procedures.run(name, "prepare")).failure is not None:
                self._watching.say(f"{name} failed, nothing is injected")
                return False
        return not self._plan.scenario.prepare or await self._waits.until_steady(from_now=True)

    def _faults(self) -> list[FaultExecution]:
        """The planned faults; none in a control run."""
        services = FaultServices(
            context=self._ports.context,
            undo=self._undo,
            write=self._write,
            say=self._watching.say,
            procedures=self._procedures,
            time=self._steering.time,
            read_links=self._ports.link_use,
        )
        return [
            FaultExecution(step, services) for step in (self._plan.steps if not self._plan.control else ())
        ]

    async def _start_load(self) -> None:
        load, scenario = self._ports.load, self._plan.scenario
        profile = self._plan.load_profile
        if scenario.load is None or profile is None or load is None:
            return
        rate = scenario.load.rate.per_second
        await load.start(
            profile, rate, self._ports.folder.load, longest_load(self._plan) + self._steering.longest
        )
        first = load.first()
        self._write(
            LoadStarted(
                at=self._clock.wall(),
                mono=self._clock.mono(),
                profile=scenario.load.profile,
                rate=rate,
                first=None if first is None else first.wall,
                first_mono=None if first is None else first.mono,
                patience=profile.timeout,
            )
        )

    async def _end(self, failure: BaseException | None) -> None:
        """Tear down. If the journal or the terminal fails, raise the error after the teardown."""
        unsaid: Exception | None = None
        hurried = isinstance(failure, Interrupted)
        try:
            if hurried:
                by_caller = str(failure) if isinstance(failure, RunAborted) else ""
                self._note_interruption(by_caller or "interrupted by a signal")
            self._begin(Phase.TEARDOWN, "undoing everything")
        except Exception as problem:
            unsaid = problem
        doubts = [*self._doubts, *cut_short(failure, self._orderly)]
        problems = await tear_down(
            self._plan, self._ports, self._undo, self._write, self._began, hurried, doubts
        )
        self._left = problems
        try:
            await self._settle_offsite(self._orderly and failure is None and not problems)
        except Exception as problem:
            unsaid = unsaid or problem
        if not problems:
            self._ports.cleared()
        error = "" if failure is None or isinstance(failure, Interrupted) else _explain(failure)
        self._steering.end()
        self._write(RunEnded(at=self._clock.wall(), mono=self._clock.mono(), error=error))
        if unsaid is not None:
            raise unsaid

    async def _settle_offsite(self, orderly: bool) -> None:
        """Discard the off-site data of a successful run. After any other run it may be the only copy."""
        if not self._plan.stack.offsite or self._ports.handover is not None:
            return
        why = "kept"
        if orderly and not self._procedures.failed:
            why = await self._ports.stack.discard_offsite()
        if why:
            self._watching.say(f"off-site data remains in {self._ports.folder.offsite}: {why}")

    def _begin(self, phase: Phase, message: str) -> None:
        self._write(PhaseBegan(at=self._clock.wall(), mono=self._clock.mono(), phase=phase))
        self._watching.enter(phase, message)

    def _note_interruption(self, reason: str) -> None:
        self._write(RunInterrupted(at=self._clock.wall(), mono=self._clock.mono(), reason=reason))


def _explain(failure: BaseException) -> str:
    return str(failure) if isinstance(failure, GamedayError) else f"{type(failure).__name__}: {failure}"
