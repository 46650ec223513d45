"""The regression gate: is a run worse than the runs before it? Pure (docs/history.md, docs/adr).

A figure is a regression if it is worse than the median of the last five comparable runs by more than 20 % of
that median and by more than the noise floor. With fewer than three earlier values there is not enough data,
and the result is not OK.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from statistics import median
from typing import NamedTuple, TypeVar

from chaos.history.rows import MeasureRow, RunRow
from chaos.model.base import Frozen
from chaos.model.identity import COMPARED, RPO, MeasureKey, ResultKey, Subject
from chaos.model.past import Judgement
from chaos.model.verdict import AnyUnit, Outcome, Unit

K = TypeVar("K", bound=Hashable)
R = TypeVar("R")

LAST = 5  # earlier runs that the gate compares with
LEAST = 3  # earlier values; fewer are not enough data
SHARE = 0.2  # of the median
SCORE_FLOOR = 5.0  # points
SECONDS_FLOOR = 1.0  # two scrapes at pace 20, plus the jitter of a loaded machine
LIMIT_SHARE = 0.2  # of the limit: the largest noise floor of a figure with a limit
SHARES_FLOOR = 0.02  # 0 to 1
COUNT_FLOOR = 1.0  # of any other unit


class ComparedFigure(Frozen):
    """One figure of the run beside the median of the earlier runs, all in ``unit``.

    ``worse_by``: the difference in the bad direction. ``allowed``: the largest that is no regression.
    """

    check: str  # "score" for the score itself
    title: str
    name: str
    unit: AnyUnit
    value: float | None
    median: float | None
    known: int  # earlier runs that have the figure
    worse_by: float | None = None
    allowed: float | None = None
    judgement: Judgement
    words: str


class GateResult(Frozen):
    """The gate's result for one run.

    ``findings``: the score first, then each compared measure; empty for an aborted run.
    """

    run_id: str
    scenario: str
    stack: str
    pace: float
    began: float
    folder: str
    judgement: Judgement
    statement: str  # one sentence
    baseline: tuple[str, ...]  # run ids, oldest first
    findings: tuple[ComparedFigure, ...]


def comparable(current: RunRow, runs: Iterable[RunRow]) -> tuple[RunRow, ...]:
    """The earlier runs of the same scenario, stack and pace, oldest first.

    A run whose stack ``--env`` changed counts only if ``current`` has the same change. Runs of the unchanged
    stack always count.
    """
    found = [
        run
        for run in runs
        if (run.scenario, run.stack, run.pace) == (current.scenario, current.stack, current.pace)
        and (run.began, run.run_id) < (current.began, current.run_id)
        and run.variables in ("", current.variables)
    ]
    return tuple(sorted(found, key=lambda run: (run.began, run.run_id)))


def baseline(current: RunRow, runs: Iterable[RunRow]) -> tuple[RunRow, ...]:
    """The last five ``comparable`` runs with the outcome PASS or FAIL and a certifiable score, oldest first.

    Other scores are only lower bounds. They would lower the median and hide regressions.
    """
    certain = (Outcome.PASS, Outcome.FAIL)
    found = [run for run in comparable(current, runs) if run.certifiable and run.outcome in certain]
    return tuple(found[-LAST:])


def gate(current: RunRow, runs: Iterable[RunRow]) -> GateResult:
    """Judge ``current`` against its ``baseline`` in ``runs``."""
    earlier = baseline(current, runs)
    findings: tuple[ComparedFigure, ...] = ()
    if current.outcome is not Outcome.ABORTED:
        findings = (_score(current, earlier), *_measures(current, earlier))
    judgement, statement = _merged(current, earlier, findings)
    return GateResult(
        run_id=current.run_id,
        scenario=current.scenario,
        stack=current.stack,
        pace=current.pace,
        began=current.began,
        folder=current.folder,
        judgement=judgement,
        statement=statement,
        baseline=tuple(run.run_id for run in earlier),
        findings=findings,
    )


def _merged(
    current: RunRow, earlier: Sequence[RunRow], findings: Sequence[ComparedFigure]
) -> tuple[Judgement, str]:
    if len(earlier) < LEAST:
        runs = "run" if len(earlier) == 1 else "runs"
        words = f"not enough data: {len(earlier)} comparable earlier {runs}, at least {LEAST} needed"
        return Judgement.NOT_ENOUGH_DATA, words
    if not findings:
        return Judgement.NOT_ENOUGH_DATA, f"not enough data: the run was not completed ({current.reason})"
    worse = [finding for finding in findings if finding.judgement is Judgement.REGRESSION]
    if worse:
        return Judgement.REGRESSION, "regression: " + "; ".join(finding.words for finding in worse)
    unknown = [finding for finding in findings if finding.judgement is Judgement.NOT_ENOUGH_DATA]
    if unknown:
        return Judgement.NOT_ENOUGH_DATA, "not enough data: " + "; ".join(
            finding.words for finding in unknown
        )
    rest = len(findings) - 1
    more = f", and {rest} more figures" if rest > 1 else ", and one more figure" if rest else ""
    words = f"no worse than the median of {len(earlier)} earlier runs ({findings[0].words}{more})"
    return Judgement.OK, words


def _score(current: RunRow, earlier: Sequence[RunRow]) -> ComparedFigure:
    values = [run.score for run in earlier if run.score is not None]
    value = current.score if current.certifiable else None
    why = "the score is not certifiable" if current.score is not None else "there is no score"
    return _finding(_Label("score", "score", "score", Unit.POINTS), value, values, SCORE_FLOOR, -1, why)


def _measures(current: RunRow, earlier: Sequence[RunRow]) -> tuple[ComparedFigure, ...]:
    """Each figure with a direction that at least ``LEAST`` earlier runs have.

    If the run does not have the figure, it is compared only if its result is INCONCLUSIVE. If the result is
    conclusive, the check no longer measures the figure.
    """
    before = [keyed(run) for run in earlier]
    now = keyed(current)
    unknown = {(c.key, c.subject) for c in current.checks if c.outcome is Outcome.INCONCLUSIVE}
    found = []
    for key in dict.fromkeys(key for row in (*before, now) for key in row):
        sample = now.get(key) or next(row[key] for row in reversed(before) if key in row)
        sign = direction(sample)
        values = [v for row in before if key in row and (v := row[key].proven) is not None]
        gone = key not in now and (sample.key, sample.subject) not in unknown
        if sign == 0 or len(values) < LEAST or gone:
            continue
        found.append(_measure(now.get(key), sample, values, sign))
    return tuple(found)


def _measure(
    now: MeasureRow | None, sample: MeasureRow, values: Sequence[float], sign: int
) -> ComparedFigure:
    label = _Label(sample.check, sample.title, sample.label, sample.unit)
    value = None if now is None else now.proven
    if value is None and now is not None and now.outcome is Outcome.FAIL:
        said = "is beyond any figure" if now.measure == RPO else "did not happen"
        words = f"{label.words()} {said}, {label.quantity(median(values))} before"
        return label.compared(None, values, Judgement.REGRESSION, words)
    return _finding(label, value, values, floor_of(sample), sign, "it was not measured")


def direction(measure: MeasureRow) -> int:
    """1: less is better. -1: more is better. 0: not compared, for want of a limit (except ``COMPARED``).

    A share must reach its limit. Any other figure must stay within its limit. The reports use the same rule.
    """
    if measure.limit is None and measure.measure not in COMPARED:
        return 0
    return -1 if measure.unit == Unit.SHARE else 1


def floor_of(measure: MeasureRow) -> float:
    """The noise floor: a difference up to this is no regression, in the measure's unit.

    For a figure with a limit it is at most a fifth of that limit, except for shares: a larger floor would
    hide regressions against a tight limit.
    """
    floor = COUNT_FLOOR
    if measure.unit == Unit.SECONDS:
        floor = SECONDS_FLOOR
    elif measure.unit == Unit.SHARE:
        floor = SHARES_FLOOR
    if measure.limit and measure.unit != Unit.SHARE:
        return min(floor, LIMIT_SHARE * measure.limit)
    return floor


class _Label(NamedTuple):
    """The words of one figure; ``check`` as in ``ComparedFigure``."""

    check: str
    title: str
    name: str
    unit: AnyUnit

    def words(self) -> str:
        return self.name if self.check == "score" else f"{self.title}: {self.name}"

    def quantity(self, value: float) -> str:
        if self.unit == Unit.SHARE:
            return f"{100 * value:.1f} %"
        return f"{value:.3g} {self.unit}" if abs(value) < 100 else f"{value:.0f} {self.unit}"

    def compared(
        self, value: float | None, values: Sequence[float], judgement: Judgement, words: str
    ) -> ComparedFigure:
        """A figure beside those of the earlier runs, without its difference from them."""
        return ComparedFigure(
            check=self.check,
            title=self.title,
            name=self.name,
            unit=self.unit,
            value=value,
            median=median(values) if len(values) >= LEAST else None,
            known=len(values),
            judgement=judgement,
            words=words,
        )


def _finding(
    label: _Label, value: float | None, values: Sequence[float], floor: float, sign: int, why: str
) -> ComparedFigure:
    """``sign``: from ``direction``. ``floor``: in the figure's unit. ``why``: why ``value`` may be None."""
    if len(values) < LEAST:
        words = f"{label.words()}: {len(values)} of at least {LEAST} earlier values"
        return label.compared(value, values, Judgement.NOT_ENOUGH_DATA, words)
    middle = median(values)
    allowed = max(SHARE * abs(middle), floor)
    if value is None:
        words = f"{label.words()}: {why}, {label.quantity(middle)} before"
        unknown = label.compared(None, values, Judgement.NOT_ENOUGH_DATA, words)
        return unknown.model_copy(update={"allowed": allowed})
    worse_by = (value - middle) * sign
    judgement = Judgement.REGRESSION if worse_by > allowed else Judgement.OK
    words = f"{label.words()} {label.quantity(value)}, median {label.quantity(middle)}"
    known = label.compared(value, values, judgement, words)
    return known.model_copy(update={"worse_by": worse_by, "allowed": allowed})


class MeasureIdentity(NamedTuple):
    """The identity of one figure across runs. ``nth``: numbers figures with the same other fields, from 0."""

    result: ResultKey
    subject: Subject
    measure: MeasureKey
    part: str
    nth: int = 0


def keyed(run: RunRow) -> dict[MeasureIdentity, MeasureRow]:
    """The measures of a run by their identity."""
    rows = numbered(run.measures, lambda row: MeasureIdentity(row.key, row.subject, row.measure, row.part))
    return {identity._replace(nth=nth): row for (identity, nth), row in rows.items()}


def numbered(rows: Iterable[R], key: Callable[[R], K]) -> dict[tuple[K, int], R]:
    """The rows by key and a number, from 0, that tells those of one key apart, in their order: the same fault
    twice in a timeline has each of its results and figures twice.
    """
    found: dict[tuple[K, int], R] = {}
    seen = Counter[K]()
    for row in rows:
        of = key(row)
        found[of, seen[of]] = row
        seen[of] += 1
    return found
