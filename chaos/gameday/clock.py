"""Policy time of a game day: a pure function of the holds in its journal and of its pace.

While the day is held, no policy time passes. After a hold everything is exactly as late as the hold was long.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chaos.gameday.events import Event
from chaos.gameday.people_events import Aborted, Continued, Held


@dataclass(frozen=True)
class Hold:
    """One stretch that stood still, in seconds since the epoch; ``end`` None: it is still held."""

    start: float
    end: float | None
    reason: str = ""


@dataclass(frozen=True)
class DayClock:
    """``pace``: how many seconds of policy pass in one real second."""

    pace: float
    holds: tuple[Hold, ...] = ()

    @property
    def held(self) -> bool:
        """Does the day stand still after the last event?"""
        return bool(self.holds) and self.holds[-1].end is None

    def held_between(self, start: float, end: float) -> float:
        """Real seconds of ``[start, end]`` in which the day stood still."""
        return sum(
            max(0.0, min(end if hold.end is None else hold.end, end) - max(hold.start, start))
            for hold in self.holds
        )

    def policy(self, start: float, end: float) -> float:
        """Policy seconds from ``start`` to ``end``, both in seconds since the epoch."""
        return max(0.0, end - start - self.held_between(start, end)) * self.pace

    def due(self, start: float, policy: float) -> float | None:
        """When ``policy`` seconds after ``start`` have passed, in seconds since the epoch.

        None: not before the day goes on, because it is held and they have not passed.
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


def holds_of(events: Iterable[Event]) -> tuple[Hold, ...]:
    """The stretches that stood still. An abort ends the last one."""
    found: list[Hold] = []
    since: Held | None = None
    for event in events:
        if isinstance(event, Held) and since is None:
            since = event
        elif isinstance(event, Continued | Aborted) and since is not None:
            found.append(Hold(since.entered, event.entered, since.words))
            since = None
    if since is not None:
        found.append(Hold(since.entered, None, since.words))
    return tuple(found)
