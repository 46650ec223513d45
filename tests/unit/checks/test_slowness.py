"""A limit in real time that was missed on a saturated machine is unknown; what no slowness explains fails."""

from __future__ import annotations

import pytest

from chaos.checks import breaker, degradation, detection, recovery
from chaos.checks.breaker import Breaker
from chaos.checks.kit.alert_params import Detection
from chaos.checks.kit.promise import Degradation
from chaos.checks.recovery import Recovery
from chaos.model.verdict import CheckResult, Outcome
from chaos.timeline.events import Phase
from chaos.timeline.observations import MachineReading
from tests.recording_builder import BEGAN, RecordingBuilder, judged

RECOVERS = Recovery.model_validate({"rto": "900s", "budget": "20s"})
OPENS = Breaker.model_validate({"name": "dep", "opens_within": "5s"})
FAILS_FAST = Breaker.model_validate({"name": "dep", "fails_fast_under": "250ms"})
SLOW, FAST = "breaker dep opens", "breaker dep fails fast"
Saturated = pytest.mark.parametrize(
    ("lag", "outcome"), [(0.9, Outcome.INCONCLUSIVE), (0.01, Outcome.FAIL)], ids=["saturated", "calm"]
)


def said(result: CheckResult, outcome: Outcome) -> None:
    assert result.outcome is outcome
    assert ("this machine was saturated" in result.actual) is (outcome is Outcome.INCONCLUSIVE)


@Saturated
def test_recovering_late(lag: float, outcome: Outcome) -> None:
    builder = RecordingBuilder().fault().lagging(lag=lag).load(0, 20).load(20, 70, status=503).load(70, 120)
    recording = builder.probe(0, 20).probe(20, 70, ok=False).probe(70, 120).clean().end(120)
    results = judged(recovery.CHECK, recording, RECOVERS)
    said(results["clients recover within the budget"], outcome)
    assert results["clients recover within the RTO"].outcome is Outcome.PASS


def test_never_recovering_is_no_slowness() -> None:
    builder = RecordingBuilder().fault().lagging().load(0, 20).load(20, 130, status=503)
    recording = builder.probe(0, 20).probe(20, 130, ok=False).clean().end(130)
    results = judged(recovery.CHECK, recording, RECOVERS)
    assert results["clients recover within the budget"].outcome is Outcome.FAIL


@Saturated
def test_a_breaker_that_opens_late(lag: float, outcome: Outcome) -> None:
    builder = RecordingBuilder().fault().lagging(lag=lag).breaker((0, "closed"), (35, "open"), (50, "closed"))
    found = judged(breaker.CHECK, builder.end(), OPENS)
    said(found[SLOW], outcome)


def test_a_breaker_that_never_opens_is_no_slowness() -> None:
    builder = RecordingBuilder().fault().lagging().breaker((0, "closed"))
    found = judged(breaker.CHECK, builder.end(), OPENS)
    assert found[SLOW].outcome is Outcome.FAIL


@Saturated
def test_answers_that_are_slow_while_a_breaker_is_open(lag: float, outcome: Outcome) -> None:
    builder = RecordingBuilder().fault().lagging(lag=lag).breaker((0, "closed"), (22, "open"), (50, "closed"))
    builder = builder.load(0, 20).load(20, 50, degraded="stale", latency=0.9)
    found = judged(breaker.CHECK, builder.end(), FAILS_FAST)
    said(found[FAST], outcome)


def promised(builder: RecordingBuilder) -> CheckResult:
    params = Degradation.model_validate({"request": "GET /items", "status": 200, "within": "500ms"})
    (result,) = judged(degradation.CHECK, builder.end(), params).values()
    return result


@Saturated
def test_promised_answers_that_come_late(lag: float, outcome: Outcome) -> None:
    builder = (
        RecordingBuilder().fault().lagging(lag=lag).load(0, 20, rate=16).load(20, 50, latency=0.9, rate=16)
    )
    said(promised(builder), outcome)


@Saturated
def test_alerts_that_fire_late_or_wrongly(lag: float, outcome: Outcome) -> None:
    expected = {"must_fire": [{"alert": "dep_breaker_open", "within": "4m"}], "must_not_fire": "others"}
    params = Detection.model_validate(expected)
    builder = (
        RecordingBuilder(expect={"detection": (params,)})
        .steady()
        .fault()
        .lagging(lag=lag)
        .phase(85, Phase.TEARDOWN)
    )
    builder = builder.alert("dep_breaker_open", 26, 35, 46).alert("web_down", 27, 30, 46)
    results = judged(detection.CHECK, builder.end(), params)
    said(results["alert dep_breaker_open fires"], outcome)
    said(results["no wrong alert fires"], outcome)


def test_a_machine_that_slows_down_later_excuses_no_wrong_alert() -> None:
    params = Detection.model_validate({"must_not_fire": "others"})
    builder = RecordingBuilder(expect={"detection": (params,)}).steady().fault().phase(85, Phase.TEARDOWN)
    builder = builder.alert("web_down", 27, 30, 60).lagging(start=40)
    assert judged(detection.CHECK, builder.end(), params)["no wrong alert fires"].outcome is Outcome.FAIL


def test_a_wrong_answer_is_no_slowness() -> None:
    builder = (
        RecordingBuilder()
        .fault()
        .lagging()
        .load(0, 20, rate=16)
        .load(20, 50, status=500, latency=0.9, rate=16)
    )
    assert promised(builder).outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("lag", "until", "outcome"),
    [(1.5, 33, Outcome.INCONCLUSIVE), (0.9, 33, Outcome.FAIL), (1.5, 45, Outcome.FAIL)],
    ids=["then", "late only", "for longer"],
)
def test_wrong_answers_while_the_machine_stood_still_and_soon_after_prove_nothing(
    lag: float, until: float, outcome: Outcome
) -> None:
    builder = RecordingBuilder().fault().load(0, 30, rate=16).load(30, until, status=500, rate=16)
    builder.load(until, 50, rate=16)
    builder.lagging(31, 32, lag)
    result = promised(builder)
    assert result.outcome is outcome
    assert ("stood still" in result.actual) is (outcome is Outcome.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("latency", "outcome"), [(5.0, Outcome.INCONCLUSIVE), (12.0, Outcome.FAIL)], ids=["some", "far too late"]
)
def test_a_machine_half_a_second_late_explains_no_answer_that_comes_twelve_seconds_late(
    latency: float, outcome: Outcome
) -> None:
    builder = (
        RecordingBuilder()
        .fault()
        .lagging(lag=0.5)
        .load(0, 20, rate=16)
        .load(20, 50, latency=latency, rate=16)
    )
    assert promised(builder).outcome is outcome


@pytest.mark.parametrize(
    ("pressure", "outcome"), [(0.9, Outcome.INCONCLUSIVE), (0.5, Outcome.FAIL)], ids=["full", "not full"]
)
def test_a_small_lag_counts_while_every_core_is_busy(pressure: float, outcome: Outcome) -> None:
    builder = RecordingBuilder().fault().breaker((0, "closed"), (22, "open"), (50, "closed"))
    readings = [
        MachineReading(at=BEGAN + at, mono=at, over=1.0, cpu_busy=0.99, cpu_pressure=pressure, lag=0.2)
        for at in range(20, 80)
    ]
    builder = builder.add(*readings).load(0, 20).load(20, 50, degraded="stale", latency=0.9)
    assert judged(breaker.CHECK, builder.end(), FAILS_FAST)[FAST].outcome is outcome


def test_what_this_machine_could_not_send_says_nothing_of_the_system() -> None:
    """Of the breaker neither: an instant "answer" of a request that was never sent is not fast."""
    builder = RecordingBuilder().fault().breaker((0, "closed"), (22, "open"), (50, "closed")).load(0, 20)
    builder = builder.load(20, 50, status=0, served=False, error="overload", latency=0.0)
    found = judged(breaker.CHECK, builder.end(), FAILS_FAST)
    assert found[FAST].outcome is Outcome.INCONCLUSIVE


def busy(builder: RecordingBuilder, full: bool) -> RecordingBuilder:
    """For one second nothing of gameday's came late; every core was busy."""
    pressure = 0.98 if full else 0.5
    reading = MachineReading(at=BEGAN + 31, mono=31, over=1.0, cpu_busy=1.0, cpu_pressure=pressure, lag=0.01)
    return builder.add(reading)


@pytest.mark.parametrize(
    ("full", "latency", "at", "outcome"),
    [
        (True, 0.9, 30, Outcome.INCONCLUSIVE),
        (False, 0.9, 30, Outcome.FAIL),
        (True, 3.0, 30, Outcome.FAIL),
        (True, 0.9, 40, Outcome.FAIL),
    ],
    ids=["late then", "cores were free", "later than that explains", "late at another time"],
)
def test_answers_that_were_late_in_a_second_in_which_every_core_was_busy(
    full: bool, latency: float, at: int, outcome: Outcome
) -> None:
    """Two seconds of 28: more than the share of late answers that the limits allow."""
    builder = busy(RecordingBuilder().fault(), full).breaker((0, "closed"), (22, "open"), (50, "closed"))
    builder.load(0, 20).load(20, at, degraded="stale").load(at, at + 2, degraded="stale", latency=latency)
    recording = builder.load(at + 2, 50, degraded="stale").end()
    found = judged(breaker.CHECK, recording, FAILS_FAST)[FAST]
    assert found.outcome is outcome
    assert ("every core of this machine was busy" in found.actual) is (outcome is Outcome.INCONCLUSIVE)


@pytest.mark.parametrize(("full", "outcome"), [(True, Outcome.INCONCLUSIVE), (False, Outcome.FAIL)])
def test_promised_answers_that_came_late_while_every_core_was_busy(full: bool, outcome: Outcome) -> None:
    builder = busy(RecordingBuilder().fault(), full).load(0, 30, rate=16)
    assert promised(builder.load(30, 31, latency=0.9, rate=16).load(31, 50, rate=16)).outcome is outcome


@Saturated
def test_an_alert_that_fires_when_the_fault_is_over(lag: float, outcome: Outcome) -> None:
    """The fault ends at 44 s, before the deadline: no alert after that detected it."""
    builder = RecordingBuilder().steady(10).fault(20, 44).lagging(lag=lag).phase(80, Phase.TEARDOWN)
    recording = builder.alert("dep_breaker_open", 38, 48, 60).end()
    params = Detection.model_validate({"must_fire": [{"alert": "dep_breaker_open", "within": "20m"}]})
    found = judged(detection.CHECK, recording, params)
    said(found["alert dep_breaker_open fires"], outcome)
    said(found["alert dep_breaker_open goes on firing"], outcome)
