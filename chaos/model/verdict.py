"""The result of judging a run: outcomes, evidence, marks and the score."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from enum import IntEnum, StrEnum
from typing import Annotated, TypeAlias

from pydantic import Field

from chaos.errors import ExitCode
from chaos.model.base import Frozen
from chaos.model.identity import EvidenceKind, MeasureKey, ResultKey, Subject


class Outcome(StrEnum):
    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    ABORTED = "ABORTED"  # of a verdict only: a guardrail tripped, or the run was interrupted


WORST_FIRST = (Outcome.FAIL, Outcome.ABORTED, Outcome.INCONCLUSIVE, Outcome.PASS)


def worst_outcome(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome of several runs together; INCONCLUSIVE without a run."""
    return min(outcomes, key=WORST_FIRST.index, default=Outcome.INCONCLUSIVE)


OUTCOME_EXIT = {
    Outcome.PASS: ExitCode.PASS,
    Outcome.FAIL: ExitCode.FAIL,
    Outcome.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
    Outcome.ABORTED: ExitCode.INCONCLUSIVE,
}


class Dimension(StrEnum):
    """The dimensions of the score. ``WEIGHTS`` has their weights."""

    DETECTION = "detection"
    CONTAINMENT = "containment"
    RECOVERY = "recovery"
    DATA = "data"
    HYGIENE = "hygiene"


WEIGHTS: dict[Dimension, int] = {
    Dimension.DETECTION: 25,
    Dimension.CONTAINMENT: 25,
    Dimension.RECOVERY: 20,
    Dimension.DATA: 20,
    Dimension.HYGIENE: 10,
}


class Evidence(Frozen):
    """One fact of the recording that supports a result.

    ``at``: seconds since the run began; None for the whole run. ``ids``: what it is about, see ``kind``.
    """

    text: str
    at: float | None = None
    kind: EvidenceKind = EvidenceKind.FACT
    ids: tuple[str, ...] = ()


class Unit(StrEnum):
    """The units of gameday's own figures. Files and reports contain the value."""

    SECONDS = "s"
    SHARE = "share"  # 0 to 1; a larger share is better
    REQUESTS = "requests"
    NUMBER = ""  # the label says what is counted
    POINTS = "points"  # of the score


AnyUnit: TypeAlias = Annotated[Unit | str, Field(union_mode="left_to_right")]
"""One of gameday's own units, or what a check of another package counts, such as ``MB``."""


class Measure(Frozen):
    """A measured figure and its limit, both in ``unit``.

    ``label``: for people. ``part`` distinguishes figures of one key, such as the steps of a procedure.
    ``value`` None: unknown. ``limit`` None: no limit.
    """

    key: MeasureKey
    label: str
    value: float | None
    unit: AnyUnit = Unit.SECONDS
    limit: float | None = None
    note: str = ""
    part: str = ""


class Mark(Frozen):
    """The mark in one dimension. ``fraction``: share of full marks, 0 to 1; None: unknown."""

    dimension: Dimension
    fraction: float | None
    reason: str = ""  # why points were lost
    fix: str = ""  # what to do about it


class Distance(IntEnum):
    """How far a result is from the cause of a failure.

    The reason of a verdict names the nearest result, which explains the others.
    """

    PRECONDITION = 0  # without it nothing was tested
    MEANS = 1  # what a recovery needs, such as a backup
    FAULT = 2
    ANSWER = 3  # what an operator did about the fault
    SYMPTOM = 4
    AFTERMATH = 5  # what follows from a symptom


CAP = 39.0  # of 100 points: in the range of the lowest grade (docs/adr/0007-score.md)


class Cap(Frozen):
    """An upper bound of the whole score, and the reason. Of several caps the lowest ``at`` applies, then the
    lowest ``rank``.
    """

    reason: str
    rank: int = 9
    at: float = CAP


class CheckResult(Frozen):
    """One result of a check. ``key`` and ``subject`` identify it; the texts are for people."""

    check: str  # the kind's name
    key: ResultKey
    subject: Subject
    title: str  # with its subject: "alert api_down fires"
    outcome: Outcome
    expected: str
    actual: str
    evidence: tuple[Evidence, ...] = ()
    measures: tuple[Measure, ...] = ()
    marks: tuple[Mark, ...] = ()
    distance: Distance = Distance.SYMPTOM
    cap: Cap | None = None

    def measure(self, key: MeasureKey) -> Measure | None:
        """The first measure with this key; None without one."""
        return next((measure for measure in self.measures if measure.key == key), None)


class DimensionScore(Frozen):
    """The score of one dimension: ``points`` of ``weight``. ``points`` is None if no check gave a mark (not
    assessed) or a mark is unknown (``inconclusive``).
    """

    dimension: Dimension
    weight: int
    points: float | None
    inconclusive: bool = False


class LostPoints(Frozen):
    check: str
    dimension: Dimension
    points: float
    reason: str
    fix: str


class Score(Frozen):
    """``total``: 0 to 100 over the assessed dimensions; None if there are none. ``certifiable``: no dimension
    is inconclusive. ``lost``: why points were lost.
    """

    total: float | None
    certifiable: bool
    cap: float | None = None
    cap_reason: str = ""
    dimensions: tuple[DimensionScore, ...] = ()
    lost: tuple[LostPoints, ...] = ()


VERDICT_VERSION = 2  # 2: results have keys and subjects


class Verdict(Frozen):
    """The results of all checks of one run, and the score. Stored as verdict.json; a pure function of the
    recording.
    """

    schema_version: int = VERDICT_VERSION
    scenario: str
    outcome: Outcome
    reason: str  # one sentence: why this outcome
    score: Score
    checks: tuple[CheckResult, ...]
    # Ids of the earlier runs on the same stack. Left out of verdict.json if there are none, so that the files
    # of runs that start their own stack stay as they were.
    warm_after: tuple[str, ...] = Field(default=(), exclude_if=operator.not_)
