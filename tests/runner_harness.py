"""A harness for the runner: a stack, a load and a monitoring that live in memory, over the deployment of
``tests.fakes``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from chaos.errors import ToolProblem
from chaos.journal import RunFolder
from chaos.kinds import Fault
from chaos.model.alert_states import ActiveAlert, AlertState
from chaos.model.plan import Plan, PlannedStep, ScenarioSource
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import PromqlCondition, Scenario, SteadyCondition
from chaos.model.stack import PrometheusFacts, Service, ServiceRole, Stack
from chaos.ports import ContainerReading
from chaos.runner import Progress, RunPorts
from chaos.timeline.events import Event
from chaos.timeline.observations import RuleGroupState
from chaos.timeline.recording import Metrics, SelectorSeen, Series, TargetSeen
from tests.fake_ports import fault_context
from tests.fake_sources import sources
from tests.fakes import FakeDeployment, ManualClock, fake_deployment

T = TypeVar("T")


@dataclass(frozen=True)
class Left:
    containers: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()


@dataclass
class FakeStack:
    """``breaks``: names of calls that fail. ``left``: what the teardown leaves behind."""

    log: list[str]
    clock: ManualClock
    left: Left = field(default_factory=Left)
    breaks: frozenset[str] = frozenset()
    up_takes: float = 5.0
    stays: str = ""  # why off-site data cannot be deleted
    own: tuple[str, ...] = ()  # services that gameday put in
    start_within: float = 0.0  # what the runner gave it

    async def up(self, deadline: float) -> None:
        self.log.append("up")
        self.start_within = deadline
        await self.clock.sleep(self.up_takes)
        self._maybe_break("up")

    async def down(self) -> None:
        self.log.append("down")
        self._maybe_break("down")

    async def left_over(self) -> Left:
        self._maybe_break("left_over")
        return self.left

    async def discard_offsite(self) -> str:
        self.log.append("discard offsite")
        return self.stays

    def own_services(self) -> tuple[str, ...]:
        return self.own

    async def logs(self, folder: Path) -> None:
        self.log.append("logs")
        self._maybe_break("logs")

    def _maybe_break(self, call: str) -> None:
        if call in self.breaks:
            raise ToolProblem(f"{call} broke")


@dataclass
class FakeMetrics:
    """Scrapes and evaluates once a second. ``sick``: the one query of the steady state answers badly.
    ``mute``: it does not answer questions about alerts. ``firing``: alerts that fire all the time.
    """

    deployment: FakeDeployment
    clock: ManualClock
    sick: bool = False
    mute: bool = False
    firing: tuple[str, ...] = ()

    async def values(self, query: str) -> tuple[float, ...]:
        return (0.0 if self.sick or "running" not in self.deployment.states["cache"] else 1.0,)

    async def active_alerts(self) -> tuple[ActiveAlert, ...]:
        if self.mute:
            raise ToolProblem("no answer")
        return tuple(ActiveAlert(alert, AlertState.FIRING) for alert in self.firing)

    async def history(self, plan: Plan, start: float, end: float) -> Metrics:
        scraped = tuple((start + second, 1.0) for second in range(int(end - start) + 1))
        up = Series(metric="up", labels={"job": "web"}, samples=scraped)
        return Metrics(complete=True, read_from=start, read_to=end, series=(up,))

    async def rule_groups(self) -> tuple[RuleGroupState, ...]:
        done, last = int(self.clock.mono()), self.clock.wall()
        return (RuleGroupState(group="f;g", iterations=done, missed=0, failures=0, last=last, interval=1.0),)

    async def selectors(self, plan: Plan, start: float, end: float) -> tuple[SelectorSeen, ...]:
        return (SelectorSeen(selector="up", family="up", series=1, family_series=1),)

    async def targets(self) -> tuple[TargetSeen, ...]:
        if self.mute:
            raise ToolProblem("no answer")
        return (TargetSeen(labels={"job": "web"}, health="up"),)


@dataclass
class MemoryJournal:
    """``full_after``: the number of events after which the disk is full."""

    events: list[Event] = field(default_factory=list)
    full_after: int | None = None

    def write(self, event: Event) -> None:
        if self.full_after is not None and len(self.events) >= self.full_after:
            raise ToolProblem("no space left")
        self.events.append(event)

    def kinds(self) -> list[str]:
        return [event.event for event in self.events if event.event not in ("sample", "container_state")]

    def of(self, kind: str) -> list[Any]:
        return [event for event in self.events if event.event == kind]


class RunnerHarness:
    """Everything a ``Runner`` needs, in memory; ``deployment.log`` lists the commands in order."""

    def __init__(
        self, folder: Path, *steps: Fault, full_after: int | None = None, rehearse: tuple[str, ...] = ()
    ) -> None:
        self.clock = ManualClock()
        self.deployment = fake_deployment()
        self.stack = FakeStack(self.deployment.log, self.clock)
        self.metrics = FakeMetrics(self.deployment, self.clock)
        self.journal = MemoryJournal(full_after=full_after)
        self.progress: list[Progress] = []
        self.cleared = 0
        self.plan = plan(*steps, rehearse=rehearse)
        self.folder = folder

    def needs(self) -> RunPorts:
        return RunPorts(
            folder=RunFolder(self.folder, "abc123"),
            stack=self.stack,
            container_states=self._states,
            context=fault_context(self.deployment, self.clock),
            journal=self.journal,
            entries={},
            versions={},
            load=None,
            metrics=self.metrics,
            progress=self.progress.append,
            cleared=self._clear,
            sources=sources(self.metrics),
        )

    async def run(self, work: Awaitable[T], limit: float = 3600.0) -> T:
        """``clock.run`` for work that also waits for real time (the deadline of an undo, a thread, a file):
        somebody sleeps by this clock until it is over.
        """

        async def tick() -> None:
            while True:
                await self.clock.sleep(1.0)

        ticking = asyncio.ensure_future(tick())
        try:
            return await self.clock.run(work, limit)
        finally:
            ticking.cancel()

    def _clear(self) -> None:
        self.cleared += 1

    async def _states(self) -> Mapping[str, ContainerReading]:
        await asyncio.sleep(0)
        return {name: ContainerReading(state) for name, state in self.deployment.states.items()}


def plan(*steps: Fault, rehearse: tuple[str, ...] = ()) -> Plan:
    """A plan at pace 1 whose steady state is one query; steps at their own instants."""
    condition = SteadyCondition(promql=PromqlCondition(query="ok", equals=1))
    return Plan(
        scenario=Scenario(
            scenario="toy",
            title="A toy",
            stack="toy",
            steady_state=(condition,),
            timeline=steps,
            rehearse=rehearse,
        ),
        source=ScenarioSource(file="toy.yaml", sha256="0" * 64),
        stack=Stack(
            stack="toy",
            services={"web": Service(role=ServiceRole.APP), "cache": Service(role=ServiceRole.REDIS)},
            prometheus=PrometheusFacts(service="web", config="prometheus.yml"),
        ),
        stack_root=".",
        pace=1,
        detection=DetectionFacts(scrape_interval=1, evaluation_interval=1),
        steps=tuple(
            PlannedStep(index=i, start=step.at, end=step.at + step.hold, step=step)
            for i, step in enumerate(steps)
        ),
        timeline_seconds=max((step.at + step.hold for step in steps), default=0),
        recovery_limit=20,
        estimate_seconds=60,
    )
