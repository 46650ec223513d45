"""Events that gameday itself writes, about scenarios, faults, alerts and clients."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from chaos.gameday.event_base import MOST_SCENARIOS, Audience, DayEvent
from chaos.model.base import FolderName
from chaos.timing import FASTEST_PACE, SLOWEST_PACE


class FaultState(StrEnum):
    """The latest step of one fault."""

    INJECTED = "injected"
    PROVEN = "proven"  # its effect was measured
    REVERTED = "undone"
    LEFT = "undo failed"


class DrillAlertState(StrEnum):
    """The result of the lobby's test alert, which goes through the stack's own Alertmanager."""

    ARRIVED = "arrived"  # once in each of its channels
    MISSING = "missing"  # not in each of its channels, or in a wrong one
    UNKNOWN = "unknown"  # gameday could not send it, or could not read a channel


class DayOpened(DayEvent):
    """The first event. ``pace``: policy seconds in one real second. ``slots``: number of scenarios."""

    event: Literal["day_opened"] = "day_opened"
    gameday: str
    title: str
    pace: float = Field(ge=SLOWEST_PACE, le=FASTEST_PACE)
    slots: int = Field(ge=1, le=MOST_SCENARIOS)
    blind: bool


class DayDrawn(DayEvent):
    """The secret part of the plan.

    ``order``: numbers of the scenarios in the file, from 0, in the order of play. ``delays``: production
    seconds by which the faults of each scenario come later than its file says, in the order of the file.
    """

    audience: ClassVar = Audience.CONTROL
    event: Literal["day_drawn"] = "day_drawn"
    seed: int
    order: tuple[int, ...]
    delays: tuple[float, ...]


class ServerStarted(DayEvent):
    """The server restarted with the journal of a day that was already open."""

    audience: ClassVar = Audience.CONTROL
    event: Literal["server_started"] = "server_started"


class DrillAlertReported(DayEvent):
    """The result of the test alert. ``channels``: where it arrived. ``seconds``: real seconds from sending it
    to reading it; None if it was not sent.
    """

    event: Literal["drill_alert_reported"] = "drill_alert_reported"
    state: DrillAlertState
    channels: tuple[str, ...] = ()
    seconds: float | None = None
    detail: str = ""


class SlotStarted(DayEvent):
    """The run of the scenario starts. ``title`` is empty in blind mode."""

    event: Literal["slot_started"] = "slot_started"
    title: str = ""


class TimelineBegan(DayEvent):
    """The run reached the steady state. Times of the scenario count from this event."""

    audience: ClassVar = Audience.CONTROL
    event: Literal["timeline_began"] = "timeline_began"


class FaultChanged(DayEvent):
    """A fault reached a new state. ``index``: its number in the scenario's timeline, from 0."""

    audience: ClassVar = Audience.CONTROL
    event: Literal["fault_changed"] = "fault_changed"
    fault: str  # what it is, such as "container.kill api"
    index: int
    state: FaultState
    detail: str = ""


class AlertNotified(DayEvent):
    """An alert started or stopped firing. ``runbook``: name of its runbook; empty if the rule has none."""

    event: Literal["alert_notified"] = "alert_notified"
    alert: str
    firing: bool
    severity: str = ""
    summary: str = ""
    runbook: str = ""


class HealthSeen(DayEvent):
    """The result of a health probe, or the state of a breaker, changed."""

    event: Literal["health_seen"] = "health_seen"
    probe: str
    ok: bool
    detail: str = ""


class ClientsSeen(DayEvent):
    """The load's requests of the last seconds. ``answered``: number that were answered or failed.

    ``error_rate``: share that was not served, 0 to 1. ``latency_p95``: seconds. None if there is no figure.
    """

    periodic: ClassVar = True
    event: Literal["clients_seen"] = "clients_seen"
    answered: int
    error_rate: float | None = None
    latency_p95: float | None = None


class RunReported(DayEvent):
    """A message from the run to the facilitator, such as a refused command."""

    audience: ClassVar = Audience.CONTROL
    event: Literal["run_reported"] = "run_reported"
    text: str


class SlotEnded(DayEvent):
    """The scenario is over. Its run has ended; ``SlotJudged`` has the result."""

    event: Literal["slot_ended"] = "slot_ended"


class SlotJudged(DayEvent):
    """The result of the run. ``outcome``: PASS, FAIL, INCONCLUSIVE or ABORTED; empty if it was not judged.

    ``folder``: name of the run folder; empty if there is none. ``score``: 0 to 100; None if there is none.
    """

    audience: ClassVar = Audience.CONTROL
    event: Literal["slot_judged"] = "slot_judged"
    outcome: str
    folder: FolderName
    score: float | None = None
    reason: str = ""
    exit_code: int
