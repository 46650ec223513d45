"""The debrief of a game day, computed from its whole journal. It judges the exercise, never a person."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from chaos.gameday.clock import DayClock
from chaos.gameday.deadlines import ResponseDeadline, deadlines
from chaos.gameday.event_base import Role
from chaos.gameday.events import Event
from chaos.gameday.expectations import ExpectationState, expectation_states
from chaos.gameday.fold import DayState, fold
from chaos.gameday.machine_events import DayDrawn, FaultState
from chaos.gameday.model import GameDay
from chaos.gameday.people_events import (
    Corrected,
    Decided,
    Heard,
    Joined,
    Missing,
    Predicted,
    StepResult,
    StepTicked,
)
from chaos.gameday.phases import PhaseSpan, phase_spans
from chaos.gameday.policy import Policy
from chaos.gameday.predictions import PredictionResult, SlotFacts, compare, facts_of
from chaos.gameday.response_score import Prescribed, ResponseScore, response_score
from chaos.gameday.runbook import runbook_steps
from chaos.gameday.slot_state import SlotState
from chaos.gameday.words import describe
from chaos.model.verdict import Outcome


@dataclass(frozen=True)
class EventMark:
    """One event on the time axis of a scenario.

    ``at``: when it happened, ``entered``: when it was recorded, both in seconds since the epoch. ``share``:
    its position on the axis, 0 to 100. ``who``: the author's name or role. ``machine``: gameday entered it.
    """

    id: str
    at: float
    entered: float
    share: float
    who: str
    text: str
    machine: bool
    before: str = ""  # its text before it was corrected
    void: bool = False  # a correction says that it did not happen

    @property
    def lag(self) -> float:
        """Real seconds from the event to its entry."""
        return self.entered - self.at


@dataclass(frozen=True)
class Band:
    """An interval on the time axis. ``start`` and ``width``: 0 to 100."""

    name: str
    kind: str  # fault, alert, hold or stuck
    start: float
    width: float


@dataclass(frozen=True)
class StuckTotal:
    """How long, and how many times, people lacked one thing."""

    missing: Missing
    minutes: float  # policy minutes
    times: int


@dataclass(frozen=True)
class SlotDebrief:
    """The debrief of one scenario. ``number``: in the order of play, from 1.

    ``marks`` are sorted by when the events happened, ``as_known`` by when they were entered. ``deserved``:
    the severity that the game-day file gives the scenario.
    """

    number: int
    title: str
    slot: SlotState
    facts: SlotFacts
    predictions: tuple[PredictionResult, ...]
    phases: tuple[PhaseSpan, ...]
    deadlines: tuple[ResponseDeadline, ...]
    expectations: tuple[ExpectationState, ...]
    score: ResponseScore
    deserved: str
    decisions: tuple[Decided, ...]
    stuck: tuple[StuckTotal, ...]
    failed_steps: tuple[StepTicked, ...]
    marks: tuple[EventMark, ...]
    as_known: tuple[EventMark, ...]
    bands: tuple[Band, ...]
    skipped_injects: int


@dataclass(frozen=True)
class Debrief:
    """The debrief of the day. ``began`` and ``ended``: the first and the last event, seconds since the epoch.

    ``seed``: None if the plan was not drawn. ``slots``: the scenarios that started, in the order of play.
    """

    title: str
    gameday: str
    pace: float
    began: float
    ended: float
    seed: int | None
    slots: tuple[SlotDebrief, ...]
    total: float | None  # mean of the scenarios' response scores, 0 to 100; None if there are none
    aborted: bool
    anonymous: bool
    people: tuple[tuple[str, str], ...]  # (name, role); anonymous: (role, role)
    observations: tuple[str, ...]  # about the exercise itself


def debrief(
    events: Sequence[Event],
    day: GameDay,
    policy: Policy,
    titles: Sequence[str],
    runbooks: Mapping[str, str],
    anonymous: bool = False,
) -> Debrief:
    """Compute everything that the debrief shows. ``events`` must contain a ``DayOpened``.

    ``titles``: of the scenarios, in the order of the file. ``runbooks``: name -> Markdown. ``anonymous``:
    roles in place of names; texts that people entered stay as they are.
    """
    state = fold(events)
    now = events[-1].entered
    played = _Played(state, day, policy, titles, runbooks, now, anonymous)
    slots = tuple(_slot(slot, played) for slot in state.slots if slot.started is not None)
    totals = [one.score.total for one in slots if one.score.total is not None]
    drawn = next((event.seed for event in events if isinstance(event, DayDrawn)), None)
    return Debrief(
        title=state.title,
        gameday=day.gameday,
        pace=state.clock.pace,
        began=events[0].at,
        ended=now,
        seed=drawn,
        slots=slots,
        total=round(sum(totals) / len(totals), 1) if totals else None,
        aborted=state.aborted,
        anonymous=anonymous,
        people=tuple((_who(one.name, one.role, anonymous), one.role.value) for one in state.people),
        observations=_observations(state),
    )


@dataclass(frozen=True)
class _Played:
    """What every scenario of a day has in common; as in ``debrief``. ``now``: seconds since the epoch."""

    state: DayState
    day: GameDay
    policy: Policy
    titles: Sequence[str]
    runbooks: Mapping[str, str]
    now: float
    anonymous: bool


def _slot(slot: SlotState, played: _Played) -> SlotDebrief:
    state, policy, now, anonymous = played.state, played.policy, played.now, played.anonymous
    index = state.order[slot.position] if state.order else slot.position
    planned = played.day.scenarios[index]
    due = deadlines(slot, policy, state.clock, now, planned.severity, planned.escalate)
    expected = expectation_states(slot, planned.expectations, state.clock, now)
    names = dict.fromkeys(alert.runbook for alert in slot.fired if alert.runbook)
    marks = _marks(slot, state, anonymous)
    return SlotDebrief(
        number=slot.position + 1,
        title=played.titles[index],
        slot=slot,
        facts=facts_of(slot, state.clock),
        predictions=tuple(
            replace(one, author=_who(one.author, slot.predictions[one.author].role, anonymous))
            for one in compare(slot, state.clock)
        ),
        phases=phase_spans(slot, state.clock),
        deadlines=due,
        expectations=expected,
        score=response_score(
            slot, policy, state.clock, due, expected, planned.severity, _prescribed(names, played.runbooks)
        ),
        deserved=planned.severity.value,
        decisions=slot.decisions,
        stuck=_stuck(slot, state.clock, now),
        failed_steps=tuple(tick for tick in slot.steps if tick.result is StepResult.FAILED),
        marks=marks,
        as_known=tuple(sorted(marks, key=lambda mark: mark.entered)),
        bands=_bands(slot, state.clock, now),
        skipped_injects=len(slot.skipped_injects),
    )


def _prescribed(names: Iterable[str], runbooks: Mapping[str, str]) -> Prescribed | None:
    """The steps of the first runbook that exists."""
    name = next((name for name in names if name in runbooks), None)
    if name is None:
        return None
    steps = frozenset(step.number for step in runbook_steps(runbooks[name]) if step.prescribed)
    return Prescribed(name, steps) if steps else None


def _span(slot: SlotState, now: float) -> tuple[float, float]:
    start = slot.zero or slot.started or now
    return start, max(slot.ended or now, start + 1.0)


def _share(at: float, span: tuple[float, float]) -> float:
    start, end = span
    return round(100 * min(1.0, max(0.0, (at - start) / (end - start))), 2)


def _who(name: str, role: Role, anonymous: bool) -> str:
    return role.value if anonymous or role is Role.GAMEDAY else name


def _marks(slot: SlotState, state: DayState, anonymous: bool) -> tuple[EventMark, ...]:
    span = _span(slot, state.entries[-1].event.entered)
    found = []
    for entry in state.entries:
        event = entry.event
        text = describe(event)
        if event.slot != slot.position or not text or isinstance(event, Predicted | Corrected):
            continue
        found.append(
            EventMark(
                event.id,
                event.at,
                event.entered,
                _share(event.at, span),
                _who(event.author, event.role, anonymous),
                text,
                event.role is Role.GAMEDAY,
                describe(entry.original) if entry.original is not None else "",
                entry.void,
            )
        )
    return tuple(sorted(found, key=lambda mark: mark.at))


def _bands(slot: SlotState, clock: DayClock, now: float) -> tuple[Band, ...]:
    span = _span(slot, now)
    found: list[Band] = []

    def add(name: str, kind: str, start: float, end: float | None) -> None:
        left, right = _share(start, span), _share(end or span[1], span)
        if right > left:
            found.append(Band(name, kind, left, round(right - left, 2)))

    for fault in slot.faults:
        if fault.state is FaultState.INJECTED:
            same = (one for one in slot.faults if one.index == fault.index)
            undone = next((one.at for one in same if one.state is FaultState.REVERTED), None)
            add(fault.fault, "fault", fault.at, undone)
    for number, alert in enumerate(slot.alerts):
        if alert.firing:
            rest = slot.alerts[number + 1 :]
            end = next((one.at for one in rest if one.alert == alert.alert and not one.firing), None)
            add(alert.alert, "alert", alert.at, end)
    for stretch in slot.stuck:
        add(f"stuck: {stretch.missing.value}", "stuck", stretch.start, stretch.end)
    for hold in clock.holds:
        if hold.start < span[1] and (hold.end is None or hold.end > span[0]):
            add("held", "hold", hold.start, hold.end)
    return tuple(found)


def _stuck(slot: SlotState, clock: DayClock, now: float) -> tuple[StuckTotal, ...]:
    found = []
    for missing in Missing:
        stretches = [one for one in slot.stuck if one.missing is missing]
        if stretches:
            seconds = sum(clock.policy(one.start, one.end or now) for one in stretches)
            found.append(StuckTotal(missing, seconds / 60, len(stretches)))
    return tuple(sorted(found, key=lambda one: -one.minutes))


def _observations(state: DayState) -> tuple[str, ...]:
    """Facts about the exercise itself, for the review of the exercise."""
    found = []
    held = sum((hold.end or hold.start) - hold.start for hold in state.clock.holds)
    if state.clock.holds:
        found.append(f"Holds: {len(state.clock.holds)}, {held:.0f} s in total.")
    hints = sum(card.hint for slot in state.slots for card in slot.cards)
    if hints:
        found.append(f"Hints given: {hints}.")
    for slot in state.slots:
        if slot.skipped:
            found.append(f"Scenario {slot.position + 1} was skipped.")
        elif slot.judged is not None and slot.judged.outcome not in (Outcome.PASS, Outcome.FAIL):
            why = slot.judged.reason or slot.judged.outcome or "its run was not judged"
            found.append(f"Scenario {slot.position + 1} neither passed nor failed: {why.rstrip('.')}.")
    silent = [one.role.value for one in state.people if not _acted(one.name, state)]
    if silent:
        found.append(f"Entered nothing after joining: {', '.join(sorted(silent))}.")
    corrections = sum(len(entry.corrections) for entry in state.entries)
    if corrections:
        found.append(f"Corrections: {corrections}.")
    return tuple(found)


def _acted(name: str, state: DayState) -> bool:
    return any(e.event.author == name and not isinstance(e.event, Joined | Heard) for e in state.entries)
