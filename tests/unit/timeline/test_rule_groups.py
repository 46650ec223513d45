"""That rules were evaluated is proven by Prometheus's own counters, in each window by itself."""

from __future__ import annotations

import pytest

from chaos.timeline.observations import RuleGroupState, RulesEvaluated
from chaos.timeline.recording import Recording
from chaos.timeline.rule_groups import groups_evaluated
from tests.recording_builder import BEGAN, RecordingBuilder


def counters(at: float, iterations: int, missed: int = 0, failures: int = 0) -> RulesEvaluated:
    group = RuleGroupState(
        group="r.yml;pms",
        iterations=iterations,
        missed=missed,
        failures=failures,
        last=BEGAN + at,
        interval=0.5,
    )
    return RulesEvaluated(at=BEGAN + at, mono=at, groups=(group,))


def run(*readings: RulesEvaluated) -> Recording:
    return RecordingBuilder().unevaluated().add(*readings).end()


def test_each_second_two_evaluations() -> None:
    recording = run(*(counters(at, 2 * at) for at in range(1, 60)))
    (found,) = groups_evaluated(recording, BEGAN + 20, BEGAN + 40)
    assert (found.group, found.evaluated, found.missed, found.failures) == ("r.yml;pms", 40, 0, 0)
    assert found.expected == pytest.approx(40)
    assert found.longest_gap == pytest.approx(1.0)


def test_rules_that_were_not_evaluated_show_a_gap() -> None:
    recording = run(*(counters(at, 2 * min(at, 25)) for at in range(1, 60)))
    (found,) = groups_evaluated(recording, BEGAN + 20, BEGAN + 40)
    assert found.evaluated == 10
    assert found.longest_gap == pytest.approx(15.0)


def test_iterations_that_prometheus_skipped_are_no_evaluations() -> None:
    recording = run(*(counters(at, 2 * at, missed=at) for at in range(1, 60)))
    (found,) = groups_evaluated(recording, BEGAN + 20, BEGAN + 40)
    assert (found.evaluated, found.missed) == (20, 20)


def test_a_hole_in_the_readings_is_bridged_by_the_counters() -> None:
    recording = run(counters(10, 20), counters(50, 100))
    (found,) = groups_evaluated(recording, BEGAN + 20, BEGAN + 40)
    assert (found.since, found.until, found.evaluated) == (BEGAN + 10, BEGAN + 50, 80)
    assert found.longest_gap == pytest.approx(40.0), "when they took place in between is unknown"


def test_a_prometheus_that_was_restarted_counts_anew() -> None:
    recording = run(counters(20, 40), counters(21, 42), counters(30, 4), counters(31, 6))
    (found,) = groups_evaluated(recording, BEGAN, BEGAN + 60)
    assert found.evaluated == 2 + 4 + 2


def test_one_reading_says_nothing() -> None:
    assert groups_evaluated(run(counters(20, 40)), BEGAN + 10, BEGAN + 30) == ()
    assert groups_evaluated(run(), BEGAN + 10, BEGAN + 30) == ()
