"""The score: the share of the assessed points that was proven (docs/adr, score)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chaos.model.verdict import (
    WEIGHTS,
    Cap,
    CheckResult,
    Dimension,
    DimensionScore,
    LostPoints,
    Mark,
    Outcome,
    Score,
)

_RECOVERY_UNPROVEN = Cap(reason="recovery was not proven", rank=2)


@dataclass(frozen=True)
class _Marked:
    check: str
    mark: Mark


def score(results: Sequence[CheckResult]) -> Score:
    """Score of the results of one run.

    A dimension is assessed if it has a mark. Its points are the mean of its marks times its weight; one
    unknown mark makes it inconclusive: it then earns nothing, but its weight stays in the divisor.
    So the total, 100 x points / assessed weight, is what was proven, and missing data can only lower it.
    """
    marks = {
        d: [_Marked(r.check, m) for r in results for m in r.marks if m.dimension is d] for d in Dimension
    }
    dimensions = tuple(_dimension(d, marks[d]) for d in Dimension)
    asked = sum(d.weight for d in dimensions if marks[d.dimension])
    earned = [d.points for d in dimensions if d.points is not None]
    total = round(100.0 * sum(earned) / asked, 1) if earned else None
    cap = _cap(results)
    if total is not None and cap is not None:
        total = min(total, cap.at)
    return Score(
        total=total,
        certifiable=bool(earned)
        and not any(d.inconclusive for d in dimensions)
        and not any(result.outcome is Outcome.INCONCLUSIVE for result in results),
        cap=None if cap is None else cap.at,
        cap_reason="" if cap is None else cap.reason,
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

    In an inconclusive dimension the unknown marks also cost what the known marks would have earned.
    """
    scale = 100.0 * dimension.weight / asked / len(marks) if marks else 0.0
    unknown = sum(marked.mark.fraction is None for marked in marks)
    unearned = sum(marked.mark.fraction or 0.0 for marked in marks) / unknown if unknown else 0.0
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


def _cap(results: Sequence[CheckResult]) -> Cap | None:
    """The lowest cap that any result sets; among several, the one with the lowest rank.

    An unproven recovery also sets a cap: otherwise losing the record of a failure would remove the cap.
    """
    caps = [result.cap for result in results if result.cap is not None]
    if any(m.dimension is Dimension.RECOVERY and m.fraction is None for r in results for m in r.marks):
        caps.append(_RECOVERY_UNPROVEN)
    return min(caps, key=lambda cap: (cap.at, cap.rank), default=None)
