"""A selector that matches no series is a dead alert; three outcomes on the data of the run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.checks.detection import ALIVE, CHECK, Detection
from chaos.model.rules import Matcher, MatchKind, Selector
from chaos.model.verdict import CheckResult, Outcome
from chaos.timeline.events import Phase
from chaos.timeline.recording import SelectorSeen, TargetSeen
from tests.recording_builder import FACTS, RecordingBuilder


def judged(selector: Selector, seen: SelectorSeen | None, **params: object) -> CheckResult | None:
    """What is said of the one selector, which is the rule's of error_rate."""
    rules = tuple(
        one.model_copy(update={"selectors": (selector,)}) if one.alert == "error_rate" else one
        for one in FACTS.rules
    )
    made = RecordingBuilder().steady(10).fault(20, 44).phase(80, Phase.TEARDOWN).end()
    targets = (TargetSeen(labels={"job": "web", "instance": "web:8000"}, health="up"),)
    metrics = made.metrics.model_copy(
        update={"selectors": () if seen is None else (seen,), "targets": targets}
    )
    facts = FACTS.model_copy(update={"rules": rules})
    recording = replace(made, plan=made.plan.model_copy(update={"detection": facts}), metrics=metrics)
    results = CHECK.judge(recording, Detection.model_validate(params))
    return next((result for result in results if result.key == ALIVE), None)


def selects(family: str, label: str, value: str, may_be_empty: bool = False) -> Selector:
    matcher = Matcher(label=label, kind=MatchKind.EQUAL, value=value)
    return Selector(family=family, matchers=(matcher,), may_be_empty=may_be_empty)


def seen(selector: Selector, series: int | None, family: int | None, *labels: str) -> SelectorSeen:
    return SelectorSeen(
        selector=str(selector),
        family=selector.family,
        series=series,
        family_series=family,
        family_labels=labels or None,
    )


GAUGE = selects("queue_depth", "queue", "mail")
COUNTER = selects("errors_total", "code", "500")


@pytest.mark.parametrize(
    ("selector", "found", "outcome", "words"),
    [
        (GAUGE, seen(GAUGE, 2, 3, "queue"), Outcome.PASS, "1 selector"),
        (GAUGE, seen(GAUGE, 0, 0), Outcome.PASS, "1 selector without a series"),
        (GAUGE, seen(GAUGE, 0, 3, "queue"), Outcome.FAIL, "none of its series matches"),
        (COUNTER, seen(COUNTER, 0, 3, "status"), Outcome.FAIL, "the metric has no label code"),
        (COUNTER, seen(COUNTER, 0, 3, "code"), Outcome.PASS, "1 selector without a series"),
        (GAUGE, seen(GAUGE, None, None), Outcome.INCONCLUSIVE, "could not be asked"),
        (GAUGE, None, Outcome.INCONCLUSIVE, "could not be asked"),
    ],
    ids=["alive", "family absent", "dead", "dead label", "no event yet", "not asked", "not recorded"],
)
def test_three_outcomes(selector: Selector, found: SelectorSeen | None, outcome: Outcome, words: str) -> None:
    result = judged(selector, found)
    assert result is not None
    assert (result.outcome, words in result.actual) == (outcome, True), result.actual


def test_a_job_that_no_target_has_is_dead_also_for_a_counter() -> None:
    selector = selects("errors_total", "job", "wbe")
    result = judged(selector, seen(selector, 0, 3, "job"))
    assert result is not None
    assert (result.outcome, "no target has job=wbe" in result.actual) == (Outcome.FAIL, True)


def test_a_selector_that_provides_for_nothing_may_be_empty() -> None:
    selector = selects("queue_depth", "queue", "mail", may_be_empty=True)
    result = judged(selector, seen(selector, 0, 3, "queue"))
    assert result is not None
    assert result.outcome is Outcome.PASS


def test_only_the_rules_of_which_something_is_expected_are_asked() -> None:
    dead = seen(GAUGE, 0, 3, "queue")
    assert judged(GAUGE, dead, must_not_fire=["web_down"]) is None
    result = judged(GAUGE, dead, must_not_fire=["error_rate"])
    assert result is not None
    assert result.outcome is Outcome.FAIL


def test_rules_of_earlier_versions_have_no_selectors_to_ask() -> None:
    recording = RecordingBuilder().steady(10).fault(20, 44).phase(80, Phase.TEARDOWN).end()
    assert not any(rule.selectors for rule in FACTS.rules)
    assert ALIVE not in {result.key for result in CHECK.judge(recording, Detection())}
