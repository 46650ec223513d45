"""``gameday run --warm``: runs on one stack; each run checks that it leaves the stack as it was.

What a run proves about itself stays the same: its own load, its own steady state before a fault, its own
recovery. Only starting and removing the stack happen once. The data that earlier runs wrote stay in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Protocol

from chaos.adapters.stack.watchdog import Watchdog
from chaos.app.stacks.lent_stack import LentStack
from chaos.app.stacks.standing_stacks import Started
from chaos.errors import BadInput, Problem
from chaos.journal import RunFolder
from chaos.kinds import Fault
from chaos.model.plan import Plan
from chaos.runner import Observers, RunPorts
from chaos.timing import Clock


class WarmDeployer(Protocol):
    """Prepares a stack that several runs use, without starting it; removes what is left of it at the end."""

    def __call__(self, plan: Plan, watchdog: Watchdog) -> AbstractAsyncContextManager[Started]: ...


class BuildPorts(Protocol):
    """The ports of one run, on a stack of its own or on one that it is lent."""

    def open_run_ports(
        self, plan: Plan, folder: RunFolder, watchdog: Watchdog, observers: Observers, clock: Clock
    ) -> AbstractAsyncContextManager[RunPorts]: ...

    def lent_ports(
        self,
        plan: Plan,
        folder: RunFolder,
        watchdog: Watchdog,
        observers: Observers,
        started: Started,
        lent: LentStack,
    ) -> AbstractAsyncContextManager[RunPorts]: ...


class WarmRuns:
    """The runs of one command, in order. Its ``open_run_ports`` replaces that of a machine."""

    def __init__(
        self,
        plans: Sequence[Plan],
        ports: BuildPorts,
        deploys: WarmDeployer,
        say: Callable[[str], None],
        clock: Clock,
    ) -> None:
        """``plans``: every run to come, in order."""
        self._to_come = list(plans)
        self._ports = ports
        self._deploys = deploys
        self._say = say
        self._clock = clock
        self._open = AsyncExitStack()
        self._started: Started | None = None  # the stack that is running

    async def next(self, plan: Plan) -> Plan:
        """The plan of the next run, with the stack that it uses. Removes a stack that the run may not use.
        Call it once before each run. Raises ``UndoFailed``.
        """
        self._to_come = self._to_come[1:]
        name = plan.scenario.scenario
        if self._started is None:
            return plan
        standing = self._started.standing
        if standing.kept_at is None and not standing.why:  # the last run that could share it removed it
            await self.close()
            return plan
        if why := self._unusable(self._started, plan):
            self._say(f"{name}: starting a new stack: {why}")
            await self.close()
            return plan
        used = standing.used_by
        self._say(f"{name}: using the stack of run {used[-1]}, which left it as it was")
        return plan.model_copy(update={"warm_after": used})

    async def close(self) -> None:
        """Remove the running stack. Idempotent. Raises ``UndoFailed`` with what could not be removed."""
        self._started = None
        await self._open.aclose()

    @asynccontextmanager
    async def open_run_ports(
        self, plan: Plan, folder: RunFolder, watchdog: Watchdog, observers: Observers, clock: Clock
    ) -> AsyncIterator[RunPorts]:
        """See ``OpenPorts``."""
        if why_alone(plan):
            async with self._ports.open_run_ports(plan, folder, watchdog, observers, clock) as ports:
                yield ports
            return
        if self._started is None:
            alike = [plan, *(one for one in self._to_come if shareable(plan, one))]
            self._started = await self._open.enter_async_context(self._deploys(together(alike), watchdog))
        last = not any(shareable(plan, one) for one in self._to_come)
        lent = LentStack(self._started.standing, folder.run_id, forgets(plan), last)
        opened = self._ports.lent_ports(plan, folder, watchdog, observers, self._started, lent)
        async with opened as ports:
            yield ports

    def _unusable(self, started: Started, plan: Plan) -> str:
        """Why this run cannot use the running stack; "" if it can."""
        standing = started.standing
        before = standing.used_by[-1] if standing.used_by else "before it"
        if standing.kept_at is None:
            return f"run {before} did not leave its stack as it was ({standing.why})"
        if why := why_alone(plan):
            return why
        if not shareable(started.plan, plan):
            return "it needs a different stack from the previous run"
        wait = standing.kept_at + forgets(plan) - self._clock.mono()
        if wait > (standing.start_seconds or 0.0):
            return f"its alert rules would see the previous run for {wait:.0f} s more; a new start is faster"
        return ""


def why_alone(plan: Plan) -> str:
    """Why a run always gets a stack of its own; "": it may share one."""
    if plan.procedures:
        return "its procedures change the stack for good"
    if any(isinstance(one.step, Fault) and not one.step.undoable for one in plan.steps):
        return "it has a fault that gameday cannot undo"
    return ""


def shareable(one: Plan, other: Plan) -> bool:
    """May both run on the same stack? Both must start it with the same variables, profiles and pace."""
    return not why_alone(one) and not why_alone(other) and _start_of(one) == _start_of(other)


def _start_of(plan: Plan) -> tuple[object, ...]:
    return (plan.stack_root, plan.stack, plan.pace, plan.env, plan.scenario.profiles)


def together(plans: Sequence[Plan]) -> Plan:
    """The plan for deploying one stack for all ``plans``: it has every proxy that any of them needs."""
    first = plans[0]
    steps = tuple(step for plan in plans for step in plan.scenario.timeline)
    scenario = first.scenario.model_copy(update={"timeline": steps})
    estimate = sum(plan.estimate_seconds for plan in plans)
    return first.model_copy(update={"scenario": scenario, "estimate_seconds": estimate})


def forgets(plan: Plan) -> float:
    """Real seconds after which no alert rule sees what is happening now."""
    rules = plan.detection.rules if plan.detection is not None else ()
    return max((rule.window + rule.upstream for rule in rules), default=0.0) / plan.pace


def refuse_side_by_side(jobs: int | None) -> None:
    """Raises ``BadInput``: one stack carries one run at a time."""
    if jobs != 1:
        message = "--warm runs one scenario after the other on one stack"
        raise BadInput([Problem.about("--jobs", message, "leave out --jobs or --warm")])
