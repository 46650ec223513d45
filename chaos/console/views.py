"""Computes the contents of the pages from what their viewer may know. The templates only draw them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby

from chaos.console.director import DayPlan, Director
from chaos.gameday.deadlines import ResponseDeadline, deadlines
from chaos.gameday.event_base import Role
from chaos.gameday.expectations import ExpectationState, expectation_states
from chaos.gameday.fold import DayState, Stage
from chaos.gameday.injects import waits_for
from chaos.gameday.model import Inject
from chaos.gameday.people_events import StepTicked
from chaos.gameday.projections import Viewer
from chaos.gameday.runbook import RunbookStep, runbook_steps
from chaos.gameday.slot_state import SlotState
from chaos.gameday.words import describe
from chaos.on_call import Duty, Rota, on_duty

SHOWN_LINES = 80
GRAPH_READINGS = 150
GRAPH = (600, 90)  # width and height of a graph's drawing area


@dataclass(frozen=True)
class TimelineLine:
    """One line of the timeline. ``at``: seconds since the epoch."""

    id: str
    at: float
    author: str
    kind: str
    text: str
    corrected: str = ""  # the text before the correction
    void: bool = False
    machine: bool = False


@dataclass(frozen=True)
class RunbookStepView:
    step: RunbookStep
    tick: StepTicked | None


@dataclass(frozen=True)
class RunbookView:
    name: str
    steps: tuple[RunbookStepView, ...]
    text: str = ""  # the whole runbook, if it has no steps

    @property
    def sections(self) -> tuple[tuple[str, tuple[RunbookStepView, ...]], ...]:
        """(heading, steps) of each section, in order."""
        grouped = groupby(self.steps, key=lambda one: one.step.section)
        return tuple((section, tuple(steps)) for section, steps in grouped)


@dataclass(frozen=True)
class AlertView:
    alert: str
    firing: bool
    severity: str
    summary: str
    at: float
    acknowledged: bool


@dataclass(frozen=True)
class Graph:
    """``pieces``: SVG coordinates of the line, one text per period with data. ``top``: label of the largest
    value. ``last``: the newest value, for people.
    """

    title: str
    pieces: tuple[str, ...]
    top: str
    last: str


@dataclass(frozen=True)
class InjectView:
    index: int
    text: str
    hint: bool
    to: str
    waits: str
    played: bool
    skipped: bool


@dataclass(frozen=True)
class DayView:
    """Everything that the pages show. Parts that the viewer may not know are empty."""

    viewer: Viewer
    state: DayState
    now: float
    stage: Stage
    slot: SlotState | None
    number: int  # of the scenario that is running or ran last, from 1; 0 before the first
    predicting: int | None  # position of the scenario that people predict now
    my_prediction: bool
    alerts: tuple[AlertView, ...]
    runbooks: tuple[RunbookView, ...]
    deadlines: tuple[ResponseDeadline, ...]
    graphs: tuple[Graph, ...]
    lines: tuple[TimelineLine, ...]
    injects: tuple[InjectView, ...] = ()
    expectations: tuple[ExpectationState, ...] = ()
    planned_title: str = ""
    next_title: str = ""
    silent: tuple[tuple[str, str, float], ...] = ()  # name, role, real seconds since the last entry
    on_call: Mapping[Duty, str] = field(default_factory=dict)  # duty -> name of the person who has it now

    @property
    def control(self) -> bool:
        return self.viewer.role is Role.FACILITATOR


def day_view(director: Director, viewer: Viewer) -> DayView:
    """The contents of the pages for ``viewer`` now."""
    plan, now = director.plan, director.clock.wall()
    state = director.seen_by(viewer).state()
    position = state.current if state.current is not None else state.last_begun
    slot = None if position is None else state.slots[position]
    planned = None
    if slot is not None and state.order and viewer.role is Role.FACILITATOR:
        planned = plan.day.scenarios[state.order[slot.position]]
    predicting = state.next if state.stage in (Stage.LOBBY, Stage.BETWEEN) else None
    return DayView(
        viewer=viewer,
        state=state,
        now=now,
        stage=state.stage,
        slot=slot,
        number=0 if position is None else position + 1,
        predicting=predicting,
        my_prediction=predicting is not None and viewer.name in state.slots[predicting].predictions,
        alerts=_alerts(slot) if slot else (),
        runbooks=_runbooks(slot, plan.runbooks) if slot else (),
        deadlines=deadlines(
            slot, plan.policy, state.clock, now, escalate=planned.escalate if planned else None
        )
        if slot
        else (),
        graphs=_graphs(slot) if slot else (),
        lines=timeline(state, SHOWN_LINES),
        injects=_injects(slot, planned.injects, state, now) if slot and planned else (),
        expectations=expectation_states(slot, planned.expectations, state.clock, now)
        if slot and planned
        else (),
        planned_title=_title(plan, state, position) if viewer.role is Role.FACILITATOR else "",
        next_title=_title(plan, state, state.next) if viewer.role is Role.FACILITATOR else "",
        on_call=_on_call(plan.rota, now),
        silent=tuple((one.name, one.role.value, now - one.last_active) for one in state.people),
    )


def _on_call(rota: Rota | None, now: float) -> dict[Duty, str]:
    """Duty -> the person on call. Empty without an on-call file and before its first handoff."""
    if rota is None:
        return {}
    duties = on_duty(rota, datetime.fromtimestamp(now, UTC))
    return {duty: rota.shown(person) for duty, person in duties.items()}


def timeline(state: DayState, most: int | None = None) -> tuple[TimelineLine, ...]:
    """At most ``most`` lines of the timeline, the newest first. None: all."""
    found = []
    for entry in reversed(state.entries):
        text = describe(entry.event)
        if not text:
            continue
        event = entry.event
        before = describe(entry.original) if entry.original is not None else ""
        is_machine = event.role is Role.GAMEDAY
        found.append(
            TimelineLine(event.id, event.at, event.author, event.event, text, before, entry.void, is_machine)
        )
        if most is not None and len(found) >= most:
            break
    return tuple(found)


def _title(plan: DayPlan, state: DayState, position: int | None) -> str:
    if position is None or not state.order:
        return ""
    return plan.titles[state.order[position]]


def _alerts(slot: SlotState) -> tuple[AlertView, ...]:
    last = {alert.alert: alert for alert in slot.alerts}
    begun = {alert.alert: alert.at for alert in reversed(slot.alerts) if alert.firing}
    known = slot.acknowledged is not None
    found = [
        AlertView(one.alert, one.firing, one.severity, one.summary, begun.get(one.alert, one.at), known)
        for one in last.values()
    ]
    return tuple(sorted(found, key=lambda alert: (not alert.firing, alert.at)))


def _runbooks(slot: SlotState, texts: Mapping[str, str]) -> tuple[RunbookView, ...]:
    names = dict.fromkeys(alert.runbook for alert in slot.alerts if alert.runbook)
    found = []
    for name in names:
        text = texts.get(name, "")
        ticks = {tick.step: tick for tick in slot.steps if tick.runbook == name}
        steps = tuple(RunbookStepView(step, ticks.get(step.number)) for step in runbook_steps(text))
        found.append(RunbookView(name, steps, "" if steps else text))
    return tuple(found)


def _graphs(slot: SlotState) -> tuple[Graph, ...]:
    readings = slot.clients[-GRAPH_READINGS:]
    errors = [one.error_rate for one in readings]
    latencies = [one.latency_p95 for one in readings]
    return (
        _graph("Requests that are not served", errors, 1.0, lambda value: f"{100 * value:.0f} %"),
        _graph("Latency, 95th percentile", latencies, 0.0, lambda value: f"{1000 * value:.0f} ms"),
    )


def _graph(title: str, values: list[float | None], fixed: float, shown: Callable[[float], str]) -> Graph:
    known = [value for value in values if value is not None]
    top = fixed or max(known, default=0.0) or 1.0
    width, height = GRAPH
    step = width / max(1, len(values) - 1)
    pieces: list[list[str]] = [[]]
    for number, value in enumerate(values):
        if value is None:
            pieces.append([])
            continue
        pieces[-1].append(f"{number * step:.1f},{height - height * min(1.0, value / top):.1f}")
    return Graph(
        title,
        tuple(" ".join(piece) for piece in pieces if piece),
        shown(top),
        shown(known[-1]) if known else "no data",
    )


def _injects(
    slot: SlotState, injects: tuple[Inject, ...], state: DayState, now: float
) -> tuple[InjectView, ...]:
    return tuple(
        InjectView(
            index,
            inject.text,
            inject.hint is not None,
            ", ".join(role.value for role in inject.to) or "everybody",
            waits_for(inject, slot, state.clock, now),
            index in slot.played,
            index in slot.skipped_injects,
        )
        for index, inject in enumerate(injects)
    )
