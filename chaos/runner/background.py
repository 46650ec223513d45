"""Everything that runs beside the phases: probes, container states, guardrails, and progress for the
user.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from chaos.errors import ToolProblem
from chaos.kinds import Collect, ScenarioContext
from chaos.model.alert_states import ActiveAlert, AlertState
from chaos.model.container_states import ENDED
from chaos.model.plan import Plan
from chaos.model.scenario import SteadyCondition
from chaos.probes.collected import run_collector
from chaos.probes.containers import watch_containers
from chaos.probes.http import run_http_probe
from chaos.probes.links import watch_links
from chaos.probes.machine import watch_machine
from chaos.probes.promql import run_promql_probe
from chaos.probes.rules import watch_rules
from chaos.registry import expectations
from chaos.runner.guard import guard
from chaos.runner.health import Health, LoadTail, Served
from chaos.runner.own_containers import watch_own_containers
from chaos.runner.progress import BreakerReading, ClientState, Progress
from chaos.runner.run_ports import RunPorts
from chaos.timeline.clock import ClockReading
from chaos.timeline.events import ContainerState, Event, Phase, Sample

T = TypeVar("T")
REPORT_EVERY = 0.5  # real seconds between two reports of the progress
FAILING_WINDOW = 3.0  # seconds of load that explain why the steady state does not hold
ANSWER_TIME = 1.0  # seconds: a younger request may still get its answer, and does not count yet


class BackgroundWork:
    """Background work of one run. An error in it ends the phases, and an error in the phases ends it."""

    def __init__(self, plan: Plan, ports: RunPorts, write: Callable[[Event], None]) -> None:
        self._plan = plan
        self._ports = ports
        self._clock = ports.context.clock
        self._emit = write
        self._health = Health(condition.label for condition in plan.scenario.steady_state)
        self._tail = LoadTail(ports.folder.load)
        self._alerts: tuple[ActiveAlert, ...] | None = None  # unknown: not read yet, or no longer readable
        self._breakers: tuple[BreakerReading, ...] = ()
        self._states: dict[str, str] = {}
        self._phase = Phase.START
        self._message = ""
        self.held = False  # the timeline is on hold
        self._began = self._clock.mono()
        self._group: asyncio.TaskGroup | None = None
        self._tasks: list[asyncio.Task[None]] = []

    async def alongside(
        self, phases: Coroutine[Any, Any, None], *background: Coroutine[Any, Any, None]
    ) -> None:
        """Run ``phases`` to their end beside the background work; raises the first error of either."""
        try:
            async with asyncio.TaskGroup() as group:
                self._group = group
                self._spawn(self._report_progress())
                for work in background:
                    self._spawn(work)
                self._spawn(
                    guard(self._plan.scenario.guardrails, self._write, self._clock, self._ports.folder.path)
                )
                services = tuple(self._plan.stack.services)
                self._spawn(
                    watch_containers(services, self._ports.container_states, self._write, self._clock)
                )
                self._spawn(
                    watch_own_containers(
                        self._ports.stack.own_services(), self._ports.container_states, self._clock
                    )
                )
                if self._ports.machine is not None:
                    self._spawn(watch_machine(self._write, self._clock, self._ports.machine))
                await phases
                for task in self._tasks:
                    task.cancel()
        except BaseExceptionGroup as errors:
            raise errors.exceptions[0] from None

    def start_probes(self) -> None:
        """Once the stack is up: one probe for each condition of the steady state, and one for each
        piece of evidence that a check needs.
        """
        if self._ports.link_use is not None:
            self._spawn(watch_links(self._ports.link_use, self._write, self._clock))
        if self._ports.metrics is not None and self._plan.detection is not None:
            interval = self._plan.detection.evaluation_interval / self._plan.pace
            self._spawn(watch_rules(self._ports.metrics.rule_groups, self._write, self._clock, interval))
        conditions = list(self._plan.scenario.steady_state)
        for condition in conditions:
            self._probe(condition, condition.label)
        for name, what in self._collected():
            self._spawn(run_collector(name, what, self._plan, self._ports.sources, self._write, self._clock))

    def steady_since(self, window: float) -> ClockReading | None:
        """Since when everything is healthy, if for at least ``window`` seconds; None otherwise."""
        now, since = self._clock.mono(), self._health.holds_since()
        if since is None or now - since.mono < window or self.alarmed():
            return None
        if self._plan.scenario.load is not None and not self._served(window).well(self._planned(window)):
            return None
        return since

    def fallen(self) -> tuple[str, ...]:
        """Services that clients or links need and whose container has ended, with its state."""
        stack = self._plan.stack
        needed = stack.linked() - {name for name, service in stack.services.items() if service.one_shot}
        return tuple(
            f"{service} ({state})"
            for service, state in self._states.items()
            if service in needed and state in ENDED
        )

    def failing(self) -> tuple[str, ...]:
        """The reasons why the steady state does not hold, in words."""
        words = list(self._health.failing())
        words += self.alarmed()
        if self._plan.scenario.load is not None:
            words.append(self._served(FAILING_WINDOW).words(self._planned(FAILING_WINDOW)))
        return tuple(words)

    def _served(self, window: float) -> Served:
        until = self._clock.mono() - ANSWER_TIME
        return self._tail.served(until - window, until)

    def _planned(self, window: float) -> float:
        load = self._plan.scenario.load
        return load.rate.per_second * window if load is not None else 0.0

    def alarmed(self) -> list[str]:
        """Alerts that contradict the steady state, in words; unreadable alerts contradict it too."""
        if self._ports.metrics is None:
            return []
        if self._alerts is None:
            return ["the alerts cannot be read"]
        return [f"alert {one.alert} is firing" for one in self._alerts if one.state is AlertState.FIRING]

    def enter(self, phase: Phase, message: str) -> None:
        self._phase = phase
        self.say(message)

    def show_held(self, held: bool) -> None:
        """Tells observers whether the timeline is on hold."""
        self.held = held

    def say(self, message: str) -> None:
        """A milestone: shown now, and kept as the current activity."""
        self._message = message
        self._ports.progress(self._progress(milestone=True))

    def _collected(self) -> list[Collect]:
        """The evidence that the checks of the scenario need, in addition to the steady state."""
        context = ScenarioContext(self._plan.scenario, self._plan.stack, self._plan.detection)
        found: dict[str, Collect] = {}  # two expectations may share one name; the loader refuses it otherwise
        for check, params in expectations(self._plan.scenario):
            found |= {collect.name: collect for collect in check.collects(params, context)}
        return list(found.values())

    def _probe(self, condition: SteadyCondition, label: str) -> None:
        if condition.http is not None:
            base = self._ports.entries[condition.http.service]
            self._spawn(run_http_probe(condition.http, label, base, self._write, self._clock))
        elif (
            condition.promql is not None
            and self._ports.metrics is not None
            and self._plan.detection is not None
        ):
            scrape = self._plan.detection.scrape_interval / self._plan.pace
            self._spawn(
                run_promql_probe(
                    condition.promql, label, self._ports.metrics.values, self._write, self._clock, scrape
                )
            )

    async def _report_progress(self) -> None:
        while True:
            if self._ports.metrics is not None and self._phase != Phase.START:
                self._alerts = self._meaningful(await _known(self._ports.metrics.active_alerts()))
                self._breakers = await _known(self._breaker_states()) or ()
            self._ports.progress(self._progress())
            await self._clock.sleep(REPORT_EVERY)

    def _meaningful(self, alerts: tuple[ActiveAlert, ...] | None) -> tuple[ActiveAlert, ...] | None:
        """Without alerts that read no series, such as dead-man's switches."""
        if alerts is None or self._plan.detection is None:
            return alerts
        quiet = self._plan.detection.reading_nothing
        return tuple(one for one in alerts if one.alert not in quiet)

    async def _breaker_states(self) -> tuple[BreakerReading, ...]:
        assert self._ports.metrics is not None
        states = []
        for name, facts in self._plan.stack.breakers.items():
            values = await self._ports.metrics.values(facts.metric)
            known = {value: state for state, value in facts.states.items()}
            states.append(BreakerReading(name, known.get(values[0], "?") if values else "?"))
        return tuple(states)

    def _progress(self, milestone: bool = False) -> Progress:
        elapsed = self._clock.mono() - self._began
        return Progress(
            run_id=self._ports.folder.run_id,
            scenario=self._plan.scenario.scenario,
            phase=self._phase,
            message=self._message,
            elapsed=elapsed,
            remaining=self._remaining(elapsed),
            alerts=() if self._ports.metrics is None else self._alerts,
            breakers=self._breakers,
            probes=self._health.states(),
            clients=self._clients(),
            held=self.held,
            milestone=milestone,
        )

    def _clients(self) -> ClientState | None:
        if self._plan.scenario.load is None:
            return None
        return self._tail.clients(self._clock.mono() - FAILING_WINDOW)

    def _remaining(self, elapsed: float) -> float:
        """The plan's estimate covers the longest recovery; after the recovery it no longer applies."""
        return 0.0 if self._phase is Phase.TEARDOWN else max(0.0, self._plan.estimate_seconds - elapsed)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        assert self._group is not None, "background work starts inside alongside()"
        self._tasks.append(self._group.create_task(work))

    def _write(self, event: Event) -> None:
        if isinstance(event, Sample):
            self._health.see(event)
        elif isinstance(event, ContainerState):
            self._states[event.service] = event.state
        self._emit(event)


async def _known(question: Coroutine[Any, Any, T]) -> T | None:
    """The answer of the monitoring; None without an answer."""
    try:
        return await question
    except ToolProblem:
        return None
