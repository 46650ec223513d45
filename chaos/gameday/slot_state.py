"""The state of one scenario of the day. ``chaos.gameday.fold`` computes it."""

from __future__ import annotations

from dataclasses import dataclass, field

from chaos.gameday.event_base import DayEvent
from chaos.gameday.machine_events import (
    AlertNotified,
    ClientsSeen,
    FaultChanged,
    FaultState,
    HealthSeen,
    SlotJudged,
)
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
    """Is ``sent`` the template ``name`` or one of its states, such as ``status_page_resolved``?"""
    return sent == name or sent.startswith(f"{name}_")


@dataclass(frozen=True)
class StuckStretch:
    """A time in which ``author`` was stuck, in seconds since the epoch. ``end`` None: still stuck."""

    author: str
    missing: Missing
    start: float
    end: float | None = None
    words: str = ""


@dataclass(frozen=True)
class SlotState:
    """The state of one scenario. ``position``: in the order of play, from 0.

    Instants are seconds since the epoch. None: it did not happen, or the viewer may not see it.
    """

    position: int
    title: str = ""
    started: float | None = None
    zero: float | None = None  # when the timeline began: times of the scenario count from here
    ended: float | None = None
    skipped: bool = False
    closed: bool = False  # the facilitator ended it early
    judged: SlotJudged | None = None
    faults: tuple[FaultChanged, ...] = ()
    alerts: tuple[AlertNotified, ...] = ()
    health: dict[str, HealthSeen] = field(default_factory=dict)  # by probe; the last reading
    clients: tuple[ClientsSeen, ...] = ()
    predictions: dict[str, Predicted] = field(default_factory=dict)  # by author; the last one counts
    noticed: Noticed | None = None  # the first one; so also ``acknowledged`` to ``resolved``
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
    played: frozenset[int] = frozenset()  # indexes of injects that were played or skipped
    skipped_injects: frozenset[int] = frozenset()  # indexes
    asked_expectations: dict[int, ExpectationJudged] = field(default_factory=dict)  # by index; the last one

    @property
    def running(self) -> bool:
        """Has the scenario started and not ended?"""
        return self.started is not None and self.ended is None

    @property
    def firing(self) -> frozenset[str]:
        """Names of the alerts whose last notification says that they fire."""
        last = {alert.alert: alert.firing for alert in self.alerts}
        return frozenset(name for name, firing in last.items() if firing)

    def after_fault(self, event: DayEvent) -> bool:
        """Can ``event`` be about the fault? Not if it happened before the first one.

        True for all events as long as no fault is known: none was injected, or the viewer may not see it.
        """
        return self.broken is None or event.at >= self.broken

    @property
    def fired(self) -> tuple[AlertNotified, ...]:
        """The alerts that fired, in order, without those that fired before the first fault."""
        return tuple(alert for alert in self.alerts if alert.firing and self.after_fault(alert))

    @property
    def first_alert(self) -> AlertNotified | None:
        """The first of ``fired``; None before it."""
        return next(iter(self.fired), None)

    @property
    def human(self) -> float | None:
        """When a person first noticed or acknowledged a problem, after the first fault; None before that."""
        events = (self.noticed, self.acknowledged)
        return min((event.at for event in events if event and self.after_fault(event)), default=None)

    @property
    def detected(self) -> float | None:
        """The earlier instant of ``first_alert`` and ``human``; None before both."""
        machine = self.first_alert.at if self.first_alert else None
        return min((at for at in (machine, self.human) if at is not None), default=None)

    @property
    def severity(self) -> Declared | None:
        """The last declaration; None before the first."""
        return self.declarations[-1] if self.declarations else None

    @property
    def broken(self) -> float | None:
        """When the first fault was injected; None before it."""
        return min((fault.at for fault in self.faults if fault.state is FaultState.INJECTED), default=None)

    @property
    def undone(self) -> float | None:
        """When the last fault was undone; None before that, and while any fault is in place."""
        ends = [fault.at for fault in self.faults if fault.state is FaultState.REVERTED]
        begun = {fault.index for fault in self.faults if fault.state is FaultState.INJECTED}
        over = {fault.index for fault in self.faults if fault.state is FaultState.REVERTED}
        return max(ends) if ends and begun <= over else None
