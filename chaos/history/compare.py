"""Compares two runs. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import TypeVar

from chaos.history.gate import keyed, numbered
from chaos.history.rows import CheckRow, MeasureRow, RunRow
from chaos.model.base import Frozen
from chaos.model.identity import ResultKey, Subject
from chaos.model.verdict import AnyUnit, Outcome, Unit


class Change(Frozen):
    """One figure in both runs, in ``unit``.

    ``difference``: ``after`` minus ``before``. ``percent``: the difference in percent of ``before``. Both are
    None if either figure is unknown; ``percent`` is also None if ``before`` is 0.
    """

    name: str
    unit: AnyUnit
    before: float | None
    after: float | None
    difference: float | None
    percent: float | None


class CheckChange(Frozen):
    """The outcome of one result in both runs. None: that run does not have the result."""

    check: str
    key: ResultKey
    subject: Subject
    title: str
    before: Outcome | None
    after: Outcome | None

    @property
    def changed(self) -> bool:
        return self.before is not self.after


class MeasureChange(Change):
    """One measure in both runs. ``title``: of its result; ``name``: the label of the measure."""

    check: str
    title: str


class Side(Frozen):
    """One of the two runs. ``began``: seconds since the epoch. ``folder``: its name in the reports folder."""

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
    """Two runs beside each other.

    ``unlike``: how the experiments differ, one text for each of scenario, stack, pace and variables. The
    figures are compared even if they differ. ``score``: points, 0 to 100. ``took``: seconds.
    """

    schema_version: int = 1
    before: Side
    after: Side
    unlike: tuple[str, ...]
    score: Change
    took: Change
    dimensions: tuple[Change, ...]
    checks: tuple[CheckChange, ...]
    measures: tuple[MeasureChange, ...]


def compare(before: RunRow, after: RunRow) -> Comparison:
    """Compare every figure that either run has. A figure that the other run does not have is None there."""
    points = [{str(part.dimension): part.points for part in run.dimensions} for run in (before, after)]
    checks = [numbered(run.checks, lambda one: (one.key, one.subject)) for run in (before, after)]
    measures = [keyed(run) for run in (before, after)]
    return Comparison(
        before=_side(before),
        after=_side(after),
        unlike=tuple(
            f"{name}: {was} and {now}"
            for name in ("scenario", "stack", "pace", "variables")
            if (was := getattr(before, name) or "none") != (now := getattr(after, name) or "none")
        ),
        score=change("score", Unit.POINTS, before.score, after.score),
        took=change("took", Unit.SECONDS, before.took, after.took),
        dimensions=tuple(
            change(name, Unit.POINTS, points[0].get(name), points[1].get(name)) for name in _both(*points)
        ),
        checks=tuple(_check_change(checks[0].get(key), checks[1].get(key)) for key in _both(*checks)),
        measures=tuple(
            _measure_change(measures[0].get(key), measures[1].get(key)) for key in _both(*measures)
        ),
    )


def _check_change(before: CheckRow | None, after: CheckRow | None) -> CheckChange:
    """One of the two may be None. The title is that of ``after``, if there is one."""
    shown = after or before
    assert shown is not None
    return CheckChange(
        check=shown.check,
        key=shown.key,
        subject=shown.subject,
        title=shown.title,
        before=None if before is None else before.outcome,
        after=None if after is None else after.outcome,
    )


def _measure_change(before: MeasureRow | None, after: MeasureRow | None) -> MeasureChange:
    """One of the two may be None. Title and label are those of ``after``, if there is one."""
    shown = after or before
    assert shown is not None
    values = (None if before is None else before.value, None if after is None else after.value)
    return MeasureChange(
        check=shown.check, title=shown.title, **change(shown.label, shown.unit, *values).model_dump()
    )


def change(name: str, unit: AnyUnit, before: float | None, after: float | None) -> Change:
    """Compute the difference and the percentage of one figure. None: unknown."""
    difference = None if before is None or after is None else after - before
    percent = None if difference is None or not before else 100.0 * difference / abs(before)
    return Change(name=name, unit=unit, before=before, after=after, difference=difference, percent=percent)


K = TypeVar("K", bound=Hashable)


def _both(before: Mapping[K, object], after: Mapping[K, object]) -> list[K]:
    return list(dict.fromkeys([*after, *before]))


def _side(run: RunRow) -> Side:
    return Side(**{name: getattr(run, name) for name in Side.model_fields})
