"""The controls that people used during a run. Each use is an event."""

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
    """The timeline is on hold from now on: gameday injects and undoes nothing, and faults stay in place."""

    event: Literal["run_held"] = "run_held"
    author: str = ""
    reason: str = ""


class RunResumed(TimedEvent):
    """The timeline continues where it was."""

    event: Literal["run_resumed"] = "run_resumed"
    author: str = ""
    reason: str = ""  # why, if it was not a person who resumed it


class InjectedNow(TimedEvent):
    """A person had a planned fault injected before its time. It stays in place as long as planned.

    ``planned``: when it was due, in real seconds of the timeline.
    """

    event: Literal["injected_now"] = "injected_now"
    index: int
    planned: float
    author: str = ""


class NoteWritten(TimedEvent):
    """A remark about the run, such as an observation. ``at``: when it was written."""

    event: Literal["note_written"] = "note_written"
    text: str
    author: str


class ControlRefused(TimedEvent):
    """gameday refused an action that a person asked for. ``reason``: why."""

    event: Literal["control_refused"] = "control_refused"
    action: ControlAction
    reason: str
    author: str = ""


def by(author: str) -> str:
    """``" by NAME"``, to put after a verb; empty without an author."""
    return f" by {author}" if author else ""


def because(reason: str) -> str:
    """``": REASON"``, to put at the end; empty without a reason."""
    return f": {reason}" if reason else ""


@dataclass(frozen=True)
class HeldStretch:
    """One period in which the timeline was on hold. Instants as in the events: in a ``Recording`` on the run
    axis.
    """

    start: float
    end: float
    author: str
    reason: str

    @property
    def seconds(self) -> float:
        return self.end - self.start

    @property
    def words(self) -> str:
        """Who held the run and why, to append to a sentence; "" if neither is known."""
        by = f" by {self.author}" if self.author else ""
        return by + (f" ({self.reason})" if self.reason else "")


def held_stretches(events: Iterable[TimedEvent], until: float) -> tuple[HeldStretch, ...]:
    """Every period on hold, in order. One that was not resumed lasts until the instant ``until``."""
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
    """How many seconds of ``[start, end]`` the timeline was on hold."""
    return sum(max(0.0, min(one.end, end) - max(one.start, start)) for one in stretches)
