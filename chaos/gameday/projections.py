"""What each participant may see: a filter over events. A page, a stream or a report for somebody is made of
the events that ``projection`` returns and of nothing else, so a fault cannot show before the reveal.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chaos.gameday.event_base import Audience, Role
from chaos.gameday.events import EVENT, Event
from chaos.gameday.people_events import ControlSaid, Corrected, InjectPlayed, NoteAdded, Revealed

HIDDEN_KEY = "-"  # keys of gameday number the injects


@dataclass(frozen=True)
class Viewer:
    """Whoever looks. ``sees_all``: an observer to whom the facilitator shows everything."""

    name: str
    role: Role
    sees_all: bool = False


def projection(events: Iterable[Event], viewer: Viewer) -> tuple[Event, ...]:
    """The events that ``viewer`` may know now, without what they hide, in their order."""
    known = tuple(events)
    if viewer.role is Role.FACILITATOR or viewer.sees_all or is_revealed(known):
        return known
    shown: dict[str, Event] = {}
    for event in known:
        seen = shown_to(event, viewer, shown)
        if seen is not None:
            shown[event.id] = seen
    return tuple(shown.values())


def shown_to(event: Event, viewer: Viewer, shown: Mapping[str, Event]) -> Event | None:
    """``event`` as a participant sees it before the reveal; None: hidden. ``shown``: what was seen so far."""
    if not _visible(event, viewer, shown):
        return None
    if isinstance(event, Corrected) and isinstance(shown[event.target], ControlSaid):
        event = event.model_copy(update={"words": "", "new_words": None})  # as its target: without the reason
    shown_event = event.without_secrets().model_copy(update={"key": HIDDEN_KEY})
    return EVENT.validate_python(shown_event.model_dump())


def is_revealed(events: Iterable[Event]) -> bool:
    """Has the facilitator shown the plan to everybody?"""
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
