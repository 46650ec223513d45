"""The waits of a run under load: for the steady state before the faults, and for the recovery after them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal

from chaos.errors import StackProblem, ToolProblem
from chaos.model.plan import Plan
from chaos.runner.background import BackgroundWork
from chaos.runner.ledgers import check_ledgers
from chaos.runner.run_ports import RunPorts
from chaos.runner.run_time import RunTime
from chaos.timeline.clock import ClockReading
from chaos.timeline.events import Event, SteadyState
from chaos.timeline.observations import WatchedOn

STEADY_FOR = 3.0  # real seconds that it must hold before the first injection
LOAD_SLACK = 120.0  # seconds for other work of a run under load: witnesses, undos, read-backs
POLL = 0.2
SETTLE_EVALUATIONS = 4  # the end of an alert is known 2.5 evaluations after its last sample


class Waits:
    """The waits of one run. Every wait raises ``ToolProblem`` if the load or a ledger writer has ended."""

    def __init__(
        self,
        plan: Plan,
        ports: RunPorts,
        watching: BackgroundWork,
        time: RunTime,
        write: Callable[[Event], None],
    ) -> None:
        self._plan = plan
        self._ports = ports
        self._watching = watching
        self._time = time
        self._write = write
        self._clock = ports.context.clock

    async def until_steady(self, from_now: bool = False) -> bool:
        """Waits until the conditions hold for ``STEADY_FOR``, clients are served, and no alert fires.

        On a warm stack, also until no alert rule will see the run before when the first fault begins.

        ``from_now``: ignore what held before. Returns False when the deadline is over.
        """
        began = self._clock.mono()
        earliest = self._forgotten_at() - self._plan.first_injection
        deadline = max(began + self._plan.stack.steady_within, earliest + POLL)
        while self._clock.mono() < deadline:
            self._check_load()
            self._check_stack()
            since, now = self._watching.steady_since(STEADY_FOR), self._clock.mono()
            if since is not None and now >= earliest and (not from_now or now - began >= STEADY_FOR):
                self._steady("before", since)
                return True
            await self._clock.sleep(POLL)
        self._steady("before", None)
        why = "; ".join(self._watching.failing())
        self._watching.say(f"the steady state was not reached, so gameday injected nothing: {why}")
        return False

    def _forgotten_at(self) -> float:
        handover = self._ports.handover
        return -math.inf if handover is None else handover.forgotten_at()

    async def until_recovered(self) -> bool:
        """Waits until the clients are healthy for the window that the recovery check needs and every alert is
        resolved, or until the limit.

        Then it keeps watching, to see a relapse, and because Prometheus needs some evaluations until its data
        shows the end of the last alert. An alert that fires again may take until the limit to end.
        False: the limit was reached before the clients were healthy.
        """
        watch = 0.0
        deadline = self._time.now() + self._plan.recovery_limit  # a held run waits longer
        healthy = await self._until_healthy(deadline)
        if healthy and (watch := self._plan.relapse_watch):
            self._write(WatchedOn(at=self._clock.wall(), mono=self._clock.mono(), planned=watch))
            self._watching.say(f"the clients have recovered; watching for another {watch:g} s")
        await self._watch_on(max(watch, _settling(self._plan)), deadline)
        return healthy

    async def _watch_on(self, seconds: float, deadline: float) -> None:
        """Watch for another ``seconds``, and up to ``deadline`` while an alert that fires again has not
        settled: otherwise the data would end before the alert. The load must continue: without it a relapse
        would not show.
        """
        settling = _settling(self._plan)
        last_alarm = -math.inf
        until = self._clock.mono() + seconds
        while True:
            self._check_load()
            now = self._clock.mono()
            if self._watching.alarmed():
                last_alarm = now
            unsettled = now - last_alarm < settling and self._time.now() < deadline
            if now >= until and not unsettled:
                return
            await self._clock.sleep(POLL if now >= until else min(until - now, POLL))

    async def _until_healthy(self, deadline: float) -> bool:
        """Wait until the clients are healthy for the whole window after the undo, even if the fault never
        harmed them: the undo may harm them. False: the limit was reached first.
        """
        undone = self._clock.mono()
        while True:
            self._check_load()
            since = self._watching.steady_since(self._plan.healthy_for)
            if since is not None and self._clock.mono() - undone >= self._plan.healthy_for:
                self._steady("after", since)
                return True
            if self._time.now() >= deadline:
                self._steady("after", None)
                return False
            await self._clock.sleep(POLL)

    def _check_stack(self) -> None:
        """Raises ``StackProblem`` for a container that ended before anything was injected."""
        if fallen := self._watching.fallen():
            raise StackProblem(
                f"ended on its own before anything was injected: {', '.join(fallen)}\n"
                f"  fix: read its last lines in {self._ports.folder.logs}, "
                "and check that the stack runs without gameday"
            )

    def _check_load(self) -> None:
        if self._ports.load is not None and (why := self._ports.load.died()):
            raise ToolProblem(f"the load generator ended unexpectedly: {why}")
        check_ledgers(self._ports)

    def _steady(self, when: Literal["before", "after"], since: ClockReading | None) -> None:
        """Record whether the steady state was reached. ``since``: when it began to hold; None: it was not."""
        self._write(
            SteadyState(
                at=self._clock.wall(),
                mono=self._clock.mono(),
                when=when,
                held=since is not None,
                since=None if since is None else since.wall,
                since_mono=None if since is None else since.mono,
                failing=self._watching.failing() if since is None else (),
            )
        )


def longest_load(plan: Plan) -> float:
    """Real seconds that the phases under load may take. The load must outlast the wait for the recovery:
    otherwise gameday would mistake a failure of the system for a broken run.
    """
    kept = [plan.stack.ledgers[writers.ledger] for writers in plan.scenario.ledgers]
    settling = max((facts.settle_for(plan.pace) for facts in kept), default=0.0)
    watched_on = max(_settling(plan), plan.relapse_watch)
    answers = sum(procedure.longest for procedure in plan.procedures.values())
    waits = 2 * plan.stack.steady_within + plan.recovery_limit + watched_on + settling
    return plan.timeline_seconds + answers + waits + LOAD_SLACK


def _settling(plan: Plan) -> float:
    """Real seconds after which Prometheus's data shows the end of an alert."""
    if plan.detection is None:
        return 0.0
    return SETTLE_EVALUATIONS * plan.detection.slowest_evaluation / plan.pace
