"""The number is what was proven: in 0..100, monotone in every mark, and never raised by missing data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.checks.recovery import CHECK as RECOVERY
from chaos.checks.recovery import Recovery
from chaos.model.scenario import CheckParams
from chaos.model.verdict import WEIGHTS, CheckResult, Dimension, Mark, Outcome, Score
from chaos.timeline.recording import Metrics, Recording
from chaos.timeline.requests import Requests
from chaos.verdict import judge, score
from tests.recording_builder import BEGAN, RecordingBuilder
from tests.recordings import Kind, demo_recording
from tests.results import a_result


def result(*marks: tuple[Dimension, float | None], outcome: Outcome = Outcome.PASS) -> CheckResult:
    return a_result(
        outcome=outcome, marks=tuple(Mark(dimension=d, fraction=f, reason="why", fix="how") for d, f in marks)
    )


D, C, R, H = Dimension.DETECTION, Dimension.CONTAINMENT, Dimension.RECOVERY, Dimension.HYGIENE


def test_full_marks_are_a_hundred() -> None:
    made = score([result((D, 1.0), (C, 1.0), (R, 1.0), (H, 1.0))])
    assert (made.total, made.certifiable, made.cap, made.lost) == (100.0, True, None, ())


def test_a_dimension_is_the_mean_of_its_marks_times_its_weight() -> None:
    made = score([result((D, 1.0), (D, 0.5)), result((H, 0.0))])
    points = {d.dimension: d.points for d in made.dimensions}
    assert points == {D: 18.75, C: None, R: None, Dimension.DATA: None, H: 0.0}
    assert made.total == pytest.approx(100 * 18.75 / 35, abs=0.05)


def test_what_no_one_asked_about_is_not_assessed_and_costs_nothing() -> None:
    made = score([result((D, 1.0))])
    assert made.total == 100.0
    assert [(d.points, d.inconclusive) for d in made.dimensions] == [(25.0, False)] + [(None, False)] * 4


def test_an_inconclusive_dimension_earns_nothing_and_stays_in_the_divisor() -> None:
    made = score([result((D, 1.0), (D, None)), result((R, 1.0))])
    assert made.total == pytest.approx(100 * 20 / 45, abs=0.05)
    assert made.dimensions[0].inconclusive
    assert made.dimensions[0].points is None
    assert not made.certifiable


def test_nothing_known_is_no_number() -> None:
    assert score([]).total is None
    assert score([result((D, None))]).total is None
    assert not score([]).certifiable


def test_an_inconclusive_result_without_marks_is_not_certifiable() -> None:
    assert not score([result((D, 1.0)), result(outcome=Outcome.INCONCLUSIVE)]).certifiable


def test_no_recovery_caps_at_39() -> None:
    recording = (
        RecordingBuilder(recovery_limit=20).steady(10).fault(20, 44).probe(20, 80, ok=False).load(5, 80).end()
    )
    never = RECOVERY.judge(recording, Recovery.model_validate({"rto": "1m"}))
    made = score([*never, result((D, 1.0), (C, 1.0), (H, 1.0))])
    assert (made.total, made.cap, made.cap_reason) == (39.0, 39.0, "clients were not well again")


def lingering(expect: dict[str, tuple[CheckParams, ...]]) -> Score:
    """Clients are well from 46 on, but the steady state is not reached again: an alert lingers."""
    builder = (
        RecordingBuilder(expect, recovery_limit=20)
        .steady(10)
        .fault(20, 44)
        .probe(5, 46)
        .probe(46, 80)
        .load(5, 80)
    )
    return judge(builder.steady(78, "after", held=False).clean(85).end()).score


def test_a_steady_state_that_did_not_come_back_caps_only_where_recovery_is_not_expected() -> None:
    assert lingering({}).cap_reason == "the steady state did not come back"
    assert lingering({"recovery": (Recovery.model_validate({"rto": "1m"}),)}).cap is None


def test_a_recovery_that_is_unknown_caps_too() -> None:
    made = score([result((D, 1.0), (C, 1.0), (H, 1.0), (R, None))])
    assert (made.total, made.cap_reason) == (39.0, "recovery was not proven")


def test_a_late_recovery_is_no_reason_for_the_cap() -> None:
    assert score([result((D, 1.0), (R, 0.1), outcome=Outcome.FAIL)]).cap is None


FRACTIONS = st.one_of(st.none(), st.floats(0, 1, allow_nan=False))
MARKS = st.lists(st.tuples(st.sampled_from(list(Dimension)), FRACTIONS), min_size=1, max_size=12)


def total(marks: list[tuple[Dimension, float | None]]) -> float:
    """The number, no number counting as less than any."""
    made = score([result(*marks)]).total
    return -1.0 if made is None else made


@given(MARKS)
def test_the_number_is_within_0_and_100(marks: list[tuple[Dimension, float | None]]) -> None:
    assert -1.0 <= total(marks) <= 100.0


@given(MARKS, st.integers(0, 11), st.floats(0, 1))
def test_a_better_mark_never_lowers_the_number(
    marks: list[tuple[Dimension, float | None]], place: int, better: float
) -> None:
    place %= len(marks)
    dimension, fraction = marks[place]
    if fraction is None or better < fraction:
        better = 1.0
    raised = [*marks[:place], (dimension, better), *marks[place + 1 :]]
    assert total(raised) >= total(marks)


@given(MARKS, st.sets(st.integers(0, 11), min_size=1))
def test_missing_data_never_raises_the_number(
    marks: list[tuple[Dimension, float | None]], missing: set[int]
) -> None:
    fewer = [(d, None if i in missing else f) for i, (d, f) in enumerate(marks)]
    assert total(fewer) <= total(marks)


def uncapped(made: Score) -> float:
    asked = sum(d.weight for d in made.dimensions if d.points is not None or d.inconclusive)
    return 100 * sum(d.points or 0.0 for d in made.dimensions) / asked


@given(MARKS)
def test_lost_points_add_up_to_what_is_missing(marks: list[tuple[Dimension, float | None]]) -> None:
    made = score([result(*marks)])
    assert sum(lost.points for lost in made.lost) == pytest.approx(100 - uncapped(made), abs=0.1)


def test_the_weights_are_those_of_the_design() -> None:
    assert sum(WEIGHTS.values()) == 100


KINDS = st.sampled_from(["pass", "fail", "inconclusive"])


def number(recording: Recording) -> float:
    made = judge(recording).score.total
    return -1.0 if made is None else made


@pytest.mark.thorough
@given(KINDS, st.floats(0, 90))
def test_a_recording_that_was_cut_never_scores_more(kind: Kind, at: float) -> None:
    whole = demo_recording(kind)
    until = BEGAN + at
    read_to = whole.metrics.read_to
    metrics = (
        whole.metrics
        if read_to is None or read_to <= until
        else Metrics(
            complete=True,
            read_from=whole.metrics.read_from,
            read_to=until,
            series=tuple(
                s.model_copy(update={"samples": tuple(x for x in s.samples if x[0] <= until)})
                for s in whole.metrics.series
            ),
        )
    )
    cut = Recording(
        whole.plan,
        tuple(event for event in whole.events if event.at <= until),
        Requests.of(request for request in whole.requests if request.finished <= until),
        metrics,
    )
    assert number(cut) <= number(whole)


@pytest.mark.parametrize("kind", ["pass", "fail"])
def test_a_recording_without_its_metrics_or_load_never_scores_more(kind: Kind) -> None:
    whole = demo_recording(kind)
    for less in (
        Recording(whole.plan, whole.events, whole.requests),
        Recording(whole.plan, whole.events, Requests(), whole.metrics),
        Recording(whole.plan, (), whole.requests, whole.metrics),
    ):
        assert number(less) < number(whole)
