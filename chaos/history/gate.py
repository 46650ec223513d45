"""The regression gate: is a run worse than the ones before it? Pure (docs/history.md, docs/adr).

A figure is worse if it lies on the wrong side of the median of the last five comparable runs by more than 20
% of that median and by more than the noise floor. Fewer than three known values: not enough data, which is no
OK.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import NamedTuple

from chaos.history.rows import MeasureRow, RunRow
from chaos.model.base import Frozen
from chaos.model.identity import COMPARED, MeasureKey, ResultKey, Subject
from chaos.model.past import Judgement
from chaos.model.verdict import Outcome

LAST = 5  # earlier runs that are looked at
LEAST = 3  # known values; fewer are not enough data
SHARE = 0.2  # of the median
SCORE_FLOOR = 5.0  # points
SECONDS_FLOOR = 1.0  # two scrapes at the usual pace, and some turns of a loaded machine
LIMIT_SHARE = 0.2  # of what was asked: no floor may hide a fifth of a tight target
SHARES_FLOOR = 0.02
COUNT_FLOOR = 1.0


class ComparedFigure(Frozen):
    """One figure of the run beside the median of the earlier ones. ``worse_by`` is the difference in the bad
    direction, in ``unit``; ``allowed`` what it may be.
    """

    check: str  # "score" for the score itself
    title: str
    name: str
    unit: str
    value: float | None
    median: float | None
    known: int  # earlier runs that have the figure
    worse_by: float | None
    allowed: float | None
    judgement: Judgement
    words: str


class GateResult(Frozen):
    """What the gate says of one run: the score's finding first, then one for each judged measure."""

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

    Runs of a stack that --env changed count only for runs with the same change.
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

    A score that is only a lower bound would make worse runs look good.
    """
    certain = (Outcome.PASS, Outcome.FAIL)
    found = [run for run in comparable(current, runs) if run.certifiable and run.outcome in certain]
    return tuple(found[-LAST:])


def gate(current: RunRow, runs: Iterable[RunRow]) -> GateResult:
    """Judge ``current`` against those of ``runs`` that it may be compared with."""
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
    return _finding(("score", "score", "score", "points"), value, values, SCORE_FLOOR, -1, why)


def _measures(current: RunRow, earlier: Sequence[RunRow]) -> tuple[ComparedFigure, ...]:
    """Each figure that enough earlier runs have, and that this run has, or should have: one that is missing
    although its check was judged is no longer a figure of that check.
    """
    before = [keyed(run) for run in earlier]
    now = keyed(current)
    unknown = {(c.key, c.subject) for c in current.checks if c.outcome is Outcome.INCONCLUSIVE}
    found = []
    for key in dict.fromkeys(key for row in (*before, now) for key in row):
        sample = now.get(key) or next(row[key] for row in reversed(before) if key in row)
        sign = direction(sample)
        values = [v for row in before if key in row and (v := row[key].value) is not None]
        gone = key not in now and (sample.key, sample.subject) not in unknown
        if sign == 0 or len(values) < LEAST or gone:
            continue
        found.append(_measure(now.get(key), sample, values, sign))
    return tuple(found)


def _measure(
    now: MeasureRow | None, sample: MeasureRow, values: Sequence[float], sign: int
) -> ComparedFigure:
    label = (sample.check, sample.title, sample.label, sample.unit)
    value = None if now is None else now.value
    if value is None and now is not None and now.outcome is Outcome.FAIL:
        middle = median(values)
        words = f"{_name(label)} did not happen, {_figure(middle, sample.unit)} before"
        return _made(label, None, middle, len(values), None, None, Judgement.REGRESSION, words)
    return _finding(label, value, values, floor_of(sample), sign, "it was not measured")


def direction(measure: MeasureRow) -> int:
    """1: less is better; -1: more is better; 0: nothing was asked of it, so neither.

    As in the reports: a share is to reach its limit, any other figure is to stay within it.
    """
    if measure.limit is None and measure.measure not in COMPARED:
        return 0
    return -1 if measure.unit == "share" else 1


def floor_of(measure: MeasureRow) -> float:
    """The difference, in the measure's unit, below which nothing is a regression."""
    floor = {"s": SECONDS_FLOOR, "share": SHARES_FLOOR}.get(measure.unit, COUNT_FLOOR)
    if measure.limit and measure.unit != "share":
        return min(floor, LIMIT_SHARE * measure.limit)
    return floor


_Label = tuple[str, str, str, str]  # check, title, name, unit


def _finding(
    label: _Label, value: float | None, values: Sequence[float], floor: float, sign: int, why: str
) -> ComparedFigure:
    """``sign`` 1: less is better. ``why``: what to say where there is no value."""
    if len(values) < LEAST:
        words = f"{_name(label)}: {len(values)} of at least {LEAST} earlier values"
        return _made(label, value, None, len(values), None, None, Judgement.NOT_ENOUGH_DATA, words)
    middle = median(values)
    allowed = max(SHARE * abs(middle), floor)
    if value is None:
        words = f"{_name(label)}: {why}, {_figure(middle, label[3])} before"
        return _made(label, None, middle, len(values), None, allowed, Judgement.NOT_ENOUGH_DATA, words)
    worse_by = (value - middle) * sign
    judgement = Judgement.REGRESSION if worse_by > allowed else Judgement.OK
    words = f"{_name(label)} {_figure(value, label[3])}, median {_figure(middle, label[3])}"
    return _made(label, value, middle, len(values), worse_by, allowed, judgement, words)


def _made(
    label: _Label,
    value: float | None,
    middle: float | None,
    known: int,
    worse_by: float | None,
    allowed: float | None,
    judgement: Judgement,
    words: str,
) -> ComparedFigure:
    check, title, name, unit = label
    return ComparedFigure(
        check=check,
        title=title,
        name=name,
        unit=unit,
        value=value,
        median=middle,
        known=known,
        worse_by=worse_by,
        allowed=allowed,
        judgement=judgement,
        words=words,
    )


class FigureKey(NamedTuple):
    """What one figure is through several runs. ``nth``: of those that are alike in all else."""

    result: ResultKey
    subject: Subject
    measure: MeasureKey
    part: str
    nth: int = 0


def keyed(run: RunRow) -> dict[FigureKey, MeasureRow]:
    """The measures of a run by what they are."""
    found: dict[FigureKey, MeasureRow] = {}
    for row in run.measures:
        key = FigureKey(row.key, row.subject, row.measure, row.part)
        found[key._replace(nth=sum(other[:-1] == key[:-1] for other in found))] = row
    return found


def _name(label: _Label) -> str:
    check, title, name, _ = label
    return name if check == "score" else f"{title}: {name}"


def _figure(value: float, unit: str) -> str:
    if unit == "share":
        return f"{100 * value:.1f} %"
    return f"{value:.3g} {unit}" if abs(value) < 100 else f"{value:.0f} {unit}"
