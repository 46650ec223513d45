"""What changed from one run to another. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

from chaos.history.gate import keyed
from chaos.history.rows import RunRow
from chaos.model.base import Frozen
from chaos.model.verdict import Outcome


class Change(Frozen):
    """One number in both runs. ``difference`` is after minus before, ``percent`` of the one before; None
    where one of the two is not known (``percent`` also where the one before is 0).
    """

    name: str
    unit: str
    before: float | None
    after: float | None
    difference: float | None
    percent: float | None


class CheckChange(Frozen):
    """One check's outcome in both; None: it was not asked in that run."""

    check: str
    title: str
    before: Outcome | None
    after: Outcome | None

    @property
    def changed(self) -> bool:
        return self.before is not self.after


class MeasureChange(Change):
    check: str
    title: str


class Side(Frozen):
    """One of the two runs."""

    run_id: str
    scenario: str
    stack: str
    pace: float
    variables: str
    began: float
    outcome: Outcome
    certifiable: bool
    git_commit: str | None
    folder: str


class Comparison(Frozen):
    """``unlike`` names what makes the two no runs of one experiment; the numbers stand all the same."""

    before: Side
    after: Side
    unlike: tuple[str, ...]
    score: Change
    took: Change
    dimensions: tuple[Change, ...]
    checks: tuple[CheckChange, ...]
    measures: tuple[MeasureChange, ...]


def compare(before: RunRow, after: RunRow) -> Comparison:
    """Every figure of either run; what only one of them has stands beside a None."""
    points = [{str(part.dimension): part.points for part in run.dimensions} for run in (before, after)]
    checks = [{(one.check, one.title): one.outcome for one in run.checks} for run in (before, after)]
    measures = [keyed(run) for run in (before, after)]
    return Comparison(
        before=_side(before),
        after=_side(after),
        unlike=tuple(
            f"{name}: {was} and {now}"
            for name in ("scenario", "stack", "pace", "variables")
            if (was := getattr(before, name) or "none") != (now := getattr(after, name) or "none")
        ),
        score=change("score", "points", before.score, after.score),
        took=change("took", "s", before.took, after.took),
        dimensions=tuple(
            change(name, "points", points[0].get(name), points[1].get(name)) for name in _both(*points)
        ),
        checks=tuple(
            CheckChange(check=key[0], title=key[1], before=checks[0].get(key), after=checks[1].get(key))
            for key in _both(*checks)
        ),
        measures=tuple(
            MeasureChange(
                check=key[0],
                title=key[1],
                **change(
                    key[2],
                    next(side[key].unit for side in reversed(measures) if key in side),
                    measures[0][key].value if key in measures[0] else None,
                    measures[1][key].value if key in measures[1] else None,
                ).model_dump(),
            )
            for key in _both(*measures)
        ),
    )


def change(name: str, unit: str, before: float | None, after: float | None) -> Change:
    """The difference, and what it is of the one before."""
    difference = None if before is None or after is None else after - before
    percent = None if difference is None or not before else 100.0 * difference / abs(before)
    return Change(name=name, unit=unit, before=before, after=after, difference=difference, percent=percent)


K = TypeVar("K", bound=Hashable)


def _both(before: Mapping[K, object], after: Mapping[K, object]) -> list[K]:
    return list(dict.fromkeys([*after, *before]))


def _side(run: RunRow) -> Side:
    return Side(**{name: getattr(run, name) for name in Side.model_fields})
