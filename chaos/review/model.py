"""The input and the result of a review. Instants are seconds since the epoch."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from chaos.findings import Finding
from chaos.gameday.clock import DayClock
from chaos.gameday.debrief import SlotDebrief
from chaos.history import RunRow
from chaos.model.base import Frozen
from chaos.model.incidents import Incident

_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Month:
    """One calendar month in UTC."""

    year: int
    month: int

    @classmethod
    def read(cls, text: str) -> Month:
        """``2026-11``. Raises ``ValueError`` for anything else."""
        found = _MONTH.fullmatch(text)
        if found is None:
            raise ValueError(f"expected a month such as 2026-11, got {text[:40]!r}")
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of(cls, instant: float) -> Month:
        at = datetime.fromtimestamp(instant, UTC)
        return cls(at.year, at.month)

    @property
    def before(self) -> Month:
        return Month(self.year - (self.month == 1), (self.month - 2) % 12 + 1)

    @property
    def start(self) -> float:
        return datetime(self.year, self.month, 1, tzinfo=UTC).timestamp()

    @property
    def end(self) -> float:
        """The first instant of the next month."""
        return datetime(self.year + self.month // 12, self.month % 12 + 1, 1, tzinfo=UTC).timestamp()

    def __str__(self) -> str:
        return f"{self.year}-{self.month:02d}"


@dataclass(frozen=True)
class DayRecord:
    """One game day that was played."""

    name: str
    began: float
    clock: DayClock
    slots: tuple[SlotDebrief, ...]


@dataclass(frozen=True)
class PostMortemFile:
    """``record``: its subject, such as ``incident INC-...``. ``drill``: the subject was an exercise.

    ``complete``: every section is present and filled in.
    """

    name: str
    record: str
    drill: bool
    complete: bool
    late: bool


@dataclass(frozen=True)
class Records:
    """All records. ``incidents`` and ``findings`` are None if no such list exists.

    ``watched``: from when to when a detector looked for incidents. ``left_out``: what could not be read, each
    with the reason.
    """

    incidents: tuple[Incident, ...] | None = None
    watched: tuple[tuple[float, float], ...] = ()
    runs: tuple[RunRow, ...] = ()
    days: tuple[DayRecord, ...] = ()
    findings: tuple[Finding, ...] | None = None
    post_mortems: tuple[PostMortemFile, ...] = ()
    left_out: tuple[str, ...] = ()


class FigureKey(StrEnum):
    """What a figure measures (incident guide, "Metrics to track")."""

    COUNT = "count"
    FREQUENCY = "frequency"
    DETECT = "mttd"
    RECOVER = "mttr"
    ACCURACY = "alert_accuracy"
    RUNBOOK = "runbook_usage"
    ESCALATION = "escalation_rate"
    COMMUNICATION = "communication_delay"
    ON_TIME = "communication_on_time"
    POST_MORTEMS = "post_mortems_complete"
    ACTIONS = "action_items_closed"
    RTO = "rto_adherence"
    RPO = "rpo_adherence"
    RESTORES = "procedures_worked"


class ReviewUnit(StrEnum):
    NUMBER = "number"
    SECONDS = "s"
    SHARE = "share"
    PER_WEEK = "per week"


class ReviewFigure(Frozen):
    """``value`` None: not enough data. ``of``: how many records it is computed from; ``records``: their
    kind. ``before``: the value of the previous month.
    """

    key: FigureKey
    label: str
    value: float | None
    unit: ReviewUnit
    of: int
    records: str
    note: str = ""
    before: float | None = None


class ReviewPart(Frozen):
    """Real incidents, or exercises. ``severities`` and ``recurring``: cells of tables."""

    title: str
    figures: tuple[ReviewFigure, ...]
    severities: tuple[tuple[str, ...], ...] = ()
    recurring: tuple[tuple[str, ...], ...] = ()


class Review(Frozen):
    """``end``: of the month, or now if it is not over. ``findings``: overdue and recurring ones."""

    schema_version: int = 1
    month: str
    start: float
    end: float
    whole: bool
    incidents: ReviewPart
    exercises: ReviewPart
    open_findings: int | None
    findings: tuple[tuple[str, ...], ...] = ()
    left_out: tuple[str, ...] = ()
