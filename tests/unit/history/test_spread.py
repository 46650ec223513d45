"""The distribution of each measure over several runs, and the rate of each outcome."""

from __future__ import annotations

import pytest

from chaos.checks.fault_effect import CHECK
from chaos.history import run_row
from chaos.history.rows import RunRow
from chaos.history.spread import rate_of, repeated, spread_of
from chaos.model.verdict import Outcome
from chaos.timeline.before_fault import before_fault
from chaos.verdict import judge
from tests.past_runs import a_measure, a_run
from tests.recording_builder import RecordingBuilder


def row(number: int, took_effect: bool = True) -> RunRow:
    recording = RecordingBuilder().steady().fault(took_effect=took_effect).clean().end()
    return run_row(recording, judge(recording), f"run-{number}").model_copy(update={"run_id": f"r{number}"})


def test_the_interval_of_the_mean_is_students() -> None:
    """By hand: mean 3, deviation 1.5811, t(4) = 2.776, so 3 +- 1.963."""
    found = spread_of([1.0, 2.0, 3.0, 4.0, 5.0])
    assert found is not None
    assert found.interval is not None
    assert (found.least, found.median, found.mean, found.most) == (1.0, 3.0, 3.0, 5.0)
    assert (found.interval.low, found.interval.high) == pytest.approx((1.037, 4.963), abs=1e-3)


def test_one_value_has_no_interval_and_none_has_no_spread() -> None:
    single = spread_of([2.0])
    assert single is not None
    assert single.interval is None
    assert spread_of([]) is None


@pytest.mark.parametrize(
    ("number", "of", "low", "high"), [(10, 10, 0.722, 1.0), (0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763)]
)
def test_the_interval_of_a_rate_is_wilsons(number: int, of: int, low: float, high: float) -> None:
    found = rate_of(Outcome.PASS, number, of)
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high), abs=1e-3)


def test_scenarios_that_ran_once_are_left_out() -> None:
    assert repeated([row(1)]) == ()


def test_every_outcome_and_every_measure_of_all_runs() -> None:
    (found,) = repeated([row(1), row(2), row(3, took_effect=False)])
    assert found.runs == ("r1", "r2", "r3")
    assert sum(one.number for one in found.outcomes) == 3
    first = next(one for one in found.measures if one.measure == "fault_effect.first_seen")
    assert first.spread is not None
    assert (first.spread.number, first.unknown) == (2, 1)
    assert first.key.startswith(CHECK.name)


def test_a_measure_that_a_run_has_twice_is_two_measures() -> None:
    """Two faults of one kind on one service: the n-th of one run is compared with the n-th of the others."""
    runs = [row(1), row(2)]
    twice = [run.model_copy(update={"measures": (*run.measures, *run.measures)}) for run in runs]
    (once_found,), (found,) = repeated(runs), repeated(twice)
    assert len(found.measures) == 2 * len(once_found.measures)
    assert all(one.unknown + (one.spread.number if one.spread else 0) == 2 for one in found.measures)


def test_runs_at_another_pace_are_no_repetition() -> None:
    assert repeated([row(1), row(2).model_copy(update={"pace": 1.0})]) == ()


def test_what_was_measured_before_the_fault() -> None:
    recording = RecordingBuilder().load(5, 20).load(20, 40, status=503).fault().end()
    found = before_fault(recording)
    assert found.requests == 300
    assert found.p95 == pytest.approx(0.01)
    assert found.not_served == 0.0


def test_a_few_requests_before_the_fault_say_nothing() -> None:
    found = before_fault(RecordingBuilder().load(19.8, 40).fault().end())
    assert (found.p95, found.not_served) == (None, None)


def test_what_an_inconclusive_result_measured_is_unknown() -> None:
    figures = [a_measure(value=10.0), a_measure(value=99.0, outcome=Outcome.INCONCLUSIVE)]
    (found,) = repeated([a_run(number, 100.0, one) for number, one in enumerate(figures)])
    (measure,) = found.measures
    assert measure.spread is not None
    assert (measure.spread.most, measure.unknown) == (10.0, 1)
