"""The number: what was proven of what was asked (docs/adr, score)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chaos.checks.data import CHECK as DATA
from chaos.checks.data import lost_beyond_rpo
from chaos.checks.recovery import CHECK as RECOVERY
from chaos.checks.recovery import never_recovered
from chaos.checks.steady_state import AFTER
from chaos.model.verdict import (
    WEIGHTS,
    CheckResult,
    Dimension,
    DimensionScore,
    LostPoints,
    Mark,
    Outcome,
    Score,
)

NO_RECOVERY_CAP = 39.0  # also of data lost beyond the RPO


@dataclass(frozen=True)
class _Marked:
    check: str
    mark: Mark


def score(results: Sequence[CheckResult]) -> Score:
    """Score of the results of one run.

    A dimension is asked if it has a mark. Its points are the mean of its marks times its weight; one mark
    that could not be told makes it inconclusive: it then earns nothing while its weight stays in the divisor.
    So the total, 100 x points / weight asked, is what was proven, and missing data can only lower it.
    """
    marks = {
        d: [_Marked(r.check, m) for r in results for m in r.marks if m.dimension is d] for d in Dimension
    }
    dimensions = tuple(_dimension(d, marks[d]) for d in Dimension)
    asked = sum(d.weight for d in dimensions if marks[d.dimension])
    earned = [d.points for d in dimensions if d.points is not None]
    total = round(100.0 * sum(earned) / asked, 1) if earned else None
    cap_reason = _cap_reason(results)
    cap = NO_RECOVERY_CAP if cap_reason else None
    if total is not None and cap is not None:
        total = min(total, cap)
    return Score(
        total=total,
        certifiable=bool(earned)
        and not any(d.inconclusive for d in dimensions)
        and not any(result.outcome is Outcome.INCONCLUSIVE for result in results),
        cap=cap,
        cap_reason=cap_reason,
        dimensions=dimensions,
        lost=tuple(lost for d in dimensions for lost in _lost(d, marks[d.dimension], asked)),
    )


def _dimension(dimension: Dimension, marks: list[_Marked]) -> DimensionScore:
    weight = WEIGHTS[dimension]
    fractions = [marked.mark.fraction for marked in marks]
    known = [fraction for fraction in fractions if fraction is not None]
    if not fractions or len(known) < len(fractions):
        return DimensionScore(dimension=dimension, weight=weight, points=None, inconclusive=bool(fractions))
    return DimensionScore(
        dimension=dimension, weight=weight, points=round(weight * sum(known) / len(known), 6)
    )


def _lost(dimension: DimensionScore, marks: list[_Marked], asked: int) -> list[LostPoints]:
    """Every lost point of one dimension, in points of the total before any cap.

    In an inconclusive dimension what the told marks would have earned is lost through those not told.
    """
    scale = 100.0 * dimension.weight / asked / len(marks) if marks else 0.0
    untold = sum(marked.mark.fraction is None for marked in marks)
    unearned = sum(marked.mark.fraction or 0.0 for marked in marks) / untold if untold else 0.0
    lost = []
    for marked in marks:
        fraction = marked.mark.fraction
        share = 1.0 + unearned if fraction is None else 1.0 - fraction
        if share > 0:
            lost.append(
                LostPoints(
                    check=marked.check,
                    dimension=dimension.dimension,
                    points=round(scale * share, 2),
                    reason=marked.mark.reason,
                    fix=marked.mark.fix,
                )
            )
    return lost


def _cap_reason(results: Sequence[CheckResult]) -> str:
    """No recovery caps the number, and so does data lost beyond the RPO; and so do either that nobody can
    tell of: were it otherwise, losing the record of a loss would lift the cap.

    Where recovery is expected it decides; else the steady state does, which may also miss a lingering alert.
    """
    if any(lost_beyond_rpo(result) for result in results):
        return "acknowledged writes were lost beyond the RPO"
    if any(never_recovered(result) for result in results):
        return "clients were not well again"
    if any(m.dimension is Dimension.RECOVERY and m.fraction is None for r in results for m in r.marks):
        return "recovery was not proven"
    if any(m.fraction is None for r in results if r.check == DATA.name for m in r.marks):
        return "that no acknowledged write was lost was not proven"
    asked = any(result.check == RECOVERY.name for result in results)
    if not asked and any(r.title == AFTER and r.outcome is Outcome.FAIL for r in results):
        return "the steady state did not come back"
    return ""
