"""Events that gameday itself writes: what the scenarios, the faults, the alerts and the clients did."""

from __future__ import annotations

from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from chaos.gameday.event_base import Audience, DayEvent


class FaultState(StrEnum):
    INJECTED = "injected"
    PROVEN = "proven"  # its effect was measured
    REVERTED = "undone"
    LEFT = "undo failed"


class DrillAlertState(StrEnum):
    """How the test alert of the lobby fared on its way through the stack's own Alertmanager."""

    ARRIVED = "arrived"  # once in each of its channels
    MISSING = "missing"  # not in one of them, or in a wrong one
    UNKNOWN = "unknown"  # it could not be sent or read


class DayOpened(DayEvent):
    """The first event. ``slots``: how many scenarios the day has."""

    event: Literal["day_opened"] = "day_opened"
    gameday: str
    title: str
    pace: float = Field(gt=0)
    slots: int = Field(ge=1)
    blind: bool


class DayDrawn(DayEvent):
    """The secret part of the plan. ``order``: numbers of the scenarios in the file, in the order of play.
    ``delays``: production seconds by which each one's faults come later than its file says.
    """

    audience: ClassVar = Audience.CONTROL
    event: Literal["day_drawn"] = "day_drawn"
    seed: int
    order: tuple[int, ...]
    delays: tuple[float, ...]


class ServerStarted(DayEvent):
    """The server was started again for a day that had begun."""

    audience: ClassVar = Audience.CONTROL
    event: Literal["server_started"] = "server_started"


class DrillAlertReported(DayEvent):
    """What came of the test alert. ``channels``: where it arrived. ``seconds``: from sending to reading, in
    real time; None if it was not sent.
    """

    event: Literal["drill_alert_reported"] = "drill_alert_reported"
    state: DrillAlertState
    channels: tuple[str, ...] = ()
    seconds: float | None = None
    detail: str = ""


class SlotStarted(DayEvent):
    """The scenario's run begins. ``title`` is empty in blind mode."""

    event: Literal["slot_started"] = "slot_started"
    title: str = ""


class TimelineBegan(DayEvent):
    """The steady state was reached: the scenario's time counts from here."""

    audience: ClassVar = Audience.CONTROL
    event: Literal["timeline_began"] = "timeline_began"


class FaultChanged(DayEvent):
    audience: ClassVar = Audience.CONTROL
    event: Literal["fault_changed"] = "fault_changed"
    fault: str  # what it is, such as "container.kill api"
    index: int
    state: FaultState
    detail: str = ""


class AlertNotified(DayEvent):
    """An alert as receivers of notifications see it. ``runbook``: its name; empty if the rule has none."""

    event: Literal["alert_notified"] = "alert_notified"
    alert: str
    firing: bool
    severity: str = ""
    summary: str = ""
    runbook: str = ""


class HealthSeen(DayEvent):
    """A health probe changed its answer."""

    event: Literal["health_seen"] = "health_seen"
    probe: str
    ok: bool
    detail: str = ""


class ClientsSeen(DayEvent):
    """How clients were served: answers in the last seconds, share that was not served, 95th percentile in
    seconds; None without one.
    """

    periodic: ClassVar = True
    event: Literal["clients_seen"] = "clients_seen"
    answered: int
    error_rate: float | None = None
    latency_p95: float | None = None


class RunReported(DayEvent):
    """One line of the run for the facilitator, such as a refused command or a note."""

    audience: ClassVar = Audience.CONTROL
    event: Literal["run_reported"] = "run_reported"
    text: str


class SlotEnded(DayEvent):
    """The scenario's run is over and everything is undone."""

    event: Literal["slot_ended"] = "slot_ended"


class SlotJudged(DayEvent):
    """The result of the run. ``folder``: name of the run folder; empty without one. ``score``: 0 to 100;
    None without a number. ``outcome``: PASS, FAIL, INCONCLUSIVE, ABORTED, or empty if it was not judged.
    """

    audience: ClassVar = Audience.CONTROL
    event: Literal["slot_judged"] = "slot_judged"
    outcome: str
    folder: str
    score: float | None = None
    reason: str = ""
    exit_code: int
