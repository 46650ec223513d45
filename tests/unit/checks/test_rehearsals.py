"""A rehearsal has no fault: that no alert fired can be judged from the steady state on."""

from __future__ import annotations

from dataclasses import replace

from chaos.checks.detection import CHECK, Detection
from chaos.model.verdict import Outcome
from chaos.timeline.events import Phase
from chaos.timeline.recording import Recording
from tests.recording_builder import RecordingBuilder, judged

WRONG = "no wrong alert fires"


def rehearsal(built: RecordingBuilder) -> Recording:
    recording = built.phase(80, Phase.TEARDOWN).end()
    scenario = recording.plan.scenario.model_copy(update={"timeline": (), "rehearse": ("restore",)})
    plan = recording.plan.model_copy(update={"steps": (), "scenario": scenario})
    return replace(recording, plan=plan)


def wrong(built: RecordingBuilder) -> tuple[Outcome, str]:
    result = judged(CHECK, rehearsal(built), Detection())[WRONG]
    return result.outcome, result.actual


def test_no_alert_fired() -> None:
    assert wrong(RecordingBuilder().steady(10)) == (Outcome.PASS, "none fired")


def test_an_alert_that_fires_in_a_rehearsal_is_wrong() -> None:
    found = wrong(RecordingBuilder().steady(10).alert("web_down", 20, 30, 50))
    assert found == (Outcome.FAIL, "fired: web_down without a fault")


def test_an_alert_that_was_over_before_the_steady_state_is_not() -> None:
    assert wrong(RecordingBuilder().steady(10).alert("web_down", 1, 3, 8))[0] is Outcome.PASS


def test_without_a_steady_state_or_without_data_nothing_is_known() -> None:
    assert wrong(RecordingBuilder())[0] is Outcome.INCONCLUSIVE
    late = wrong(RecordingBuilder().steady(10).metrics(read_from=25))
    assert late == (Outcome.INCONCLUSIVE, "the alert history begins after the steady state")
