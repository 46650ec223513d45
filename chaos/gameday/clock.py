"""Policy time of a game day, computed from its pace and from the holds in its journal. Pure.

No policy time passes while the day is on hold. A hold therefore delays everything by its own length.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chaos.gameday.events import Event
from chaos.gameday.people_events import Aborted, Continued, Held


@dataclass(frozen=True)
class DayHold:
    """One hold. ``start`` and ``end`` are seconds since the epoch; ``end`` None: the day is still on hold."""

    start: float
    end: float | None
    reason: str = ""


@dataclass(frozen=True)
class DayClock:
    """Converts between real time and policy time. ``pace``: policy seconds in one real second."""

    pace: float
    holds: tuple[DayHold, ...] = ()

    @property
    def held(self) -> bool:
        """Is the day on hold after the last event?"""
        return bool(self.holds) and self.holds[-1].end is None

    def held_between(self, start: float, end: float) -> float:
        """Real seconds on hold between ``start`` and ``end``, both in seconds since the epoch."""
        return sum(
            max(0.0, min(end if hold.end is None else hold.end, end) - max(hold.start, start))
            for hold in self.holds
        )

    def policy(self, start: float, end: float) -> float:
        """Policy seconds between two instants in seconds since the epoch; 0 if ``end`` comes first."""
        return max(0.0, end - start - self.held_between(start, end)) * self.pace

    def due(self, start: float, policy: float) -> float | None:
        """When ``policy`` seconds have passed since ``start``, in seconds since the epoch.

        None if the day is on hold and they have not passed: the instant depends on when the hold ends.
        """
        left = policy / self.pace
        here = start
        for hold in self.holds:
            if hold.end is not None and hold.end <= here:
                continue
            until = max(hold.start, here)
            if until - here >= left:
                return here + left
            left -= until - here
            if hold.end is None:
                return None
            here = hold.end
        return here + left


def holds_of(events: Iterable[Event]) -> tuple[DayHold, ...]:
    """The holds, oldest first. A hold ends when the day continues or is aborted."""
    found: list[DayHold] = []
    since: Held | None = None
    for event in events:
        if isinstance(event, Held) and since is None:
            since = event
        elif isinstance(event, Continued | Aborted) and since is not None:
            found.append(DayHold(since.entered, event.entered, since.words))
            since = None
    if since is not None:
        found.append(DayHold(since.entered, None, since.words))
    return tuple(found)
