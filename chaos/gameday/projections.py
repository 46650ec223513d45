"""What each participant may see: a filter over events.

Every page, stream and report is made only from the events that its viewer may see. So none of them can show
a fault before the reveal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chaos.gameday.event_base import Audience, Role
from chaos.gameday.events import EVENT, Event
from chaos.gameday.people_events import ControlEvent, Corrected, InjectPlayed, NoteAdded, Revealed

HIDDEN_KEY = "-"  # replaces every key: gameday's own keys contain the numbers of the injects


@dataclass(frozen=True)
class Viewer:
    """One viewer. ``sees_all``: an observer in a game day whose file sets ``observers_see_all``."""

    name: str
    role: Role
    sees_all: bool = False


def projection(events: Iterable[Event], viewer: Viewer) -> tuple[Event, ...]:
    """The events that ``viewer`` may see now, without their hidden parts, in the order of entry."""
    known = tuple(events)
    if viewer.role is Role.FACILITATOR or viewer.sees_all or _is_revealed(known):
        return known
    shown: dict[str, Event] = {}
    for event in known:
        seen = shown_to(event, viewer, shown)
        if seen is not None:
            shown[event.id] = seen
    return tuple(shown.values())


def shown_to(event: Event, viewer: Viewer, shown: Mapping[str, Event]) -> Event | None:
    """``event`` as a participant sees it before the reveal; None if it is hidden.

    ``shown``: id -> event, for the events before it that the participant sees.
    """
    if not _visible(event, viewer, shown):
        return None
    if isinstance(event, Corrected) and isinstance(shown[event.target], ControlEvent):
        event = event.model_copy(update={"words": "", "new_words": None})  # its target shows no reason either
    shown_event = event.without_secrets().model_copy(update={"key": HIDDEN_KEY})
    return EVENT.validate_python(shown_event.model_dump())


def _is_revealed(events: Iterable[Event]) -> bool:
    """Has the facilitator revealed the plan?"""
    return any(isinstance(event, Revealed) for event in events)


def _visible(event: Event, viewer: Viewer, shown: Mapping[str, Event]) -> bool:
    if isinstance(event, Corrected):
        return event.target in shown
    if isinstance(event, NoteAdded) and event.private:
        return event.author == viewer.name
    if event.audience is Audience.CONTROL:
        return False
    if event.audience is Audience.OWN:
        return event.author == viewer.name and event.role is viewer.role
    if isinstance(event, InjectPlayed):
        return not event.to or viewer.role in event.to
    return True
