"""The phases of a run: start, steady, timeline, recovery, teardown.

Whatever happens, the teardown happens.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any

from chaos.cancellation import uninterrupted
from chaos.errors import GamedayError, Interrupted, StackProblem, ToolProblem, UndoFailed
from chaos.model.plan import Plan
from chaos.runner.best_effort_journal import BestEffortJournal
from chaos.runner.fault_execution import FaultExecution, perform_all
from chaos.runner.guard import GuardrailTripping
from chaos.runner.ledgers import check_ledgers, read_back_ledgers, start_ledgers
from chaos.runner.procedures import Procedures
from chaos.runner.run_ports import RunPorts
from chaos.runner.steering import Aborted, Steering
from chaos.runner.teardown import tear_down
from chaos.runner.undo import UndoList
from chaos.runner.watching import Watching
from chaos.timeline.clock import ClockReading
from chaos.timeline.events import (
    LoadStarted,
    Phase,
    PhaseBegan,
    RunEnded,
    RunInterrupted,
    RunStarted,
    SteadyState,
)
from chaos.timeline.observations import WatchedOn

UP_DEADLINE = 180.0  # real seconds for the stack to become healthy; containers and databases are real work
STEADY_DEADLINE = 45.0  # real seconds for the steady state to be reached under load
STEADY_FOR = 3.0  # real seconds for which it must hold before anything is injected
LOAD_SLACK = 120.0  # seconds for what else a run does under load: witnesses, undos, reading back
POLL = 0.2
HURRIED_REVERT = 2.0  # an interrupted run's stack is removed whole: its undos get little time each
SETTLE_EVALUATIONS = 4  # the end of an alert is known 2.5 evaluations after its last sample


class Runner:
    """Runs one plan once."""

    def __init__(self, plan: Plan, ports: RunPorts) -> None:
        self._plan = plan
        self._ports = ports
        self._clock = ports.context.clock
        self._write = BestEffortJournal(ports.journal).write
        self._undo = UndoList(ports.context, self._write)
        self._watching = Watching(plan, ports, self._write)
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
        self._orderly = True  # no guardrail ended it
        self._left = ["unknown what is left: the teardown broke off"]  # until the teardown says

    async def run(self) -> None:
        """Raises ``Interrupted``, ``UndoFailed`` or the error that broke the run, after the teardown,
        never before.
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
        # Every fault lives in the run's own containers: where those are gone, nothing of it stands any more.
        # Of an interrupted run that is all that was promised; of any other, the undo had to succeed too.
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
            "  fix: the stack was removed all the same and nothing of the run is left; see in "
            f"{self._ports.folder.path} why the undo failed before you rely on it"
        )

    async def _until_interrupted(self, work: Coroutine[Any, Any, None]) -> None:
        """``work`` to its end. An interruption shortens the deadlines of the undos before it reaches them."""
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
                task.exception()  # seen: the interruption is what is told
            raise
        task.result()

    async def _phases(self) -> None:
        self._begin(Phase.START, "starting the stack")
        await self._ports.stack.up(UP_DEADLINE)
        self._begin(Phase.STEADY, "the stack is healthy; waiting for the steady state")
        self._watching.start_probes()
        await self._start_load()
        await start_ledgers(self._ports, self._write)
        if not await self._await_steady_state() or not await self._prepare():
            return
        await self._steering.time.released()
        self._begin(Phase.TIMELINE, "the steady state holds; the timeline begins")
        for name in self._plan.scenario.rehearse:
            await self._procedures.run(name, "rehearse")  # one that fails says nothing of the next
        faults = [
            FaultExecution(
                step,
                self._ports.context,
                self._undo,
                self._write,
                self._watching.say,
                self._procedures,
                self._steering.time,
            )
            for step in self._plan.steps
        ]
        self._steering.time.begin()
        self._steering.faults(faults)
        await perform_all(faults)
        self._begin(Phase.RECOVERY, "the timeline is over; waiting for recovery")
        await self._await_recovery()
        if self._ports.ledgers is not None:
            self._watching.say("reading back what was written")
        await read_back_ledgers(self._ports, self._write)

    async def _prepare(self) -> bool:
        """What must be there before anything is broken, such as a backup; the steady state then holds again.

        A preparation that fails says nothing of how the system bears a fault: nothing is injected, and the
        run ends like one that never was steady.
        """
        for name in self._plan.scenario.prepare:
            self._watching.say(f"preparing: {name}")
            if (await self._procedures.run(name, "prepare")).failure is not None:
                self._watching.say(f"{name} failed, nothing is injected")
                return False
        return not self._plan.scenario.prepare or await self._await_steady_state(anew=True)

    async def _start_load(self) -> None:
        load, scenario = self._ports.load, self._plan.scenario
        profile = self._plan.load_profile
        if scenario.load is None or profile is None or load is None:
            return
        rate = scenario.load.rate.per_second
        await load.start(profile, rate, self._ports.folder.load, self._longest() + self._steering.longest)
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

    def _longest(self) -> float:
        """Real seconds that the phases under load may take: a load that ended before a system that does not
        recover was given up would make a broken run of its failure.
        """
        plan = self._plan
        kept = [plan.stack.ledgers[writers.ledger] for writers in plan.scenario.ledgers]
        settling = max((facts.settle_for(plan.pace) for facts in kept), default=0.0)
        watched_on = max(self._settling(), plan.relapse_watch)
        answers = sum(procedure.longest for procedure in plan.procedures.values())
        waits = 2 * STEADY_DEADLINE + plan.recovery_limit + watched_on + settling
        return plan.timeline_seconds + answers + waits + LOAD_SLACK

    async def _await_steady_state(self, anew: bool = False) -> bool:
        """Conditions hold for ``STEADY_FOR``, clients are served, and no alert fires. ``anew``: counted from
        now on, whatever was before.

        Otherwise nothing is injected.
        """
        began = self._clock.mono()
        deadline = began + STEADY_DEADLINE
        while self._clock.mono() < deadline:
            self._check_load()
            self._check_stack()
            since = self._watching.steady_since(STEADY_FOR)
            if since is not None and (not anew or self._clock.mono() - began >= STEADY_FOR):
                self._steady("before", True, since)
                return True
            await self._clock.sleep(POLL)
        self._steady("before", False, None)
        why = "; ".join(self._watching.failing())
        self._watching.say(f"the steady state was not reached, nothing is injected: {why}")
        return False

    async def _await_recovery(self) -> None:
        """Until the clients are healthy for the window that recovery asks for and every alert is resolved,
        or the limit.

        Then it watches on: to see a relapse of clients that are well again, and for a few evaluations more,
        so that Prometheus's data shows the end of the last alert.
        """
        watch = 0.0
        if await self._await_health() and (watch := self._plan.relapse_watch):
            self._write(WatchedOn(at=self._clock.wall(), mono=self._clock.mono(), planned=watch))
            self._watching.say(f"the clients are well again; watching on for {watch:g} s")
        await self._watch_on(max(watch, self._settling()))

    def _settling(self) -> float:
        """Real seconds after which Prometheus's data shows the end of an alert."""
        if self._plan.detection is None:
            return 0.0
        return SETTLE_EVALUATIONS * self._plan.detection.slowest_evaluation / self._plan.pace

    async def _watch_on(self, seconds: float) -> None:
        """The load must last: without it a relapse would not show."""
        until = self._clock.mono() + seconds
        while (left := until - self._clock.mono()) > 0:
            self._check_load()
            await self._clock.sleep(min(left, POLL))

    async def _await_health(self) -> bool:
        """Well for the whole window after the undo, even if clients were never harmed: the undo may do
        that. Whether they were.
        """
        undone = self._clock.mono()
        deadline = self._steering.time.now() + self._plan.recovery_limit  # a held run waits longer
        while True:
            self._check_load()
            since = self._watching.steady_since(self._plan.healthy_for)
            if since is not None and self._clock.mono() - undone >= self._plan.healthy_for:
                self._steady("after", True, since)
                return True
            if self._steering.time.now() >= deadline:
                self._steady("after", False, None)
                return False
            await self._clock.sleep(POLL)

    def _check_stack(self) -> None:
        """Before anything is injected, nobody but the stack itself ends one of its containers."""
        if fallen := self._watching.fallen():
            raise StackProblem(
                f"ended by itself before anything was injected: {', '.join(fallen)}\n"
                f"  fix: read its last lines in {self._ports.folder.logs}, "
                "and see that the stack runs without gameday"
            )

    def _check_load(self) -> None:
        if self._ports.load is not None and (why := self._ports.load.died()):
            raise ToolProblem(f"the load generator ended by itself: {why}")
        check_ledgers(self._ports)

    def _steady(self, when: str, held: bool, since: ClockReading | None) -> None:
        self._write(
            SteadyState.model_validate(
                {
                    "at": self._clock.wall(),
                    "mono": self._clock.mono(),
                    "when": when,
                    "held": held,
                    "since": None if since is None else since.wall,
                    "since_mono": None if since is None else since.mono,
                    "failing": () if held else self._watching.failing(),
                }
            )
        )

    async def _end(self, failure: BaseException | None) -> None:
        """A journal or a terminal that is gone is told of after the teardown, never instead of it."""
        unsaid: Exception | None = None
        hurried = isinstance(failure, Interrupted)
        try:
            if hurried:
                by_caller = str(failure) if isinstance(failure, Aborted) else ""
                self._note_interruption(by_caller or "interrupted by a signal")
            self._begin(Phase.TEARDOWN, "undoing everything")
        except Exception as problem:
            unsaid = problem
        problems = await tear_down(self._plan, self._ports, self._undo, self._write, self._began, hurried)
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
        """What a run that went well copied off-site nobody needs any more; of any other it may be all that
        is left.
        """
        if not self._plan.stack.offsite:
            return
        why = "kept"
        if orderly and not self._procedures.failed:
            why = await self._ports.stack.discard_offsite()
        if why:
            self._watching.say(f"off-site data stays in {self._ports.folder.offsite}: {why}")

    def _begin(self, phase: Phase, message: str) -> None:
        self._write(PhaseBegan(at=self._clock.wall(), mono=self._clock.mono(), phase=phase))
        self._watching.enter(phase, message)

    def _note_interruption(self, reason: str) -> None:
        self._write(RunInterrupted(at=self._clock.wall(), mono=self._clock.mono(), reason=reason))


def _explain(failure: BaseException) -> str:
    return str(failure) if isinstance(failure, GamedayError) else f"{type(failure).__name__}: {failure}"
