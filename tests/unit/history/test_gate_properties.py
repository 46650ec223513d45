"""Properties of the gate for any history, tested with hypothesis."""

from __future__ import annotations

import random
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.history import RunRow, gate
from chaos.history.gate import LAST, LEAST, SCORE_FLOOR, SHARE
from chaos.model.past import Judgement
from tests.past_runs import a_measure, a_run

pytestmark = pytest.mark.thorough
SCORES = st.floats(0.0, 100.0).map(lambda value: round(value, 1))
TIMES = st.floats(0.0, 4000.0).map(lambda value: round(value, 3))
NOW = 1000
_ORDER = (Judgement.REGRESSION, Judgement.NOT_ENOUGH_DATA, Judgement.OK)


@st.composite
def pasts(draw: st.DrawFn, least: int = 0) -> list[RunRow]:
    """Earlier runs with scores and times, some of which are unknown."""
    figures = st.tuples(st.none() | SCORES, st.none() | TIMES) if least == 0 else st.tuples(SCORES, TIMES)
    drawn = draw(st.lists(figures, min_size=least, max_size=9))
    return [a_run(n, score, a_measure(value=time)) for n, (score, time) in enumerate(drawn)]


def now(score: float | None, time: float | None) -> RunRow:
    return a_run(NOW, score, a_measure(value=time))


@given(pasts(), st.none() | SCORES, st.none() | TIMES, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(
    past: list[RunRow], score: float | None, time: float | None, chance: random.Random
) -> None:
    mixed = list(past)
    chance.shuffle(mixed)
    assert gate(now(score, time), mixed) == gate(now(score, time), past)


@given(pasts(least=LEAST), SCORES, TIMES, st.floats(0, 100), st.floats(0, 4000))
def test_a_worse_run_is_never_judged_better(
    past: list[RunRow], score: float, time: float, lower: float, longer: float
) -> None:
    run = gate(now(score, time), past).judgement
    worse = gate(now(max(0.0, score - lower), time + longer), past).judgement
    assert _ORDER.index(worse) <= _ORDER.index(run)


@given(pasts(), SCORES, TIMES)
def test_fewer_than_three_runs_are_no_statement_and_never_ok(
    past: list[RunRow], score: float, time: float
) -> None:
    assert gate(now(score, time), past[: LEAST - 1]).judgement is Judgement.NOT_ENOUGH_DATA


@given(pasts(least=LEAST + LAST), SCORES, TIMES)
def test_only_the_last_five_matter(past: list[RunRow], score: float, time: float) -> None:
    assert gate(now(score, time), past) == gate(now(score, time), past[-LAST:])


@given(pasts(least=LEAST), SCORES, TIMES)
def test_a_known_score_is_a_regression_exactly_by_the_rule(
    past: list[RunRow], score: float, time: float
) -> None:
    finding = gate(now(score, time), past).findings[0]
    middle = median([run.score for run in past[-LAST:] if run.score is not None])
    assert finding.median == middle
    assert (finding.judgement is Judgement.REGRESSION) == (middle - score > max(SHARE * middle, SCORE_FLOOR))


@given(pasts(least=LEAST))
def test_the_median_itself_is_no_regression(past: list[RunRow]) -> None:
    last = past[-LAST:]
    score = median([run.score for run in last if run.score is not None])
    time = median([run.measures[0].value for run in last if run.measures[0].value is not None])
    assert gate(now(score, time), past).judgement is Judgement.OK


@given(pasts(), st.none() | SCORES, st.none() | TIMES)
def test_missing_data_never_turns_into_ok(
    past: list[RunRow], score: float | None, time: float | None
) -> None:
    assert gate(now(None, time), past).judgement is not Judgement.OK
    if gate(now(score, time), past).judgement is not Judgement.OK:
        fewer = [run.model_copy(update={"score": None, "measures": ()}) for run in past]
        assert gate(now(score, time), fewer).judgement is not Judgement.OK
