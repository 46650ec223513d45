"""What the console needs to run scenarios. A test passes runs that need no engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from chaos.gameday.event_base import DayEvent
from chaos.gameday.machine_events import DrillAlertState


@dataclass(frozen=True)
class Fact:
    """Something that a run did: the kind of event, when (seconds since the epoch), and its fields."""

    kind: type[DayEvent]
    at: float
    fields: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class RunResult:
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
    """Sends a test alert through the real path of notifications."""

    async def sound(self) -> AlarmResult:
        """Returns when it arrived everywhere, or waited long enough. Raises nothing but a cancellation, after
        which nothing of it is left.
        """
        ...


class RunHandle(Protocol):
    """Steers one run. Each call returns at once; ``wait`` returns when everything is undone."""

    def hold(self, reason: str, author: str) -> None: ...

    def resume(self, author: str) -> None: ...

    def inject_now(self, author: str) -> None: ...

    def abort(self, reason: str, author: str) -> None: ...

    async def wait(self) -> RunResult: ...


class Runs(Protocol):
    """Starts the runs of a day. ``emit`` may be called from any thread."""

    def start(self, scenario: int, delay: float, emit: Callable[[Fact], None]) -> RunHandle:
        """``scenario``: its number in the game-day file. ``delay``: production seconds by which its faults
        come later.
        """
        ...
