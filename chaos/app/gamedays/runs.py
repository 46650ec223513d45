"""Runs the scenarios of a game day through the run service, and reports them to the console as facts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from chaos.app.plans import plan_of
from chaos.app.run_service import RunService
from chaos.app.stored_runs.debrief import RunOutcome
from chaos.checks.kit.breakers import CLOSED
from chaos.console.running import RunFact, SlotResult
from chaos.gameday import machine_events as machine
from chaos.gameday import people_events as people
from chaos.gameday.fault_length import as_played
from chaos.gameday.load import LoadedDay
from chaos.gameday.machine_events import FaultState
from chaos.gameday.runbook import runbook_name
from chaos.model.alert_states import AlertState
from chaos.model.plan import Plan
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import TimelineStep
from chaos.runner import Observer, Progress, RunControl
from chaos.timeline.events import (
    Event,
    FaultInjected,
    FaultMeasured,
    FaultReverted,
    Phase,
    PhaseBegan,
    RunInterrupted,
)
from chaos.timeline.steered import ControlRefused, RunResumed
from chaos.timing import Clock

READINGS_EVERY = 2.0  # seconds between two readings of the clients in the day's journal
Emit = Callable[[RunFact], None]


class ServiceRuns:
    """Starts the runs of a day."""

    def __init__(self, service: RunService, loaded: LoadedDay, clock: Clock) -> None:
        self._service = service
        self._loaded = loaded
        self._clock = clock
        self.outcomes: list[RunOutcome] = []

    def plan(self, scenario: int, delay: float = 0.0) -> Plan:
        """The plan of a scenario, by its number in the game-day file."""
        slot = self._loaded.day.scenarios[scenario]
        played = as_played(self._loaded.scenarios[scenario], delay, slot.fault_for)
        return plan_of(played, self._loaded.day.pace)

    def plans(self) -> tuple[Plan, ...]:
        """The plans of all scenarios, in the order of the game-day file."""
        return tuple(self.plan(index) for index in range(len(self._loaded.scenarios)))

    def start(self, scenario: int, delay: float, emit: Emit) -> ServiceRun:
        plan = self.plan(scenario, delay)
        watcher = DayObserver(plan, emit, self._clock)
        return ServiceRun(self._service, plan, watcher, self.outcomes)


class ServiceRun:
    """One run in progress; see ``chaos.console.running.RunHandle``."""

    def __init__(
        self, service: RunService, plan: Plan, watcher: Observer, outcomes: list[RunOutcome]
    ) -> None:
        self._control = RunControl()
        self._outcomes = outcomes
        self._task = asyncio.create_task(service.run(plan, [watcher], self._control))

    def hold(self, reason: str, author: str) -> None:
        self._control.hold(reason, author)

    def resume(self, author: str) -> None:
        self._control.resume(author)

    def inject_now(self, author: str) -> None:
        self._control.inject_now(author=author)

    def abort(self, reason: str, author: str) -> None:
        self._control.abort(reason, author)

    async def wait(self) -> SlotResult:
        outcome = await self._task
        self._outcomes.append(outcome)
        judged = outcome.judged
        if judged is None:
            why = outcome.broken.detail if outcome.broken else "; ".join(outcome.messages)
            return SlotResult("", "", None, why, int(outcome.code))
        verdict = judged.verdict
        return SlotResult(
            verdict.outcome.value,
            judged.folder.name,
            verdict.score.total,
            verdict.reason,
            int(outcome.code),
        )


class DayObserver(Observer):
    """Turns the events of a run into facts. It is called in its own thread.

    Alerts that fire while the stack starts are not about a fault, and a run begins its timeline only when no
    alert fires. They are not reported to the day.
    """

    def __init__(self, plan: Plan, emit: Emit, clock: Clock) -> None:
        self._names = {planned.index: fault_name(planned.step) for planned in plan.steps}
        self._detection = plan.detection
        self._emit = emit
        self._clock = clock
        self._begun = False
        self._proven: set[int] = set()
        self._firing: set[str] = set()
        self._health: dict[str, bool] = {}
        self._read = 0.0

    def on_event(self, run_id: str, event: Event) -> None:
        if isinstance(event, PhaseBegan) and event.phase is Phase.TIMELINE:
            self._begun = True
            self._emit(RunFact(machine.TimelineBegan, event.at))
        elif isinstance(event, FaultInjected):
            self._fault(event.at, event.index, FaultState.INJECTED)
        elif isinstance(event, FaultMeasured):
            if event.took_effect and event.when == "during" and event.index not in self._proven:
                self._proven.add(event.index)
                self._fault(event.at, event.index, FaultState.PROVEN)
        elif isinstance(event, FaultReverted):
            state = FaultState.REVERTED if event.ok else FaultState.LEFT
            self._fault(event.at, event.index, state, event.detail)
        elif isinstance(event, RunResumed) and not event.author:
            self._emit(RunFact(people.Continued, event.at))
        elif isinstance(event, ControlRefused):
            self._report(event.at, f"{event.action.value} was refused: {event.reason}")
        elif isinstance(event, RunInterrupted):
            self._report(event.at, f"the run was interrupted: {event.reason}")

    def on_progress(self, progress: Progress) -> None:
        now = self._clock.wall()
        if self._begun and progress.alerts is not None:  # an alert that cannot be read has not resolved
            self._notify({one.alert for one in progress.alerts if one.state is AlertState.FIRING}, now)
        for probe in progress.probes:
            self._seen(now, probe.probe, probe.ok, probe.detail)
        for breaker in progress.breakers:
            closed = breaker.state == CLOSED
            self._seen(now, f"breaker {breaker.breaker}", closed, breaker.state)
        clients = progress.clients
        if clients is not None and now - self._read >= READINGS_EVERY:
            self._read = now
            fields: dict[str, object] = {
                "answered": clients.answered,
                "error_rate": clients.error_rate,
                "latency_p95": clients.latency_p95,
            }
            self._emit(RunFact(machine.ClientsSeen, now, fields))

    def _notify(self, firing: set[str], now: float) -> None:
        for alert in sorted(firing - self._firing):
            self._emit(RunFact(machine.AlertNotified, now, notification(alert, True, self._detection)))
        for alert in sorted(self._firing - firing):
            self._emit(RunFact(machine.AlertNotified, now, notification(alert, False, self._detection)))
        self._firing = firing

    def on_lost(self, count: int) -> None:
        self._report(self._clock.wall(), f"{count} entries of the run were missed")

    def _seen(self, at: float, probe: str, ok: bool, detail: str) -> None:
        if self._health.get(probe) is ok:
            return
        self._health[probe] = ok
        self._emit(RunFact(machine.HealthSeen, at, {"probe": probe, "ok": ok, "detail": detail}))

    def _fault(self, at: float, index: int, state: FaultState, detail: str = "") -> None:
        fields: dict[str, object] = {
            "fault": self._names.get(index, f"fault {index}"),
            "index": index,
            "state": state,
            "detail": detail,
        }
        self._emit(RunFact(machine.FaultChanged, at, fields))

    def _report(self, at: float, text: str) -> None:
        self._emit(RunFact(machine.RunReported, at, {"text": text}))


def notification(alert: str, firing: bool, detection: DetectionFacts | None) -> dict[str, object]:
    """The fields of an alert's notification, with the texts of its rule."""
    rule = detection.rule(alert) if detection else None
    return {
        "alert": alert,
        "firing": firing,
        "severity": rule.severity if rule else "",
        "summary": rule.summary if rule else "",
        "runbook": runbook_name(rule.runbook) if rule else "",
    }


def fault_name(step: TimelineStep) -> str:
    """What a step breaks, such as ``container.kill cache``."""
    data = step.model_dump(by_alias=True)
    subject = next((str(data[key]) for key in ("service", "link", "lever") if data.get(key)), "")
    return f"{data.get('fault', 'fault')} {subject}".strip()
