"""What is known of one scenario of the day. Made by ``chaos.gameday.fold``."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaos.gameday.machine_events import AlertNotified, ClientsSeen, FaultChanged, HealthSeen, SlotJudged
from chaos.gameday.people_events import (
    Acknowledged,
    Answered,
    Decided,
    Declared,
    DutyTaken,
    Escalated,
    ExpectationJudged,
    InjectPlayed,
    MessageSent,
    Missing,
    Mitigated,
    Noticed,
    Predicted,
    Resolved,
    StepTicked,
)


def is_template(sent: str, name: str) -> bool:
    """Is ``sent`` the template ``name``, or a state of it, such as ``status_page_resolved`` of
    ``status_page``?
    """
    return sent == name or sent.startswith(f"{name}_")


@dataclass(frozen=True)
class StuckStretch:
    """Somebody could not go on. Seconds since the epoch; ``end`` None: still stuck."""

    author: str
    missing: Missing
    start: float
    end: float | None = None
    words: str = ""


@dataclass(frozen=True)
class SlotState:
    """One scenario, by its position in the order of play. Instants are seconds since the epoch; None: it did
    not happen, or the viewer may not know it yet.
    """

    position: int
    title: str = ""
    started: float | None = None
    zero: float | None = None  # the scenario's time counts from here
    ended: float | None = None
    skipped: bool = False
    closed: bool = False  # the facilitator asked for its end
    judged: SlotJudged | None = None
    faults: tuple[FaultChanged, ...] = ()
    alerts: tuple[AlertNotified, ...] = ()
    health: dict[str, HealthSeen] = field(default_factory=dict)
    clients: tuple[ClientsSeen, ...] = ()
    predictions: dict[str, Predicted] = field(default_factory=dict)  # by author; the last one counts
    noticed: Noticed | None = None  # the first of each
    acknowledged: Acknowledged | None = None
    declared: Declared | None = None
    declarations: tuple[Declared, ...] = ()
    duties: tuple[DutyTaken, ...] = ()
    escalated: Escalated | None = None
    answered: Answered | None = None
    steps: tuple[StepTicked, ...] = ()
    decisions: tuple[Decided, ...] = ()
    stuck: tuple[StuckStretch, ...] = ()
    mitigated: Mitigated | None = None
    resolved: Resolved | None = None
    messages: tuple[MessageSent, ...] = ()
    cards: tuple[InjectPlayed, ...] = ()
    played: frozenset[int] = frozenset()  # injects that were played or skipped
    skipped_injects: frozenset[int] = frozenset()
    asked_expectations: dict[int, ExpectationJudged] = field(default_factory=dict)  # the last one counts

    @property
    def running(self) -> bool:
        """Is its run going on?"""
        return self.started is not None and self.ended is None

    @property
    def firing(self) -> frozenset[str]:
        """Alerts whose last notification says firing."""
        last = {alert.alert: alert.firing for alert in self.alerts}
        return frozenset(name for name, firing in last.items() if firing)

    @property
    def first_alert(self) -> AlertNotified | None:
        return next((alert for alert in self.alerts if alert.firing), None)

    @property
    def detected(self) -> float | None:
        """When the first alert fired or a person noticed something, whichever was first."""
        instants = [event.at for event in (self.first_alert, self.noticed, self.acknowledged) if event]
        return min(instants, default=None)

    @property
    def severity(self) -> Declared | None:
        """The last declaration."""
        return self.declarations[-1] if self.declarations else None

    @property
    def broken(self) -> float | None:
        """When the first fault was injected."""
        return min((fault.at for fault in self.faults if fault.state == "injected"), default=None)

    @property
    def undone(self) -> float | None:
        """When the last fault was undone; None while one is in place."""
        ends = [fault.at for fault in self.faults if fault.state == "undone"]
        begun = {fault.index for fault in self.faults if fault.state == "injected"}
        over = {fault.index for fault in self.faults if fault.state == "undone"}
        return max(ends) if ends and begun <= over else None
