"""The regression gate in examples: regressions, noise, and not enough data."""

from __future__ import annotations

from typing import Any

import pytest

from chaos.history import RunRow, baseline, gate
from chaos.history.gate import direction, floor_of
from chaos.model.identity import RPO, RTO
from chaos.model.past import Judgement
from chaos.model.verdict import Outcome, Unit
from tests.past_runs import a_check, a_measure, a_run, runs_of

NOW = 100  # the day of the judged run
OK, WORSE, UNKNOWN = Judgement.OK, Judgement.REGRESSION, Judgement.NOT_ENOUGH_DATA


def judged(now: float | None, before: list[float | None], **more: Any) -> Judgement:
    """The gate's result for a score beside earlier scores."""
    return gate(a_run(NOW, now, **more), runs_of(before)).judgement


def timed(now: float | None, before: list[float | None], **measure: Any) -> Judgement:
    """The gate's result for a recovery time beside earlier ones, with full scores."""
    current = a_run(NOW, 100.0, a_measure(value=now, **measure))
    earlier = [a_run(n, 100.0, a_measure(value=value, **measure)) for n, value in enumerate(before)]
    return gate(current, earlier).judgement


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (100.0, [100.0] * 5, OK),
        (80.0, [100.0] * 5, OK),  # exactly 20 % is not more than 20 %
        (79.9, [100.0] * 5, WORSE),
        (100.0, [10.0] * 5, OK),  # better
        (16.0, [20.0] * 5, OK),  # 20 % of 20, but within the noise floor
        (14.9, [20.0] * 5, WORSE),
        (79.0, [100.0, 100.0, 100.0], WORSE),
        (0.0, [100.0, 100.0], UNKNOWN),
        (0.0, [], UNKNOWN),
        (79.0, [50.0, 50.0, 50.0, 100.0, 100.0, 100.0, 100.0, 100.0], WORSE),  # only the last five
        (79.0, [100.0, 100.0, 100.0, 80.0, 80.0, 80.0, 80.0, 80.0], OK),
        (79.0, [100.0, 0.0, 100.0, 0.0, 100.0], WORSE),  # the median, not the mean
        (None, [100.0] * 5, UNKNOWN),
        (50.0, [None, None, 100.0, 100.0], UNKNOWN),  # only two known values
    ],
)
def test_a_score(now: float | None, before: list[float | None], said: Judgement) -> None:
    assert judged(now, before) is said


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (10.0, [10.0] * 3, OK),
        (12.0, [10.0] * 3, OK),
        (12.1, [10.0] * 3, WORSE),
        (1.0, [10.0] * 3, OK),
        (0.2, [0.1] * 3, OK),  # twice as long, but within the noise floor
        (1.05, [0.1] * 3, OK),
        (1.2, [0.1] * 3, WORSE),
        (1000.0, [10.0, 10.0, None, None], OK),  # only two known values: only the score is compared
    ],
)
def test_a_duration_with_a_limit(now: float, before: list[float | None], said: Judgement) -> None:
    assert timed(now, before) is said


def test_no_floor_hides_a_fifth_of_a_tight_target() -> None:
    assert floor_of(a_measure(limit=0.05)) == pytest.approx(0.01)
    assert timed(0.015, [0.004] * 3, limit=0.05) is WORSE
    assert timed(0.013, [0.004] * 3, limit=0.05) is OK
    assert floor_of(a_measure(RPO, limit=0.0)) == 1.0


def test_a_share_is_to_be_high_and_a_figure_without_a_limit_is_not_judged() -> None:
    assert timed(0.7, [1.0] * 3, unit=Unit.SHARE, limit=0.95) is WORSE
    assert timed(1.0, [0.5] * 3, unit=Unit.SHARE, limit=0.95) is OK
    assert timed(0.97, [0.98] * 3, unit=Unit.SHARE, limit=0.95) is OK
    assert timed(1000.0, [1.0] * 3, limit=None, measure="recovery.fault_ends") is OK
    assert timed(1000.0, [1.0] * 3, limit=None, measure=RTO) is WORSE
    assert direction(a_measure("answers", unit=Unit.REQUESTS, limit=None)) == 0
    assert timed(9.0, [3.0] * 3, unit=Unit.NUMBER, limit=0.0) is WORSE
    assert timed(4.0, [3.0] * 3, unit=Unit.NUMBER, limit=0.0) is OK


def test_what_did_not_happen_at_all_is_worse_than_late() -> None:
    before = [a_run(n, 100.0, a_measure(value=10.0)) for n in range(3)]
    never = a_run(NOW, 100.0, a_measure(value=None, outcome=Outcome.FAIL))
    said = gate(never, before)
    assert said.judgement is WORSE
    assert "did not happen, 10 s before" in said.statement


def test_a_loss_that_no_rpo_allows_is_worse_than_any_figure() -> None:
    before = [a_run(n, 100.0, a_measure(RPO, 10.0)) for n in range(3)]
    lost = a_run(NOW, 100.0, a_measure(RPO, None, outcome=Outcome.FAIL))
    said = gate(lost, before)
    assert said.judgement is WORSE
    assert "is beyond any figure, 10 s before" in said.statement


def test_what_could_not_be_measured_is_no_statement_and_a_figure_that_is_gone_is_none() -> None:
    before = [a_run(n, 100.0, a_measure(value=10.0)) for n in range(3)]
    unmeasured = a_run(NOW, 100.0, a_measure(value=None, outcome=Outcome.INCONCLUSIVE))
    assert gate(unmeasured, before).judgement is UNKNOWN
    silent = a_run(
        NOW,
        checks=(a_check("clients recover", Outcome.INCONCLUSIVE),),
    )
    assert gate(silent, before).judgement is UNKNOWN
    renamed = a_run(NOW, 100.0, a_measure("recovered", 10.0))
    assert gate(renamed, before).judgement is OK
    assert gate(a_run(NOW), before).judgement is OK  # the scenario no longer has this check


def test_a_figure_of_an_inconclusive_result_is_not_compared() -> None:
    before = [a_run(n, 100.0, a_measure(value=10.0)) for n in range(3)]
    slow = a_run(NOW, 100.0, a_measure(value=60.0, outcome=Outcome.INCONCLUSIVE))
    assert gate(slow, before).judgement is UNKNOWN


def test_an_unsure_score_is_no_statement_but_a_slow_recovery_in_it_still_a_regression() -> None:
    before = [a_run(n, 100.0, a_measure(value=10.0)) for n in range(3)]
    assert gate(a_run(NOW, 40.0, a_measure(value=10.0), certifiable=False), before).judgement is UNKNOWN
    assert gate(a_run(NOW, 40.0, a_measure(value=30.0), certifiable=False), before).judgement is WORSE


def test_an_aborted_run_says_nothing() -> None:
    said = gate(a_run(NOW, 1.0, outcome=Outcome.ABORTED, reason="Ctrl-C"), runs_of([100.0] * 5))
    assert said.judgement is UNKNOWN
    assert "was not completed (Ctrl-C)" in said.statement


UNLIKE = [
    a_run(1, 100.0, scenario="cache-slow"),
    a_run(1, 100.0, stack="other"),
    a_run(1, 100.0, pace=1.0),
    a_run(1, 100.0, outcome=Outcome.ABORTED),
    a_run(1, 100.0, outcome=Outcome.INCONCLUSIVE, certifiable=False),
    a_run(1, 100.0, certifiable=False),
    a_run(1, 100.0, variables="api.DEFECT=leaky"),
    a_run(NOW + 1, 100.0),
    a_run(NOW, 100.0),
]


@pytest.mark.parametrize("other", UNLIKE, ids=lambda run: f"{run.scenario}-{run.began}-{run.outcome}")
def test_runs_that_are_not_comparable_do_not_count(other: RunRow) -> None:
    assert baseline(a_run(NOW, 10.0), [other] * 9) == ()
    assert len(baseline(a_run(NOW, 10.0), [a_run(1, 100.0)])) == 1


def test_a_changed_stack_is_held_against_the_one_as_it_stands() -> None:
    weak = a_run(NOW, 20.0, variables="api.DEFECT=leaky", outcome=Outcome.FAIL)
    assert gate(weak, runs_of([100.0] * 3)).judgement is WORSE
    same = a_run(1, 20.0, variables="api.DEFECT=leaky", outcome=Outcome.FAIL)
    assert baseline(weak, [same]) == (same,)


def test_the_sentence_names_the_figure_and_the_median() -> None:
    said = gate(a_run(NOW, 60.0, a_measure(value=30.0)), runs_of([100.0] * 4, [10.0] * 4))
    assert said.statement == (
        "regression: score 60 points, median 100 points; clients recover: RTO 30 s, median 10 s"
    )
    assert said.baseline == ("000000", "000001", "000002", "000003")
