"""What people did to a run while it went on: each use of a control is an event."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from chaos.timeline.event_base import TimedEvent


class ControlAction(StrEnum):
    ABORT = "abort"
    HOLD = "hold"
    RESUME = "resume"
    INJECT_NOW = "inject now"
    NOTE = "note"


class RunHeld(TimedEvent):
    """From now on the timeline stands still: nothing is injected or undone, and faults stay in place."""

    event: Literal["run_held"] = "run_held"
    author: str = ""
    reason: str = ""


class RunResumed(TimedEvent):
    """The timeline goes on where it stood."""

    event: Literal["run_resumed"] = "run_resumed"
    author: str = ""
    reason: str = ""  # why, if it was not a person


class InjectedNow(TimedEvent):
    """A planned fault was asked for before its time. It stays in place as long as was planned.

    ``planned``: seconds of the timeline at which it was due.
    """

    event: Literal["injected_now"] = "injected_now"
    index: int
    planned: float
    author: str = ""


class NoteWritten(TimedEvent):
    """A remark that is kept with the run, such as an observation. ``at``: when it was written."""

    event: Literal["note_written"] = "note_written"
    text: str
    author: str


class ControlRefused(TimedEvent):
    """An action that was asked for and not done, and why."""

    event: Literal["control_refused"] = "control_refused"
    action: ControlAction
    reason: str
    author: str = ""


@dataclass(frozen=True)
class HeldStretch:
    """One stretch in which the timeline stood still. Wall clock."""

    start: float
    end: float
    author: str
    reason: str

    @property
    def seconds(self) -> float:
        return self.end - self.start

    @property
    def words(self) -> str:
        """Who held it and why, to be put behind a sentence; "" if neither is known."""
        by = f" by {self.author}" if self.author else ""
        return by + (f" ({self.reason})" if self.reason else "")


def held_stretches(events: Iterable[TimedEvent], until: float) -> tuple[HeldStretch, ...]:
    """Every stretch in order. One that was never resumed lasts ``until`` (wall clock): the run's teardown."""
    found: list[HeldStretch] = []
    since: RunHeld | None = None
    for event in events:
        if isinstance(event, RunHeld) and since is None:
            since = event
        elif isinstance(event, RunResumed) and since is not None:
            found.append(HeldStretch(since.at, event.at, since.author, since.reason))
            since = None
    if since is not None:
        found.append(HeldStretch(since.at, max(since.at, until), since.author, since.reason))
    return tuple(found)


def held_between(stretches: Iterable[HeldStretch], start: float, end: float) -> float:
    """Seconds of ``[start, end]``, wall clock, in which the timeline stood still."""
    return sum(max(0.0, min(one.end, end) - max(one.start, start)) for one in stretches)
