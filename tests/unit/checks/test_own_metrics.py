"""An alert that always fires shows whether ALERTS is whole; and some values no Prometheus ever writes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from chaos.checks.detection import CHECK, Detection
from chaos.model.rules import AlertRule
from chaos.model.verdict import Outcome
from chaos.timeline.events import Phase
from chaos.timeline.recording import Recording, Series
from tests.recording_builder import BEGAN, FACTS, RecordingBuilder, judged

SWITCH = AlertRule(alert="Watchdog", expr="vector(1)", reads_now=False)
PARAMS = Detection()
Samples = tuple[tuple[float, float], ...]


def outcome(
    change: Callable[[Samples], Samples], metric: str = "ALERTS", switch: AlertRule = SWITCH
) -> Outcome:
    """Whether no wrong alert fired, of a good run with a dead-man's switch whose samples were changed."""
    built = RecordingBuilder().steady(10).fault(20, 44).phase(80, Phase.TEARDOWN)
    made = built.alert("Watchdog", 0, 1, None).end()
    rules = FACTS.model_copy(update={"rules": (*FACTS.rules, switch)})

    def edited(one: Series) -> Series:
        return one.model_copy(update={"samples": change(one.samples)}) if one.metric == metric else one

    metrics = made.metrics.model_copy(update={"series": tuple(map(edited, made.metrics.series))})
    plan = made.plan.model_copy(update={"detection": rules})
    run: Recording = replace(made, plan=plan, metrics=metrics)
    return judged(CHECK, run, PARAMS)["no wrong alert fires"].outcome


def without(start: float, end: float) -> Callable[[Samples], Samples]:
    return lambda samples: tuple(one for one in samples if not start <= one[0] - BEGAN < end)


def test_a_switch_that_fires_throughout_proves_that_no_sample_of_another_alert_is_lost() -> None:
    assert outcome(lambda samples: samples) is Outcome.PASS
    assert outcome(without(40, 42)) is Outcome.PASS  # a busy machine evaluates late


@pytest.mark.parametrize(("start", "end"), [(0, 1000), (0, 30), (40, 50), (60, 1000)])
def test_where_the_switch_has_no_sample_the_silence_of_others_proves_nothing(
    start: float, end: float
) -> None:
    assert outcome(without(start, end)) is Outcome.INCONCLUSIVE


@pytest.mark.parametrize("metric", ["ALERTS", "up"])
@pytest.mark.parametrize("value", [math.nan, math.inf, 1e300, -1.0])
def test_a_value_that_prometheus_never_writes_makes_everything_inconclusive(
    metric: str, value: float
) -> None:
    """Of one sample alone."""
    found = outcome(lambda samples: ((samples[0][0], value), *samples[1:]), metric)
    assert found is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(
    "expr",
    ["hour() >= 22 or hour() < 6", "time() > 0", "vector(0) > 1", "absent(vector(1))", "day_of_week()"],
)
def test_an_alert_by_the_clock_is_no_evidence_whether_it_fires_or_not(expr: str) -> None:
    """It reads no series, so it is not wrong either; but it need not fire at each evaluation."""
    by_the_clock = SWITCH.model_copy(update={"expr": expr})
    assert outcome(without(0, 1000), switch=by_the_clock) is Outcome.PASS
    assert outcome(lambda samples: samples, switch=by_the_clock) is Outcome.PASS


@pytest.mark.parametrize("expr", ["vector(1)", " ( vector( 1.5 ) ) ", "1", "vector(-1)"])
def test_a_constant_fires_at_each_evaluation(expr: str) -> None:
    assert outcome(without(40, 50), switch=SWITCH.model_copy(update={"expr": expr})) is Outcome.INCONCLUSIVE
