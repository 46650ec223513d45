"""One place for a warm stack: the runs on it follow one another."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol

from chaos.adapters.stack.watchdog import Watchdog
from chaos.app.stacks.lent_stack import LentStack
from chaos.app.stacks.sharing import forgets, shareable, together, why_alone
from chaos.app.stacks.standing_stacks import Started
from chaos.journal import RunFolder
from chaos.model.plan import Plan
from chaos.runner import Observers, RunPorts
from chaos.runner.waits import STEADY_FOR
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


@dataclass
class WarmLane:
    """At most one stack at a time. ``to_come``: the runs that no lane has begun yet, shared by all lanes."""

    to_come: Sequence[Plan]
    ports: BuildPorts
    deploys: WarmDeployer
    say: Callable[[str], None]
    clock: Clock
    busy: bool = False  # a run is on it
    _started: Started | None = None  # the stack that is running
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def empty(self) -> bool:
        return self._started is None

    def suits(self, plan: Plan) -> bool:
        """May ``plan`` use the stack that is running?"""
        return self._started is not None and not self._unusable(self._started, plan)

    async def next(self, plan: Plan) -> Plan:
        """A copy of ``plan`` with the stack that it uses. Removes a stack that the run may not use. Call it
        once before each run. Raises ``UndoFailed``.
        """
        return plan.model_copy(update={"warm_after": await self._runs_before(plan)})

    async def _runs_before(self, plan: Plan) -> tuple[str, ...]:
        """The ids of the runs on the stack that ``plan`` uses; none if a new one will be started."""
        if self._started is None:
            return ()
        name, standing = plan.scenario.scenario, self._started.standing
        if standing.kept_at is not None or standing.why:  # else the last run that could share it removed it
            why = self._unusable(self._started, plan)
            if not why:
                self.say(f"{name}: using the stack of run {standing.used_by[-1]}, which left it as it was")
                return standing.used_by
            self.say(f"{name}: starting a new stack: {why}")
        await self.close()
        return ()

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
            async with self.ports.open_run_ports(plan, folder, watchdog, observers, clock) as ports:
                yield ports
            return
        if self._started is None:
            alike = [plan, *(one for one in self.to_come if shareable(plan, one))]
            self._started = await self._open.enter_async_context(self.deploys(together(alike), watchdog))
        last = not any(shareable(plan, one) for one in self.to_come)
        lent = LentStack(self._started.standing, folder.run_id, forgets(plan), last)
        opened = self.ports.lent_ports(plan, folder, watchdog, observers, self._started, lent)
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
        meanwhile = STEADY_FOR + plan.first_injection  # the run does this while the rules forget
        wait = standing.kept_at + forgets(plan) - meanwhile - self.clock.mono()
        if wait > (standing.start_seconds or 0.0):
            return f"its alert rules see the previous run for another {wait:.0f} s; a new start is faster"
        return ""
