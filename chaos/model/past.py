"""Earlier runs, drills and procedures as plain values. ``chaos.history`` fills them; reports show them.

Instants are seconds since the epoch, lengths are seconds, scores 0-100. None: unknown, never zero.
"""

from __future__ import annotations

from enum import StrEnum

from chaos.model.base import Frozen, Instant
from chaos.model.verdict import Outcome


class PastRun(Frozen):
    """One run in a trend."""

    run_id: str
    scenario: str
    began: Instant
    outcome: Outcome
    score: float | None
    certifiable: bool
    recovery: float | None  # seconds from the fault until clients recovered


class Judgement(StrEnum):
    """The result of the regression gate for one run."""

    OK = "ok"
    REGRESSION = "regression"
    NOT_ENOUGH_DATA = "not enough data"


class PastRuns(Frozen):
    """One run and the earlier runs with which it can be compared: same scenario, stack and pace.

    The medians are over the last five of them that count; None if fewer than three have the figure.
    """

    this: PastRun
    earlier: tuple[PastRun, ...]  # oldest first
    median_score: float | None
    median_recovery: float | None
    judgement: Judgement
    statement: str  # one sentence


class PastTier(Frozen):
    """The score of one service tier in a drill. ``score`` None: nothing in the tier was assessed."""

    tier: int
    score: float | None


class PastDrill(Frozen):
    """One drill. ``drill``: its id, unique among all drills."""

    drill: str
    began: Instant
    score: float | None
    grade: str  # "" where none was given
    certifiable: bool
    tiers: tuple[PastTier, ...] = ()
    folder: str = ""  # name of its folder under the reports folder


class Freshness(Frozen):
    """When a procedure was last proven: the end of its last ok run in a run that passed, without --env."""

    procedure: str
    proven: float | None  # None: never
    tried: float | None  # its last run, ok or not; None: never tried
    every_days: int  # the interval in days at which it must be proven
    fresh: bool
    words: str  # "last proven 94 days ago (due every 92 days)", "never proven"
