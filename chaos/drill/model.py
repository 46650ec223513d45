"""What a drill says: the scores of its runs weighted by service tier into one number and a grade."""

from __future__ import annotations

from enum import StrEnum

from chaos.model.base import Frozen
from chaos.model.verdict import Dimension, Outcome, Score

# Tiers 1 to 3 weigh 3, 2, 1. Tier 4, nothing that production rests on, weighs half of the last of them: a
# drill that rehearses it shall show it, and it shall hardly move the number.
TIER_WEIGHTS: dict[int, float] = {1: 3.0, 2: 2.0, 3: 1.0, 4: 0.5}
NO_TIER_WEIGHT = 1.0  # of a run that no tier is known of: as the lowest tier of production


class Grade(StrEnum):
    """A from 90, B from 80, C from 70, D from 60 points, F below."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    F = "F"


class Asked(Frozen):
    """One scenario that a drill was asked to run. ``score`` None: it left nothing to judge. ``why``: of that,
    and of a run that was aborted.
    """

    scenario: str
    tier: int | None
    outcome: Outcome | None = None
    score: Score | None = None
    why: str = ""

    @property
    def missing(self) -> bool:
        """The harness, the machine or the stack broke, or it was ended from outside: that says nothing
        about the system.
        """
        return self.score is None or self.outcome is Outcome.ABORTED


class RunScore(Frozen):
    """One scenario's part of the drill: its own total, and the points of the drill's 100 that it is worth."""

    scenario: str
    tier: int | None
    outcome: Outcome | None  # None: no verdict
    total: float | None
    certifiable: bool
    worth: float
    why: str = ""


class TierScore(Frozen):
    """``total``: mean of the runs of a tier, a run without a score counts 0; None: no run has one."""

    tier: int | None
    weight: float
    total: float | None
    runs: int
    unknown: int


class DrillDimension(Frozen):
    """``percent`` of the points of one dimension, weighted as in the total; None: unknown in all runs."""

    dimension: Dimension
    percent: float | None
    runs: int  # in which it was asked
    unknown: int  # of them, those in which it is inconclusive


class DrillLost(Frozen):
    """Points of the drill's total that one reason in one scenario cost; no dimension: the run as a whole."""

    scenario: str
    check: str
    dimension: Dimension | None
    points: float
    reason: str
    fix: str


class DrillScore(Frozen):
    """``total`` is 0-100, None if no run has a number or one is missing. ``cap`` as of a scenario's score,
    every reason. ``missing``: scenarios whose run broke, and why: a drill that lacks one has no grade.
    """

    total: float | None
    grade: Grade | None
    certifiable: bool
    cap: float | None = None
    cap_reasons: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    tiers: tuple[TierScore, ...] = ()
    dimensions: tuple[DrillDimension, ...] = ()
    runs: tuple[RunScore, ...] = ()
    lost: tuple[DrillLost, ...] = ()
