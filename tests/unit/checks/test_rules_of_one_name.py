"""Rules of one name differ in the labels that they set: each firing is judged by the rule behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from chaos.checks.detection import CHECK, Detection
from chaos.kinds import Objection
from chaos.model.rules import AlertRule, DetectionFacts, PaceEffect, PaceNote
from chaos.model.verdict import Outcome
from chaos.timeline.events import Phase
from chaos.timeline.recording import Recording
from tests.recording_builder import FACTS, STACK, RecordingBuilder, judged
from tests.results import context
from tests.unit.checks.test_own_alerts import labelled

ALERT = "dep_breaker_open"
FIRES, KEEPS = f"alert {ALERT} fires", f"alert {ALERT} goes on firing"
LOST = PaceNote(part="changes(x[5m])", effect=PaceEffect.LOST, text="it counts single events")
QUICK = FACTS.rules[0].model_copy(update={"labels": {"severity": "warning"}})
SLOW = FACTS.rules[0].model_copy(update={"labels": {"severity": "critical"}, "hold": 1200.0})


def facts_with(*rules: AlertRule) -> DetectionFacts:
    return FACTS.model_copy(update={"rules": (*rules, *FACTS.rules[1:])})


def fired(*rules: AlertRule, **labels: str) -> Recording:
    """It is pending from 21 s and fires from 30 s: the quick rule's ``for`` is 9 s at this pace."""
    made = RecordingBuilder().steady(10).phase(11, Phase.TIMELINE).fault(20, 44).phase(80, Phase.TEARDOWN)
    made = made.alert(ALERT, 21, 30, 50)
    recording = labelled(made.end(), **labels)
    plan = recording.plan.model_copy(update={"detection": facts_with(*rules)})
    return replace(recording, plan=plan)


def expected(**more: Any) -> Detection:
    return Detection.model_validate({"must_fire": [{"alert": ALERT, "within": "5m", **more}]})


@pytest.mark.parametrize("rules", [(SLOW, QUICK), (QUICK, SLOW)])
def test_a_firing_is_judged_by_the_rule_with_its_labels(rules: tuple[AlertRule, ...]) -> None:
    results = judged(CHECK, fired(*rules, severity="warning"), expected())
    assert {one.outcome for one in results.values()} == {Outcome.PASS}
    early = judged(CHECK, fired(*rules, severity="critical"), expected())
    assert early[FIRES].outcome is Outcome.INCONCLUSIVE
    assert "sooner than its `for` of 1 min allows" in early[FIRES].actual


@pytest.mark.parametrize("rules", [(SLOW, QUICK), (QUICK, SLOW)])
def test_the_bound_is_that_of_the_rules_with_the_expected_labels(rules: tuple[AlertRule, ...]) -> None:
    def objections(**labels: str) -> list[Objection]:
        scenario = RecordingBuilder(hold=3000).plan.scenario
        params = expected(labels=labels or None)
        return list(CHECK.problems(params, context(scenario, STACK, facts_with(*rules))))

    assert objections() == objections(severity="warning") == []
    (refused,) = objections(severity="critical")
    assert "the bound is 20m20s" in refused.message
    (unknown,) = objections(severity="page")
    assert unknown.where == ("must_fire", 0, "labels")
    assert "no rule of dep_breaker_open gives it these labels" in unknown.message
    assert all(f"severity: {one}" in unknown.fix for one in ("warning", "critical"))


def test_labels_that_no_rule_gives_cannot_be_forbidden_either() -> None:
    params = Detection.model_validate({"must_not_fire": [{"alert": ALERT, "labels": {"severity": "page"}}]})
    scenario = RecordingBuilder().plan.scenario
    (found,) = CHECK.problems(params, context(scenario, STACK, facts_with(QUICK, SLOW)))
    assert found.where == ("must_not_fire", 0, "labels")


@pytest.mark.parametrize(
    ("severity", "outcome"), [("warning", Outcome.PASS), ("critical", Outcome.INCONCLUSIVE)]
)
def test_only_the_rule_that_means_something_else_at_the_pace_is_not_judged(
    severity: str, outcome: Outcome
) -> None:
    lost = SLOW.model_copy(update={"pace_notes": (LOST,)})
    params = expected(labels={"severity": severity})
    assert judged(CHECK, fired(lost, QUICK, severity=severity), params)[FIRES].outcome is outcome


def test_a_label_from_a_template_fits_whatever_its_value() -> None:
    template = QUICK.model_copy(update={"labels": {"severity": "{{ $labels.tier }}"}})
    assert template.fits({"severity": "warning"})
    assert template.may_have({"severity": "page"})
    assert facts_with(template, SLOW).rule_behind(ALERT, {"severity": "critical"}) == SLOW
    assert facts_with(SLOW, template).rule_behind(ALERT, {"severity": "warning"}) == template


def test_the_silence_of_one_rule_is_not_explained_by_another_rules_alert() -> None:
    """The condition of both holds, and only one of them left a trace: the other was not evaluated."""
    always = {"expr": "dep_breaker_state == 1", "hold": 0.0}
    rules = [one.model_copy(update=always) for one in (QUICK, SLOW)]
    made = RecordingBuilder().steady(10).fault(20, 44).phase(80, Phase.TEARDOWN)
    made = made.breaker((0, "closed"), (21, "open"), (50, "closed")).alert(ALERT, None, 22, 50)
    recording = labelled(made.end(), severity="warning")
    plan = recording.plan.model_copy(update={"detection": facts_with(*rules)})
    result = judged(CHECK, replace(recording, plan=plan), expected())[FIRES]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "was not even pending" in result.actual
