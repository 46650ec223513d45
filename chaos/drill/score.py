"""One number for several runs: the scores of the scenarios, weighted by the tier of what they break. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chaos.drill.model import (
    NO_TIER_WEIGHT,
    TIER_WEIGHTS,
    AskedScenario,
    DrillDimension,
    DrillLost,
    DrillScore,
    Grade,
    RunScore,
    TierScore,
)
from chaos.model.verdict import CAP as CAPPED_AT
from chaos.model.verdict import Dimension, Outcome

BOUNDS = ((90.0, Grade.A), (80.0, Grade.B), (70.0, Grade.C), (60.0, Grade.D))
CAP = "cap"  # points that a cap took and no check did: fixing the reason for the cap restores them
RUN_AGAIN = (
    "Find out why, fix it, and complete the drill (gameday drill --resume): a missing run proves nothing."
)


@dataclass(frozen=True)
class _Weighed:
    """One scenario with its share of the drill, 0..1; the shares of all add up to 1."""

    asked: AskedScenario
    share: float

    @property
    def total(self) -> float:
        """Its proven points: 0 without a score."""
        score = self.asked.score
        return score.total if score is not None and score.total is not None else 0.0


def grade_of(total: float) -> Grade:
    return next((grade for bound, grade in BOUNDS if total >= bound), Grade.F)


def drill_score(asked: Sequence[AskedScenario]) -> DrillScore:
    """Score of a drill from all of its scenarios (docs/adr, drill score).

    A tier's score is the mean of its runs, the total the mean of the tiers weighted by ``TIER_WEIGHTS``. The
    cap of any run is the cap of the drill. A drill with a missing run, because it broke or was ended, has
    neither total nor grade: a broken harness says nothing about the system.
    """
    runs = _weighed(asked)
    numbers = [run for run in runs if run.asked.score is not None and run.asked.score.total is not None]
    uncapped = sum(run.share * run.total for run in runs)
    missing = tuple(_missing(run.asked) for run in runs if run.asked.missing)
    reasons = tuple(reason for run in runs if (reason := _cap_reason(run.asked))) if not missing else ()
    cap = CAPPED_AT if reasons else None
    total = None
    if numbers and not missing:
        total = round(uncapped if cap is None else min(uncapped, cap), 1)
    return DrillScore(
        total=total,
        grade=None if total is None else grade_of(total),
        certifiable=bool(runs) and all(_certifiable(run.asked) for run in runs),
        cap=cap,
        cap_reasons=reasons,
        missing=missing,
        tiers=_tiers(runs),
        dimensions=tuple(_dimension(dimension, runs) for dimension in Dimension),
        runs=tuple(_run(run) for run in runs),
        lost=_lost(runs, uncapped, total, reasons),
    )


def _weight(tier: int | None) -> float:
    return NO_TIER_WEIGHT if tier is None else TIER_WEIGHTS[tier]


def _weighed(asked: Sequence[AskedScenario]) -> list[_Weighed]:
    counts: dict[int | None, int] = {}
    for one in asked:
        counts[one.tier] = counts.get(one.tier, 0) + 1
    whole = sum(_weight(tier) for tier in counts)
    return [_Weighed(one, _weight(one.tier) / counts[one.tier] / whole) for one in asked]


def _certifiable(asked: AskedScenario) -> bool:
    """Changed evidence proves nothing, even if someone asked for a report of it all the same."""
    if asked.score is None or asked.tampered:
        return False
    return asked.score.certifiable and asked.outcome in (Outcome.PASS, Outcome.FAIL)


def _missing(asked: AskedScenario) -> str:
    return f"{asked.scenario}: {asked.why or 'it left no recording that can be judged'}"


def _cap_reason(asked: AskedScenario) -> str:
    if asked.score is None or asked.score.cap is None:
        return ""
    return f"{asked.scenario}: {asked.score.cap_reason}"


def _run(run: _Weighed) -> RunScore:
    one = run.asked
    return RunScore(
        scenario=one.scenario,
        tier=one.tier,
        outcome=one.outcome if one.score is not None else None,
        total=one.score.total if one.score is not None else None,
        certifiable=_certifiable(one),
        worth=round(100 * run.share, 2),
        why=one.why,
    )


def _tiers(runs: Sequence[_Weighed]) -> tuple[TierScore, ...]:
    """The most critical tier first, runs without a known tier last."""
    tiers = sorted({run.asked.tier for run in runs}, key=lambda tier: (tier is None, tier or 0))
    return tuple(_tier(tier, [run for run in runs if run.asked.tier == tier]) for tier in tiers)


def _tier(tier: int | None, runs: Sequence[_Weighed]) -> TierScore:
    scored = [run for run in runs if run.asked.score is not None and run.asked.score.total is not None]
    return TierScore(
        tier=tier,
        weight=_weight(tier),
        total=round(sum(run.total for run in scored) / len(runs), 1) if scored else None,
        runs=len(runs),
        unknown=len(runs) - len(scored),
    )


def _dimension(dimension: Dimension, runs: Sequence[_Weighed]) -> DrillDimension:
    """A run without a verdict counts as unknown in each dimension that another run assessed."""
    asked = [
        (run.share, part)
        for run in runs
        if run.asked.score is not None
        for part in run.asked.score.dimensions
        if part.dimension is dimension and (part.points is not None or part.inconclusive)
    ]
    lost = [run.share for run in runs if run.asked.score is None] if asked else []
    known = [(share, part.points / part.weight) for share, part in asked if part.points is not None]
    whole = sum(share for share, _ in asked) + sum(lost)
    return DrillDimension(
        dimension=dimension,
        percent=round(100 * sum(share * fraction for share, fraction in known) / whole, 1) if known else None,
        runs=len(asked) + len(lost),
        unknown=len(asked) - len(known) + len(lost),
    )


def _lost(
    runs: Sequence[_Weighed], uncapped: float, total: float | None, reasons: Sequence[str]
) -> tuple[DrillLost, ...]:
    """Where points were lost, most first; the sum is 100 minus the total, up to rounding."""
    lost = [one for run in runs for one in _lost_of(run)]
    if total is not None and reasons and uncapped > CAPPED_AT:
        why = f"the whole drill is capped at {CAPPED_AT:g}: see the reasons for the cap"
        lost.append(_whole("the drill", uncapped - total, why, "", CAP))
    return tuple(sorted((one for one in lost if one.points > 0), key=lambda one: -one.points))


def _lost_of(run: _Weighed) -> Iterable[DrillLost]:
    name, score = run.asked.scenario, run.asked.score
    if score is None:
        why = f"not run to its end: {run.asked.why or 'it left no recording that can be judged'}"
        yield _whole(name, 100 * run.share, why, RUN_AGAIN)
        return
    if not score.lost and score.total is None:
        yield _whole(name, 100 * run.share, "nothing was assessed", RUN_AGAIN)
        return
    for part in score.lost:
        yield DrillLost(
            scenario=name,
            check=part.check,
            dimension=part.dimension,
            points=round(part.points * run.share, 2),
            reason=part.reason,
            fix=part.fix,
        )
    beyond = 100 - sum(part.points for part in score.lost) - run.total
    if score.cap is not None and beyond > 0.1:  # more than the rounding of the parts
        yield _whole(name, beyond * run.share, f"capped at {score.cap:g}: {score.cap_reason}", "", CAP)


def _whole(scenario: str, points: float, reason: str, fix: str, check: str = "") -> DrillLost:
    return DrillLost(
        scenario=scenario, check=check, dimension=None, points=round(points, 2), reason=reason, fix=fix
    )
