"""A stack that is started once and stays up while a caller breaks it fault by fault: for tests of people."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from chaos.adapters.prometheus import PrometheusReader
from chaos.app.run_ports_factory import fault_context
from chaos.app.stacks.scratch_stack import ScratchStack, scratch_stacks
from chaos.errors import BadInput, Problem, ToolProblem, UndoFailed
from chaos.kinds import Fault
from chaos.model.plan import Plan, ScenarioSource
from chaos.model.rhythm import GONE_DEADLINE, WITNESS_DEADLINE, WITNESS_EVERY
from chaos.model.scenario import HttpCondition, Scenario, SteadyCondition, TimelineStep
from chaos.model.stack import CLIENTS, Stack
from chaos.plan import PlanInput, make_plan
from chaos.plan.stored import hiding_of
from chaos.ports import FaultContext
from chaos.registry import kinds
from chaos.runner.baseline import measure_baseline
from chaos.runner.effect_shown import effect_shown
from chaos.runner.undo import UndoList
from chaos.scenario import LoadedStack, read_detection
from chaos.suggestions import known_words
from chaos.timeline.events import FaultReverted, Measurement
from chaos.timing import SystemClock

_LONG = "1h"  # as `for:` of a fault that its caller ends


@dataclass
class StandingFault:
    """A fault that is in place, with what was measured before it and while it held."""

    fault: Fault
    index: int
    before: Measurement
    during: Measurement


class ReachableStack(Protocol):
    """What tests use of a stack. ``entries``: service -> URL at which clients reach it."""

    @property
    def entries(self) -> Mapping[str, str]: ...
    @property
    def metrics(self) -> PrometheusReader | None: ...


def no_guard(index: int, kind: str, params: Mapping[str, object]) -> None:
    """For a stack that is removed as a whole when this process is killed."""


@dataclass
class WarmStack:
    """Use it from the asyncio loop in which it was opened.

    ``admit`` raises ``BadInput`` for a fault that this stack does not allow. ``guard`` records each fault
    before it is injected.
    """

    plan: Plan
    run_id: str
    deployment: ReachableStack
    context: FaultContext
    undo: UndoList
    reverted: list[FaultReverted] = field(default_factory=list)
    admit: Callable[[Fault], Awaitable[None]] | None = None
    guard: Callable[[int, str, Mapping[str, object]], None] = no_guard
    _next: int = 0

    async def inject(self, kind: str, params: Mapping[str, object]) -> StandingFault:
        """Inject a fault and prove its effect; it then holds until ``end``.

        Raises ``BadInput`` if the fault does not fit the stack or the faults that are in place. If it
        measures no effect within ``WITNESS_DEADLINE``, it undoes the fault and raises ``ToolProblem``.
        """
        fault = fault_of(kind, params, self.plan.stack)
        self._refuse_overlap(fault)
        if self.admit is not None:
            await self.admit(fault)
        index, self._next = self._next, self._next + 1
        before = await measure_baseline(fault, self.context)
        self._refuse_overlap(fault)  # another one may have come meanwhile
        self.guard(index, kind, params)
        self.undo.register(index, fault)
        try:
            await fault.inject(self.context)
            during = await self._until(fault, before, True, WITNESS_DEADLINE)
        except BaseException:
            await self.undo.revert(index)
            raise
        if during is None:
            await self.undo.revert(index)
            raise ToolProblem(
                f"{fault.summary()}: the witness measured no effect within {WITNESS_DEADLINE:g} s, "
                "so what the test checks next would prove nothing"
            )
        return StandingFault(fault, index, before, during)

    async def end(self, standing: StandingFault) -> None:
        """Undo it, read the undo back, and check that its effect ended. ``UndoFailed`` if not. Idempotent."""
        await self.undo.revert(standing.index)
        if self.undo.failed:
            raise UndoFailed("; ".join(self.undo.failed))
        if await self._until(standing.fault, standing.before, False, GONE_DEADLINE) is None:
            raise UndoFailed(
                f"{standing.fault.summary()} was undone, but after {GONE_DEADLINE:g} s the witness does not "
                "measure that its effect is gone"
            )

    def _refuse_overlap(self, fault: Fault) -> None:
        """Raises ``BadInput`` if a fault in place claims the same thing: the undo of one would undo both."""
        claims = fault.exclusive(self.plan.stack)
        for other in self.undo.in_place:
            if both := sorted(claims & other.exclusive(self.plan.stack)):
                message = f"{other.summary()} is in place, and both change {', '.join(both)}"
                raise BadInput([Problem.about(fault.fault, message, "inject it after the other has ended")])

    async def _until(
        self, fault: Fault, before: Measurement, wanted: bool, within: float
    ) -> Measurement | None:
        deadline = self.context.clock.mono() + within
        while True:
            now = await fault.measure(self.context)
            if effect_shown(fault, before, now) is wanted:
                return now
            if self.context.clock.mono() >= deadline:
                return None
            await self.context.clock.sleep(WITNESS_EVERY)


def fault_of(kind: str, params: Mapping[str, object], stack: Stack) -> Fault:
    """A fault as a scenario would write it, checked against the stack. ``BadInput`` if it does not fit."""
    known = kinds().faults
    if kind not in known:
        raise BadInput([Problem.about("fault", f"unknown fault {kind!r}", known_words(kind, known))])
    try:
        fault = known[kind].model_validate({"at": "0s", "for": _LONG, "fault": kind, **params})
    except ValidationError as error:
        said = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise BadInput([Problem.about(kind, said, f"gameday kinds {kind} lists its parameters")]) from error
    problems = [
        Problem.about(kind, f"unknown {what} {name!r}", known_words(name, there))
        for what, names, there in (
            ("service", fault.services(), list(stack.services)),
            ("link", fault.links(), [str(link) for link in stack.links]),
            ("lever", fault.levers(), list(stack.levers)),
        )
        for name in names
        if name not in there
    ]
    problems += [Problem.about(kind, f"{param}: {text}") for param, text in fault.stack_problems(stack)]
    if not fault.undoable:
        problems.append(Problem.about(kind, "gameday cannot undo it; only a procedure of a scenario can"))
    if problems:
        raise BadInput(problems)
    return fault


@asynccontextmanager
async def open_warm(loaded: LoadedStack, reports: Path, pace: float) -> AsyncIterator[WarmStack]:
    """The healthy stack. All of it is removed afterwards, even if this process is killed.

    Raises ``EnvironmentProblem``, ``StackProblem`` that explains itself, ``UndoFailed``.
    """
    plan, clock = quiet_plan(loaded, pace), SystemClock()
    async with scratch_stacks(os.environ, reports) as stacks, stacks.deployed(plan, "warm") as scratch:
        await scratch.deployment.stack.up(plan.stack.start_within)
        hide = hiding_of(plan, scratch.deployment.secrets)
        context = fault_context(plan, scratch.folder, scratch.deployment, stacks.watchdog, clock, hide)
        warm = _warm(plan, scratch, context)
        try:
            yield warm
        finally:
            await warm.undo.revert_all()


def _warm(plan: Plan, scratch: ScratchStack, context: FaultContext) -> WarmStack:
    reverted: list[FaultReverted] = []
    undo = UndoList(context, reverted.append)
    return WarmStack(plan, scratch.run_id, scratch.deployment, context, undo, reverted)


def quiet_plan(loaded: LoadedStack, pace: float) -> Plan:
    """A plan for the whole stack without any fault."""
    entry = next((link.target for link in loaded.stack.links if link.client == CLIENTS), None)
    if entry is None:
        fix = "add a link clients->SERVICE: PORT to stack.yaml"
        raise BadInput([Problem.about(loaded.file, "no link lets clients reach the stack", fix)])
    scenario = Scenario(
        scenario="by-hand",
        title="Faults by hand",
        stack=loaded.stack.stack,
        steady_state=(SteadyCondition(http=HttpCondition(service=entry)),),
        timeline=(TimelineStep.model_validate({"at": "0s", "for": "1s", "fault": "none"}),),
    )
    read = PlanInput(
        scenario=scenario,
        source=ScenarioSource(file=loaded.file, sha256=""),
        stack=loaded.stack,
        stack_root=loaded.root,
        detection=read_detection(loaded.stack, loaded.root, str(Path(loaded.file).parent)),
    )
    return make_plan(read, pace)
