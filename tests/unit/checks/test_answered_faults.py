"""A fault that a procedure answers: undone by that, timed to its end; and runs that break nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from chaos.checks import detection, fault_effect, recovery
from chaos.checks.detection import Detection
from chaos.checks.recovery import Recovery
from chaos.model.identity import RTO
from chaos.model.rules import DetectionFacts
from chaos.model.scenario import CheckParams
from chaos.model.verdict import Outcome
from chaos.timeline.recording import Recording
from chaos.verdict import judge
from tests.recording_builder import FACTS, STACK, RecordingBuilder, ToyKill, judged
from tests.results import context
from tests.unit.checks.procedures import lost

EFFECT, ANSWERED = "container.kill dep takes effect", "container.kill dep is answered"
PATIENT = Recovery.model_validate({"rto": "30s", "budget": "5s", "healthy_for": "5s"})


def answered(
    builder: RecordingBuilder, expect: Mapping[str, tuple[CheckParams, ...]] | None = None
) -> RecordingBuilder:
    """The recording of a run whose first fault is answered by a procedure."""
    step = ToyKill.model_validate({"at": "3m20s", "answer": "restore"})
    planned = builder.plan.steps[0].model_copy(update={"step": step, "end": builder.plan.steps[0].start})
    scenario = builder.plan.scenario.model_copy(update={"timeline": (step,), "expect": dict(expect or {})})
    builder.plan = builder.plan.model_copy(
        update={"scenario": scenario, "steps": (planned, *builder.plan.steps[1:]), "timeline_seconds": 10.0}
    )
    return builder


def outcomes(recording: Recording) -> dict[str, Outcome]:
    return {title: result.outcome for title, result in judged(fault_effect.CHECK, recording).items()}


def test_an_answered_fault_is_gone_once_its_procedure_has_ended() -> None:
    recording = answered(RecordingBuilder()).steady().fault(20, 44).end()
    assert outcomes(recording) == {EFFECT: Outcome.PASS, ANSWERED: Outcome.PASS}
    assert judged(fault_effect.CHECK, recording)[ANSWERED].actual == "gone once restore had ended"


def test_a_procedure_that_failed_is_a_failure_and_leaves_nothing_dirty() -> None:
    result = judged(
        fault_effect.CHECK, answered(RecordingBuilder()).steady().fault(20, 44, undone=False).end()
    )[ANSWERED]
    assert (result.outcome, result.actual) == (Outcome.FAIL, "still exited")
    assert "gameday clean" not in str(result)


def test_an_effect_that_outlives_the_procedure_is_a_failure() -> None:
    result = judged(
        fault_effect.CHECK, answered(RecordingBuilder()).steady().fault(20, 44, gone=False).end()
    )[ANSWERED]
    assert result.outcome is Outcome.FAIL
    assert result.actual == "the effect outlived the procedure restore: state exited"


def test_it_is_unknown_without_its_end_or_a_look_afterwards() -> None:
    cut = answered(RecordingBuilder()).steady().fault(20, None).end()
    assert outcomes(cut)[ANSWERED] is Outcome.INCONCLUSIVE
    whole = answered(RecordingBuilder()).steady().fault(20, 44).end()
    unseen = replace(
        whole, events=tuple(event for event in whole.events if getattr(event, "when", "") != "after")
    )
    assert outcomes(unseen)[ANSWERED] is Outcome.INCONCLUSIVE


def test_the_rto_counts_from_the_failure_and_the_budget_from_the_end_of_the_procedure() -> None:
    builder = answered(RecordingBuilder(), {"recovery": (PATIENT,)}).steady()
    builder.fault(20, 44).load(0, 20).load(46, 80).probe(0, 20).probe(20, 46, ok=False).probe(46, 80)
    results = judged(recovery.CHECK, builder.end(110), PATIENT)
    rto = results["clients recover within the RTO"]
    budget = results["clients recover within the budget"]
    assert (rto.measures[0].key, rto.measures[0].limit) == (RTO, 30.0)
    assert rto.measures[0].value is not None
    assert 26.0 <= rto.measures[0].value < 27.0
    assert budget.measures[0].label == "recovered, from the end of the procedure"
    assert budget.measures[0].value is not None
    assert 2.0 <= budget.measures[0].value < 3.0


def test_a_run_that_breaks_nothing_is_not_asked_about_faults() -> None:
    """And whatever depends on a fault is unknown: never a PASS by default."""
    rehearsal = lost(
        RecordingBuilder(expect={"recovery": (PATIENT,)}).steady().load(0, 80).probe(0, 80).clean().end()
    )
    verdict = judge(rehearsal)
    assert "fault_effect" not in {result.check for result in verdict.checks}
    asked = [result for result in verdict.checks if result.check == "recovery"]
    assert {result.outcome for result in asked} == {Outcome.INCONCLUSIVE}
    assert verdict.outcome is not Outcome.PASS


def wrong(*timeline: ToyKill, facts: DetectionFacts = FACTS) -> list[str]:
    expected = Detection.model_validate({"must_fire": [{"alert": "error_rate", "within": "20m"}]})
    scenario = RecordingBuilder().plan.scenario.model_copy(update={"timeline": timeline})
    return [message for _, message, _ in detection.CHECK.problems(expected, context(scenario, STACK, facts))]


def test_an_alert_can_be_promised_while_a_procedure_works_but_not_of_a_rehearsal() -> None:
    held = ToyKill.model_validate({"at": "1m", "for": "1h"})
    answering = ToyKill.model_validate({"at": "1m", "answer": "restore"})
    assert wrong(answering) == wrong(held)
    assert len(wrong(ToyKill.model_validate({"at": "1m", "for": "10s"}))) == len(wrong(held)) + 1
    assert wrong() == ["the scenario has no fault, so no alert must fire"]
