"""What a judge says: outcomes, evidence, marks and the score (DESIGN: verdict and score)."""

from __future__ import annotations

from enum import StrEnum

from chaos.errors import ExitCode
from chaos.model.base import Frozen


class Outcome(StrEnum):
    PASS = "PASS"
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    ABORTED = "ABORTED"  # of a verdict only: a guardrail tripped, or the run was interrupted


OUTCOME_EXIT = {
    Outcome.PASS: ExitCode.PASS,
    Outcome.FAIL: ExitCode.FAIL,
    Outcome.INCONCLUSIVE: ExitCode.INCONCLUSIVE,
    Outcome.ABORTED: ExitCode.INCONCLUSIVE,
}


class Dimension(StrEnum):
    """The parts of the score and their weights: detection 25, containment 25, recovery 20, data 20,
    hygiene 10.
    """

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
    """One fact of the recording that a result rests on.

    ``at`` is seconds since the run began, None for the whole run.
    """

    text: str
    at: float | None = None


class Measure(Frozen):
    """A measured figure beside what was asked of it. ``limit`` is the target; None where there is none."""

    name: str
    value: float | None
    unit: str = "s"
    limit: float | None = None
    note: str = ""


class Mark(Frozen):
    """Points of one dimension: ``fraction`` of full marks in 0..1, None when it could not be told."""

    dimension: Dimension
    fraction: float | None
    reason: str = ""  # why points were lost
    fix: str = ""  # what to do about it


class CheckResult(Frozen):
    """What one check says of a recording."""

    check: str  # the kind's name
    title: str  # with its subject: "alert api_down fires within 5m"
    outcome: Outcome
    expected: str
    actual: str
    evidence: tuple[Evidence, ...] = ()
    measures: tuple[Measure, ...] = ()
    marks: tuple[Mark, ...] = ()


class DimensionScore(Frozen):
    """``points`` of ``weight``; both None-like states are explicit: not assessed (no marks), inconclusive
    (a None mark).
    """

    dimension: Dimension
    weight: int
    points: float | None  # None: not assessed, or inconclusive
    inconclusive: bool = False


class LostPoints(Frozen):
    check: str
    dimension: Dimension
    points: float
    reason: str
    fix: str


class Score(Frozen):
    """``total`` is 0-100 over the assessed dimensions, None if there are none; any inconclusive part: not
    certifiable.
    """

    total: float | None
    certifiable: bool
    cap: float | None = None
    cap_reason: str = ""
    dimensions: tuple[DimensionScore, ...] = ()
    lost: tuple[LostPoints, ...] = ()


class Verdict(Frozen):
    """The merged checks of one run. Stored as verdict.json; a pure function of the recording."""

    schema_version: int = 1
    scenario: str
    outcome: Outcome
    reason: str  # one sentence: why this outcome
    score: Score
    checks: tuple[CheckResult, ...]
