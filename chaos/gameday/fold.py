"""Computes the state of the day from events.

The same function computes the state for every viewer. Only the events that a viewer may see differ
(``chaos.gameday.projections``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from chaos.gameday import machine_events as machine
from chaos.gameday import people_events as people
from chaos.gameday.clock import DayClock, holds_of
from chaos.gameday.corrections import CorrectedEvent, corrected
from chaos.gameday.event_base import Role
from chaos.gameday.events import Event
from chaos.gameday.slot_state import SlotState, StuckStretch


class Stage(StrEnum):
    """The stage of the day."""

    LOBBY = "lobby"  # people arrive and predict the first scenario
    RUNNING = "running"  # a scenario is running
    BETWEEN = "between"  # a scenario is over; people predict the next
    FINISHED = "finished"  # all scenarios are over; the reveal is next
    DEBRIEF = "debrief"
    ABORTED = "aborted"


@dataclass(frozen=True)
class Participant:
    """One participant."""

    name: str
    role: Role
    heard: bool = False  # confirmed the test page of the lobby
    last_active: float = 0.0  # when the person last entered something, in seconds since the epoch


@dataclass(frozen=True)
class DayState:
    """The state of the day after some events.

    ``slots``: in the order of play. ``entries``: all events, with their corrections applied. ``order``:
    numbers of the scenarios in the file, from 0, in the order of play. ``delays``: production seconds, in
    the order of the file. Both are empty if the viewer may not see the draw.
    """

    title: str
    blind: bool
    clock: DayClock
    slots: tuple[SlotState, ...]
    people: tuple[Participant, ...]
    entries: tuple[CorrectedEvent, ...]
    order: tuple[int, ...] = ()
    delays: tuple[float, ...] = ()
    revealed: bool = False
    aborted: bool = False
    drill_alert: machine.DrillAlertReported | None = None  # the last one
    drill_alert_under_way: bool = False

    @property
    def current(self) -> int | None:
        """Position of the scenario that is running; None if none is."""
        return next((slot.position for slot in self.slots if slot.running), None)

    @property
    def next(self) -> int | None:
        """Position of the scenario to play next; None if none is left."""
        waiting = (slot.position for slot in self.slots if slot.started is None and not slot.skipped)
        return next(waiting, None)

    @property
    def last_begun(self) -> int | None:
        """Position of the scenario that started last, whether or not it has ended; None before the first."""
        begun = [slot.position for slot in self.slots if slot.started is not None]
        return max(begun, default=None)

    @property
    def stage(self) -> Stage:
        if self.revealed:
            return Stage.DEBRIEF
        if self.aborted:
            return Stage.ABORTED
        if self.current is not None:
            return Stage.RUNNING
        if self.next is None:
            return Stage.FINISHED
        return Stage.LOBBY if self.last_begun is None and self.next == 0 else Stage.BETWEEN


def fold(events: Sequence[Event]) -> DayState:
    """The state after ``events``, which must contain a ``DayOpened``: it has the number of scenarios.

    The events of a scenario are applied in the order in which they happened, not of their entry. Pure.
    """
    opened = next(event for event in events if isinstance(event, machine.DayOpened))
    tests = [e for e in events if isinstance(e, people.DrillAlertAsked | machine.DrillAlertReported)]
    drawn = next((event for event in events if isinstance(event, machine.DayDrawn)), None)
    entries = corrected(events)
    counted = [entry.event for entry in entries if not entry.void]
    slots = []
    for position in range(opened.slots):
        slot = SlotState(position)
        for event in sorted((e for e in counted if e.slot == position), key=lambda event: event.at):
            change = _CHANGES.get(type(event))
            slot = change(slot, event) if change else slot
        slots.append(slot)
    return DayState(
        title=opened.title,
        blind=opened.blind,
        clock=DayClock(opened.pace, holds_of(events)),
        slots=tuple(slots),
        people=_people(counted),
        entries=entries,
        order=drawn.order if drawn else (),
        delays=drawn.delays if drawn else (),
        revealed=any(isinstance(event, people.Revealed) for event in events),
        aborted=any(isinstance(event, people.Aborted) for event in events),
        drill_alert=next((e for e in reversed(tests) if isinstance(e, machine.DrillAlertReported)), None),
        drill_alert_under_way=bool(tests) and isinstance(tests[-1], people.DrillAlertAsked),
    )


def _people(events: Iterable[Event]) -> tuple[Participant, ...]:
    found: dict[str, Participant] = {}
    for event in events:
        if event.role is Role.GAMEDAY:
            continue
        known = found.get(event.author, Participant(event.author, event.role))
        heard = known.heard or isinstance(event, people.Heard)
        found[event.author] = Participant(
            event.author, event.role, heard, max(known.last_active, event.entered)
        )
    return tuple(found.values())


def _with(slot: SlotState, **changes: Any) -> SlotState:
    return replace(slot, **changes)


def _first(name: str) -> Callable[[SlotState, Event], SlotState]:
    """Keeps the event of a kind that happened first."""

    def change(slot: SlotState, event: Event) -> SlotState:
        return slot if getattr(slot, name) is not None else _with(slot, **{name: event})

    return change


def _more(name: str) -> Callable[[SlotState, Event], SlotState]:
    """Keeps every event of a kind."""

    def change(slot: SlotState, event: Event) -> SlotState:
        return _with(slot, **{name: (*getattr(slot, name), event)})

    return change


def _when(name: str) -> Callable[[SlotState, Event], SlotState]:
    """Keeps the instant of the first event of a kind."""

    def change(slot: SlotState, event: Event) -> SlotState:
        return slot if getattr(slot, name) is not None else _with(slot, **{name: event.at})

    return change


def _started(slot: SlotState, event: Event) -> SlotState:
    """A second start only removes the end: what was recorded since the first start stays in the state."""
    assert isinstance(event, machine.SlotStarted)
    return replace(slot, started=event.at, ended=None, title=event.title or slot.title)


def _declared(slot: SlotState, event: Event) -> SlotState:
    assert isinstance(event, people.Declared)
    return replace(slot, declared=slot.declared or event, declarations=(*slot.declarations, event))


def _health(slot: SlotState, event: Event) -> SlotState:
    assert isinstance(event, machine.HealthSeen)
    return replace(slot, health={**slot.health, event.probe: event})


def _predicted(slot: SlotState, event: Event) -> SlotState:
    assert isinstance(event, people.Predicted)
    return replace(slot, predictions={**slot.predictions, event.author: event})


def _stuck(slot: SlotState, event: Event) -> SlotState:
    assert isinstance(event, people.Stuck)
    return replace(
        slot, stuck=(*slot.stuck, StuckStretch(event.author, event.missing, event.at, None, event.words))
    )


def _unstuck(slot: SlotState, event: Event) -> SlotState:
    """Ends the open stretches of its author. The end of the scenario ends all others (``_ended``)."""
    stretches = (
        replace(one, end=event.at) if one.end is None and one.author == event.author else one
        for one in slot.stuck
    )
    return replace(slot, stuck=tuple(stretches))


def _ended(slot: SlotState, event: Event) -> SlotState:
    stretches = (replace(one, end=event.at) if one.end is None else one for one in slot.stuck)
    return replace(slot, ended=event.at, stuck=tuple(stretches))


def _played(slot: SlotState, event: Event) -> SlotState:
    assert isinstance(event, people.InjectPlayed)
    played = slot.played if event.index is None else slot.played | {event.index}
    return replace(slot, cards=(*slot.cards, event), played=played)


def _skipped_inject(slot: SlotState, event: Event) -> SlotState:
    assert isinstance(event, people.InjectSkipped)
    return replace(
        slot, played=slot.played | {event.index}, skipped_injects=slot.skipped_injects | {event.index}
    )


def _expectation(slot: SlotState, event: Event) -> SlotState:
    assert isinstance(event, people.ExpectationJudged)
    return replace(slot, asked_expectations={**slot.asked_expectations, event.index: event})


_CHANGES: dict[type, Callable[[SlotState, Event], SlotState]] = {
    machine.SlotStarted: _started,
    machine.TimelineBegan: _when("zero"),
    machine.SlotEnded: _ended,
    machine.SlotJudged: lambda slot, event: _with(slot, judged=event),
    machine.FaultChanged: _more("faults"),
    machine.AlertNotified: _more("alerts"),
    machine.ClientsSeen: _more("clients"),
    machine.HealthSeen: _health,
    people.SlotClosed: lambda slot, _: replace(slot, closed=True),
    people.SlotSkipped: lambda slot, _: replace(slot, skipped=True),
    people.Predicted: _predicted,
    people.Noticed: _first("noticed"),
    people.Acknowledged: _first("acknowledged"),
    people.Declared: _declared,
    people.DutyTaken: _more("duties"),
    people.Escalated: _first("escalated"),
    people.Answered: _first("answered"),
    people.StepTicked: _more("steps"),
    people.Decided: _more("decisions"),
    people.Stuck: _stuck,
    people.Unstuck: _unstuck,
    people.Mitigated: _first("mitigated"),
    people.Resolved: _first("resolved"),
    people.MessageSent: _more("messages"),
    people.InjectPlayed: _played,
    people.InjectSkipped: _skipped_inject,
    people.ExpectationJudged: _expectation,
}
