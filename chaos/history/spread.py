"""Several runs of one scenario: the distribution of each measure and the rate of each outcome. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import sqrt
from statistics import fmean, median, stdev

from chaos.history.gate import keyed
from chaos.history.rows import RunRow
from chaos.model.base import Frozen
from chaos.model.identity import MeasureKey, ResultKey, Subject
from chaos.model.verdict import WORST_FIRST, AnyUnit, Outcome

# Student's t, two-sided 95 %, by degrees of freedom from 1 on (NIST/SEMATECH e-Handbook, 1.3.6.7.2). For more
# than 30 degrees of freedom, the normal distribution is close enough.
_T: tuple[float, ...] = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)
_NORMAL = 1.960


class Interval(Frozen):
    """A 95 % confidence interval."""

    low: float
    high: float


class Spread(Frozen):
    """The distribution of one figure, in its unit. ``number``: of values.

    ``interval``: 95 % confidence interval of the mean; None for a single value.
    """

    number: int
    least: float
    median: float
    mean: float
    most: float
    interval: Interval | None


class OutcomeRate(Frozen):
    """An outcome of ``number`` out of ``of`` runs. ``interval``: of the rate, 0 to 1 (Wilson)."""

    outcome: Outcome
    number: int
    of: int
    interval: Interval


class MeasureSpread(Frozen):
    """One measure over all runs of a scenario.

    ``title``, ``label``, ``unit`` and ``limit``: of the last run that has it. ``spread`` None: no run has a
    value. ``unknown``: number of runs without a value, or
    whose result is inconclusive.
    """

    key: ResultKey
    subject: Subject
    measure: MeasureKey
    part: str
    title: str
    label: str
    unit: AnyUnit
    limit: float | None
    spread: Spread | None
    unknown: int


class RepeatedScenario(Frozen):
    """All runs of one scenario at one pace and with the same variables. ``runs``: their ids."""

    scenario: str
    pace: float
    runs: tuple[str, ...]
    outcomes: tuple[OutcomeRate, ...]
    measures: tuple[MeasureSpread, ...]


def spread_of(values: Sequence[float]) -> Spread | None:
    """The distribution of ``values``; None if there are none."""
    if not values:
        return None
    mean, number = fmean(values), len(values)
    interval = None
    if number > 1:
        half = (_T[number - 2] if number - 2 < len(_T) else _NORMAL) * stdev(values) / sqrt(number)
        interval = Interval(low=mean - half, high=mean + half)
    return Spread(
        number=number,
        least=min(values),
        median=median(values),
        mean=mean,
        most=max(values),
        interval=interval,
    )


def rate_of(outcome: Outcome, number: int, of: int) -> OutcomeRate:
    """The rate of an outcome. ``of`` must be at least 1.

    The interval is Wilson's, which is also valid for 0 of N and N of N and for few runs.
    """
    share, square = number / of, _NORMAL**2
    middle = (share + square / (2 * of)) / (1 + square / of)
    half = _NORMAL / (1 + square / of) * sqrt(share * (1 - share) / of + square / (4 * of**2))
    interval = Interval(low=max(0.0, middle - half), high=min(1.0, middle + half))
    return OutcomeRate(outcome=outcome, number=number, of=of, interval=interval)


def repeated(rows: Iterable[RunRow]) -> tuple[RepeatedScenario, ...]:
    """The scenarios with at least two runs at the same pace and with the same variables, in row order."""
    groups: dict[tuple[str, float, str], list[RunRow]] = {}
    for row in rows:
        groups.setdefault((row.scenario, row.pace, row.variables), []).append(row)
    return tuple(_scenario(group) for group in groups.values() if len(group) > 1)


def _scenario(rows: Sequence[RunRow]) -> RepeatedScenario:
    outcomes = [row.outcome for row in rows]
    seen = [outcome for outcome in WORST_FIRST if outcome in outcomes]
    return RepeatedScenario(
        scenario=rows[0].scenario,
        pace=rows[0].pace,
        runs=tuple(row.run_id for row in rows),
        outcomes=tuple(rate_of(one, outcomes.count(one), len(rows)) for one in seen),
        measures=tuple(_measures(rows)),
    )


def _measures(rows: Sequence[RunRow]) -> Iterable[MeasureSpread]:
    measured = [keyed(row) for row in rows]
    for key, any_one in {key: one for run in measured for key, one in run.items()}.items():
        values = [value for run in measured if (one := run.get(key)) and (value := one.proven) is not None]
        yield MeasureSpread(
            key=any_one.key,
            subject=any_one.subject,
            measure=any_one.measure,
            part=any_one.part,
            title=any_one.title,
            label=any_one.label,
            unit=any_one.unit,
            limit=any_one.limit,
            spread=spread_of(values),
            unknown=len(rows) - len(values),
        )
