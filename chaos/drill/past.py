"""How recent the proof of each procedure is, and how this drill compares with earlier ones."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from chaos.drill.parts import Drill
from chaos.model.identity import SubjectKind
from chaos.model.past import Freshness, PastDrill
from chaos.model.verdict import Outcome
from chaos.report import human

SHOWN = 8  # drills in the trend, including this one
NO_EARLIER = "No earlier drill is on record: this is the first, and there is nothing to compare it with."
NOT_WHOLE = (
    "gameday only compares whole drills of the unchanged stack with each other. This is a different drill."
)


class ProofState(StrEnum):
    """Is there a recent proof that a procedure works?"""

    PROVEN = "proven"
    STALE = "stale"
    NEVER = "never"


@dataclass(frozen=True)
class FreshView:
    procedure: str
    state: ProofState
    text: str


@dataclass(frozen=True)
class TrendView:
    """One drill of the trend. ``height``: percent of the chart; None: it had no number."""

    when: str
    total: str
    grade: str
    certifiable: bool
    height: float | None
    here: bool


@dataclass(frozen=True)
class DrillHistoryView:
    fresh: tuple[FreshView, ...]
    trend: tuple[TrendView, ...]  # empty without an earlier drill
    comparison: str


def past_of(drill: Drill, total: float | None, grade: str, certifiable: bool) -> DrillHistoryView:
    """Compare with earlier drills of the same scenarios; a partial drill is not compared."""
    if not drill.earlier.comparable:
        return DrillHistoryView(_fresh(drill), (), NOT_WHOLE)
    earlier = drill.earlier.drills
    trend = [
        _trend(one.began, one.score, one.grade, one.certifiable, here=False) for one in earlier[1 - SHOWN :]
    ]
    if trend:
        trend.append(_trend(drill.at, total, grade, certifiable, here=True))
    comparison = _comparison(earlier[-1], total) if earlier else NO_EARLIER
    return DrillHistoryView(_fresh(drill), tuple(trend), comparison)


def _trend(at: float, total: float | None, grade: str, certifiable: bool, *, here: bool) -> TrendView:
    shown = "–" if total is None else human.points(total)
    return TrendView(human.instant(at)[:10], shown, grade or "–", certifiable, total, here)


def _comparison(before: PastDrill, now: float | None) -> str:
    when = human.instant(before.began)[:10]
    if before.score is None or now is None:
        return f"The drill of {when} and this one cannot be compared: one has no score."
    change = round(now - before.score, 1)
    if not change:
        return f"As many points as in the drill of {when}."
    return (
        f"{human.points(abs(change))} points {'more' if change > 0 else 'fewer'} than in the drill of {when}."
    )


def _fresh(drill: Drill) -> tuple[FreshView, ...]:
    """Procedures of this drill in its order, then others on record; proof in this drill takes precedence."""
    tried: dict[str, list[_ProcedureTrial]] = {}
    for judged in (part.judged for part in drill.parts if part.judged is not None):
        whole = judged.verdict.outcome is Outcome.PASS
        changed = bool(judged.recording.plan.changes)
        for result in judged.verdict.checks:
            if result.subject.kind is SubjectKind.PROCEDURE:
                here = _ProcedureTrial(result.outcome is Outcome.PASS, whole, changed)
                tried.setdefault(result.subject.name, []).append(here)
    before = {one.procedure: one for one in drill.earlier.fresh}
    return tuple(
        _freshness(name, tried.get(name, []), before.get(name)) for name in dict.fromkeys([*tried, *before])
    )


@dataclass(frozen=True)
class _ProcedureTrial:
    """One run of a procedure. ``worked``: it passed; ``whole``: so did its run; ``changed``: by --env."""

    worked: bool
    whole: bool
    changed: bool


def _freshness(name: str, tried: list[_ProcedureTrial], before: Freshness | None) -> FreshView:
    """Proven by a run on the unchanged stack that passed, unless another run showed that it fails."""
    worked = all(one.worked or one.changed for one in tried)
    if worked and any(one.worked and one.whole and not one.changed for one in tried):
        return FreshView(name, ProofState.PROVEN, "proven in this drill")
    here = "was not proven in this drill" if tried else "not in this drill"
    if all(one.worked for one in tried) and tried:
        changed = all(one.changed for one in tried)
        why = "the stack was changed (--env)" if changed else "its run did not pass"
        here = f"worked in this drill, which proves nothing: {why}"
    said = before.words if before is not None else "there is no record of an earlier proof"
    fresh = before is not None and before.fresh and (worked or not tried)
    state = ProofState.NEVER if before is None or before.proven is None else ProofState.STALE
    if fresh:
        state = ProofState.PROVEN
    return FreshView(name, state, f"{here}; {said}")
