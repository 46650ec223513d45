"""What the console needs to run scenarios. Tests pass runs that need no engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from chaos.gameday.event_base import DayEvent
from chaos.gameday.machine_events import DrillAlertState


@dataclass(frozen=True)
class RunFact:
    """Something that a run did. ``kind``: of the event. ``at``: seconds since the epoch. ``fields``: of the
    event.
    """

    kind: type[DayEvent]
    at: float
    fields: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class SlotResult:
    """The result of a run, as in ``SlotJudged``."""

    outcome: str
    folder: str
    score: float | None
    reason: str
    exit_code: int


@dataclass(frozen=True)
class AlarmResult:
    """The result of a test alert, as in ``DrillAlertReported``."""

    state: DrillAlertState
    channels: tuple[str, ...] = ()
    seconds: float | None = None
    detail: str = ""


class Alarm(Protocol):
    """Sends a test alert through the real notification path."""

    async def sound(self) -> AlarmResult:
        """Send the alert. Returns when it has arrived in every channel, or its deadline has passed.

        Raises only ``CancelledError``; the alert is then removed.
        """
        ...


class RunHandle(Protocol):
    """Controls one run. ``wait`` returns when everything is undone; the other calls return at once."""

    def hold(self, reason: str, author: str) -> None: ...

    def resume(self, author: str) -> None: ...

    def inject_now(self, author: str) -> None: ...

    def abort(self, reason: str, author: str) -> None: ...

    async def wait(self) -> SlotResult: ...


class RunStarter(Protocol):
    """Starts the runs of a day."""

    def start(self, scenario: int, delay: float, emit: Callable[[RunFact], None]) -> RunHandle:
        """Start one run. ``scenario``: its index in the game-day file. ``delay``: production seconds by which
        its faults come later. ``emit`` gets every fact, from any thread.
        """
        ...
