"""Decides which events a role may enter in the current state of the day."""

from __future__ import annotations

import re

from chaos.gameday import people_events as people
from chaos.gameday.event_base import Role
from chaos.gameday.events import Event
from chaos.gameday.fold import DayState, Stage
from chaos.gameday.model import GameDay

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?:\+|\b00)\d[\d ()/-]{6,}\d")
_RESERVED = (".example", ".test", ".invalid", "@example.com", "@example.org", "@example.net")  # RFC 2606

# Events of a scenario: they are refused until one has started.
_IN_SCENARIO = (
    people.Noticed,
    people.Acknowledged,
    people.Declared,
    people.DutyTaken,
    people.Escalated,
    people.Answered,
    people.StepTicked,
    people.Decided,
    people.Stuck,
    people.Unstuck,
    people.Mitigated,
    people.Resolved,
    people.MessageSent,
    people.InjectPlayed,
    people.InjectSkipped,
    people.FaultAsked,
    people.ExpectationJudged,
)


def slot_of(kind: type, state: DayState) -> int | None:
    """Position of the scenario to which a new event of ``kind`` belongs; None if there is none.

    Predictions, starts and skips belong to the next scenario, all others to the one that started last.
    """
    if kind in (people.Predicted, people.SlotAsked, people.SlotSkipped):
        return state.next
    return state.current if state.current is not None else state.last_begun


def refusal(event: Event, state: DayState, day: GameDay) -> str:
    """Why ``event`` cannot be entered now, as a text for its author; empty if it can."""
    if event.role not in event.by:
        who = ", ".join(sorted(role.value for role in event.by))
        return f"only these roles can do that: {who}"
    if state.revealed and not isinstance(event, people.NoteAdded | people.Corrected | people.Joined):
        return "the plan was revealed; you can only add notes and corrections"
    if isinstance(event, _IN_SCENARIO) and event.slot is None:
        return "no scenario has started yet"
    if isinstance(event, people.Corrected):
        return _correction(event, state, day)
    if isinstance(event, people.MessageSent):
        return _outgoing(event, day)
    if isinstance(event, people.ExpectationJudged) and event.slot is not None:
        expected = len(day.scenarios[state.order[event.slot]].expectations)
        return "" if event.index < expected else f"the scenario has {expected} expectations"
    return _control(event, state, day)


def _outgoing(event: people.MessageSent, day: GameDay) -> str:
    """Why a message cannot be sent: it lacks the word DRILL, or may contain a real address."""
    if "DRILL" not in event.words:
        return "every outgoing text must contain the word DRILL"
    found = [
        *_EMAIL.findall(f"{event.channel} {event.words}"),
        *_PHONE.findall(f"{event.channel} {event.words}"),
    ]
    real = [one for one in found if one not in day.allow_addresses and not one.lower().endswith(_RESERVED)]
    if real:
        return f"{real[0]} may be a real address: remove it, or list it under allow_addresses in the file"
    return ""


def _control(event: Event, state: DayState, day: GameDay) -> str:
    running = state.stage is Stage.RUNNING
    if isinstance(event, people.Predicted):
        if running:
            return "predictions are sealed while a scenario runs"
        return "" if state.next is not None else "there is no scenario left to predict"
    if isinstance(event, people.SlotAsked | people.DrillAlertAsked) and state.drill_alert_under_way:
        return "the test alert is still running"
    if isinstance(event, people.DrillAlertAsked):
        return "a scenario is running" if running else "the day was aborted" if state.aborted else ""
    if isinstance(event, people.SlotAsked | people.SlotSkipped):
        if running:
            return "a scenario is running"
        if state.aborted:
            return "the day was aborted"
        return "" if state.next is not None else "there is no scenario left"
    if isinstance(event, people.Held):
        return "the day is already on hold" if state.clock.held else ""
    if isinstance(event, people.Continued):
        return "" if state.clock.held else "the day is not on hold"
    if isinstance(event, people.FaultAsked | people.SlotClosed):
        return "" if running else "no scenario is running"
    if isinstance(event, people.Aborted):
        return "the day was already aborted" if state.aborted else ""
    if isinstance(event, people.Revealed):
        return "a scenario is running" if running else ""
    return _inject(event, state, day)


def _inject(event: Event, state: DayState, day: GameDay) -> str:
    if not isinstance(event, people.InjectPlayed | people.InjectSkipped) or event.slot is None:
        return ""
    if event.index is None:
        return ""
    slot = day.scenarios[state.order[event.slot]]
    if event.index >= len(slot.injects):
        return f"the scenario has {len(slot.injects)} injects"
    if event.index in state.slots[event.slot].played:
        return "this inject was already played or skipped"
    return ""


def _correction(event: people.Corrected, state: DayState, day: GameDay) -> str:
    target = next((entry.event for entry in state.entries if entry.event.id == event.target), None)
    if target is None:
        return "the event to correct is unknown"
    if isinstance(target, people.Corrected):
        return "correct the event itself, not its correction"
    if target.role is Role.GAMEDAY or isinstance(target, people.Held | people.Continued | people.Aborted):
        return "an event that gameday itself recorded cannot be corrected"
    if event.role is not Role.FACILITATOR and event.author != target.author:
        return "only its author and the facilitator can correct an event"
    if event.new_at is not None and event.new_at > event.entered:
        return "an event cannot have happened in the future"
    if event.new_at is not None and event.new_at < state.entries[0].event.at:
        return "an event cannot have happened before the game day was opened"
    if isinstance(target, people.MessageSent) and event.new_words is not None:
        return _outgoing(target.model_copy(update={"words": event.new_words}), day)
    return ""
