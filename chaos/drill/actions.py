"""Turns lost points into action items. Owner, due date and re-test date are left blank."""

from __future__ import annotations

from dataclasses import dataclass

from chaos.drill.model import DrillLost, DrillScore
from chaos.drill.score import CAP
from chaos.report import human

CAPPED = 0  # no action of its own: the action items of its reasons fix a cap
NO_FIX = "Look at the evidence in the run's own report and decide what to do."


@dataclass(frozen=True)
class DrillLossView:
    """One reason. ``action``: number of the action item that fixes it; 0: see ``CAPPED``."""

    points: str
    reason: str
    where: str  # scenarios, dimension, checks
    action: int


@dataclass(frozen=True)
class ActionView:
    number: int
    fix: str
    points: str
    scenarios: str


@dataclass(frozen=True)
class Actions:
    lost: tuple[DrillLossView, ...]
    items: tuple[ActionView, ...]


def actions_of(score: DrillScore) -> Actions:
    """Most points first. A reason in several scenarios is listed once, and a fix is one action item."""
    by_reason: dict[tuple[str, str], list[DrillLost]] = {}
    by_fix: dict[str, list[DrillLost]] = {}
    for one in score.lost:
        fix = "" if one.check == CAP else one.fix or NO_FIX
        by_reason.setdefault((one.reason or one.check, fix), []).append(one)
        if fix:
            by_fix.setdefault(fix, []).append(one)
    fixes = sorted(by_fix, key=lambda fix: -_points(by_fix[fix]))
    reasons = sorted(by_reason, key=lambda key: -_points(by_reason[key]))
    return Actions(
        lost=tuple(
            DrillLossView(
                points=_shown(_points(by_reason[key])),
                reason=key[0],
                where=_where(by_reason[key]),
                action=fixes.index(key[1]) + 1 if key[1] else CAPPED,
            )
            for key in reasons
        ),
        items=tuple(
            ActionView(number, fix, _shown(_points(by_fix[fix])), ", ".join(_names(by_fix[fix])))
            for number, fix in enumerate(fixes, 1)
        ),
    )


def _points(lost: list[DrillLost]) -> float:
    return sum(one.points for one in lost)


def _shown(points: float) -> str:
    """Rounded to a tenth; a smaller loss still shows as 0.1."""
    return "< 0.1" if points < 0.1 else human.points(points)


def _names(lost: list[DrillLost]) -> list[str]:
    return list(dict.fromkeys(one.scenario for one in lost))


def _where(lost: list[DrillLost]) -> str:
    dimensions = dict.fromkeys(str(one.dimension) for one in lost if one.dimension is not None)
    checks = dict.fromkeys(one.check for one in lost if one.check not in ("", CAP, *dimensions))
    said = [", ".join(_names(lost)), ", ".join(dimensions), ", ".join(checks)]
    return " · ".join(words for words in said if words)
