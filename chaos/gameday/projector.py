"""Projections that read only the new events of the journal, so that many open pages cost little."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from chaos.gameday.event_base import Role
from chaos.gameday.events import Event
from chaos.gameday.fold import DayState, fold
from chaos.gameday.people_events import Revealed
from chaos.gameday.projections import Viewer, shown_to


@dataclass
class Projector:
    """The events that one viewer may see.

    ``version`` is ``p-N``, or ``r-N`` once the viewer sees all events. N is the number of visible events, so
    it reveals nothing about hidden ones.
    """

    viewer: Viewer
    _read: int = 0
    _open: bool = False
    _shown: dict[str, Event] = field(default_factory=dict)
    _state: tuple[int, DayState] | None = None

    def feed(self, events: Sequence[Event]) -> None:
        """Read the events since the last call. ``events``: the whole journal."""
        new = events[self._read :]
        if not self._open and (
            self.viewer.role is Role.FACILITATOR
            or self.viewer.sees_all
            or any(isinstance(event, Revealed) for event in new)
        ):
            self._open = True
            self._shown = {event.id: event for event in events}
            self._state = None
        for event in new:
            if self._open:
                self._shown[event.id] = event
                continue
            seen = shown_to(event, self.viewer, self._shown)
            if seen is not None:
                self._shown[event.id] = seen
        self._read = len(events)

    @property
    def events(self) -> tuple[Event, ...]:
        """The visible events, in the order of entry."""
        return tuple(self._shown.values())

    @property
    def version(self) -> str:
        return f"{'r' if self._open else 'p'}-{len(self._shown)}"

    def since(self, version: str) -> tuple[Event, ...] | None:
        """The visible events after ``version``; None if the page must be reloaded."""
        epoch, _, count = version.partition("-")
        number = int(count) if count.isascii() and count.isdigit() and len(count) < 10 else None
        if epoch != ("r" if self._open else "p") or number is None or number > len(self._shown):
            return None
        return self.events[number:]

    def state(self) -> DayState:
        """The fold of the visible events."""
        if self._state is None or self._state[0] != len(self._shown):
            self._state = (len(self._shown), fold(self.events))
        return self._state[1]
