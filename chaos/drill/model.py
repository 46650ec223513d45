"""The result of a drill: the scores of its runs, weighted by service tier into one number and a grade."""

from __future__ import annotations

from enum import StrEnum

from chaos.model.base import Frozen
from chaos.model.verdict import Dimension, Outcome, Score

# Tiers 1 to 3 weigh 3, 2, 1. Tier 4, on which production does not depend, weighs half of tier 3: a drill
# shows its result, but it hardly changes the number.
TIER_WEIGHTS: dict[int, float] = {1: 3.0, 2: 2.0, 3: 1.0, 4: 0.5}
NO_TIER_WEIGHT = 1.0  # of a run without a known tier: as for the lowest tier of production


class Grade(StrEnum):
    """A from 90, B from 80, C from 70, D from 60 points, F below."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    F = "F"


class AskedScenario(Frozen):
    """One scenario of a drill. ``score`` None: it left nothing to judge. ``why``: the reason for that, or for
    an aborted run. ``tampered``: its evidence was changed since it was sealed.
    """

    scenario: str
    tier: int | None
    outcome: Outcome | None = None
    score: Score | None = None
    why: str = ""
    tampered: bool = False

    @property
    def missing(self) -> bool:
        """The harness, the machine or the stack broke, or the run was ended from outside: that says nothing
        about the system.
        """
        return self.score is None or self.outcome is Outcome.ABORTED


class RunScore(Frozen):
    """One scenario's part in the drill: its own total, and how many of the drill's 100 points it is worth."""

    scenario: str
    tier: int | None
    outcome: Outcome | None  # None: no verdict
    total: float | None
    certifiable: bool
    worth: float
    why: str = ""


class TierScore(Frozen):
    """``total``: mean of the runs of a tier, with 0 for a run without a score; None: no run has a score."""

    tier: int | None
    weight: float
    total: float | None
    runs: int
    unknown: int


class DrillDimension(Frozen):
    """``percent`` of the points of one dimension, weighted as in the total; None: unknown in all runs."""

    dimension: Dimension
    percent: float | None
    runs: int  # in which it was assessed
    unknown: int  # of those runs, the ones in which it is inconclusive


class DrillLost(Frozen):
    """Points of the drill's total lost for one reason in one scenario; no dimension: the run as a whole."""

    scenario: str
    check: str
    dimension: Dimension | None
    points: float
    reason: str
    fix: str


class DrillScore(Frozen):
    """``total`` is 0-100, None if no run has a number or one is missing. ``cap`` as of a scenario's score,
    every reason. ``missing``: scenarios whose run broke, and why; a drill that misses one has no grade.
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
