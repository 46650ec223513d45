"""A window that holds too little of what was planned says nothing, whatever the sum over all windows is."""

from __future__ import annotations

import pytest

from chaos.checks.breaker import CHECK as BREAKER
from chaos.checks.breaker import Breaker
from chaos.checks.degradation import CHECK as DEGRADATION
from chaos.checks.degradation import Degradation
from chaos.checks.kit.density import load_doubt, probe_doubt
from chaos.checks.steady_state import CHECK as STEADY
from chaos.model.verdict import CheckResult, Outcome
from chaos.timeline.recording import Recording
from tests.recording_builder import BEGAN, READY, RecordingBuilder, judged

ITEMS = Degradation.model_validate(
    {"request": "GET /items", "status": 200, "header": {"X-Degraded": "stale"}}
)


def promise(recording: Recording) -> CheckResult:
    (result,) = judged(DEGRADATION, recording, ITEMS).values()
    return result


def hurt() -> RecordingBuilder:
    return RecordingBuilder().steady(10).fault(20, 44)  # answers are judged from 23.3 s to 43.3 s


def test_a_hole_in_the_load_is_found_however_many_answers_there_are() -> None:
    whole = hurt().load(20, 45, degraded="stale")
    holed = hurt().load(20, 30, degraded="stale").load(36, 45, degraded="stale")
    assert promise(whole.end()).outcome is Outcome.PASS
    found = promise(holed.end())
    assert (found.outcome, found.actual) == (
        Outcome.INCONCLUSIVE,
        "no GET /items of the load for 6.0 s, from 30.0 s into the run",
    )


def test_a_second_of_half_the_load_does_not_hide_in_the_rest() -> None:
    thin = hurt().load(20, 30, degraded="stale").load(30, 36, rate=8, degraded="stale")
    found = promise(thin.load(36, 45, degraded="stale").end())
    assert found.outcome is Outcome.INCONCLUSIVE
    assert "GET /items of the load that were planned" in found.actual


def test_the_empty_window_of_a_second_fault_does_not_pass_by_that_of_the_first() -> None:
    two = (
        RecordingBuilder(steps=2)
        .steady(10)
        .fault(20, 44)
        .fault(60, 80, index=1)
        .load(20, 45, degraded="stale")
    )
    assert promise(two.end(90)).outcome is Outcome.INCONCLUSIVE


@pytest.mark.parametrize(("answers", "outcome"), [(1, Outcome.INCONCLUSIVE), (3, Outcome.FAIL)])
def test_few_answers_are_enough_when_each_breaks_the_promise(answers: int, outcome: Outcome) -> None:
    recording = hurt().load(25, 25 + answers, rate=1, status=500).end()
    assert promise(recording).outcome is outcome


def test_few_answers_of_which_one_is_good_are_not_enough() -> None:
    recording = hurt().load(25, 30, rate=1, status=500).load(30, 31, rate=1, degraded="stale").end()
    assert promise(recording).outcome is Outcome.INCONCLUSIVE


def test_what_this_machine_could_not_send_is_missing() -> None:
    recording = (
        RecordingBuilder()
        .load(20, 30)
        .load(30, 35, status=0, served=False, error="overload")
        .load(35, 40)
        .end()
    )
    assert load_doubt(recording, [(BEGAN + 20, BEGAN + 30)]) is None
    doubt = load_doubt(recording, [(BEGAN + 20, BEGAN + 40)])
    assert str(doubt).startswith("no requests of the load for 5.0")


def test_failing_fast_is_not_distinguished_from_a_hole() -> None:
    fast = Breaker.model_validate({"name": "dep", "fails_fast_under": "50ms"})
    states = ((0, "closed"), (21, "open"), (45, "half_open"), (45.5, "closed"))
    good = {"degraded": "stale", "latency": 0.004}
    whole = hurt().breaker(*states).load(5, 20).load(20, 45, **good).load(45, 80)  # type: ignore[arg-type]
    holed = hurt().breaker(*states).load(5, 20).load(20, 25, **good).load(45, 80)  # type: ignore[arg-type]
    title = "breaker dep fails fast"
    assert judged(BREAKER, whole.end(), fast)[title].outcome is Outcome.PASS
    assert judged(BREAKER, holed.end(), fast)[title].outcome is Outcome.INCONCLUSIVE


def test_a_condition_that_is_never_sampled_in_the_window_that_held_did_not_hold() -> None:
    title = "steady state after recovery"
    sampled = hurt().probe(5, 20).probe(45, 66).steady(66, "after").end()
    assert judged(STEADY, sampled)[title].outcome is Outcome.PASS
    silent = hurt().probe(5, 20).probe(45, 62).steady(66, "after").end()
    events = tuple(e for e in silent.events if not (getattr(e, "probe", "") and e.at > BEGAN + 62))
    cut = Recording(silent.plan, events, silent.requests, silent.metrics)
    assert judged(STEADY, cut)[title].outcome is Outcome.INCONCLUSIVE


def test_a_probe_with_a_hole_is_too_thin() -> None:
    recording = RecordingBuilder().probe(20, 24).probe(29, 40).end()
    assert probe_doubt(recording, [(BEGAN + 20, BEGAN + 24)], READY.label) is None
    assert "for 5.1 s" in str(probe_doubt(recording, [(BEGAN + 20, BEGAN + 40)], READY.label))
