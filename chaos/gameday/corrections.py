"""Corrections of earlier events. The journal keeps both events; figures use the corrected values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from chaos.gameday.event_base import WordedEvent
from chaos.gameday.events import Event
from chaos.gameday.people_events import Corrected, Declared


@dataclass(frozen=True)
class CorrectedEvent:
    """One event with its corrections applied.

    ``original``: the event as it was entered; None if it was never corrected. ``void``: a correction says
    that it did not happen. ``corrections``: oldest first.
    """

    event: Event
    original: Event | None = None
    void: bool = False
    corrections: tuple[Corrected, ...] = ()


def corrected(events: Iterable[Event]) -> tuple[CorrectedEvent, ...]:
    """Every event, including the corrections, in the order of entry, with all corrections applied."""
    entries: dict[str, CorrectedEvent] = {}
    for event in events:
        if isinstance(event, Corrected) and event.target in entries:
            entries[event.target] = _apply(entries[event.target], event)
        entries[event.id] = CorrectedEvent(event)
    return tuple(entries.values())


def _apply(entry: CorrectedEvent, correction: Corrected) -> CorrectedEvent:
    event = entry.event
    if correction.new_at is not None:
        event = event.model_copy(update={"at": correction.new_at})
    if correction.new_words is not None and isinstance(event, WordedEvent):
        event = event.model_copy(update={"words": correction.new_words})
    if correction.new_severity is not None and isinstance(event, Declared):
        event = event.model_copy(update={"severity": correction.new_severity})
    return replace(
        entry,
        event=event,
        original=entry.original or entry.event,
        void=correction.void or entry.void,
        corrections=(*entry.corrections, correction),
    )
