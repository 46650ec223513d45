"""What the check of alerts objects to before a run, and the deadlines that it gives to the plan."""

from __future__ import annotations

import pytest

from chaos.checks.detection import CHECK, Detection
from chaos.kinds import Objection
from chaos.model.rules import AlertRule, DetectionFacts, PaceEffect, PaceNote
from tests.recording_builder import FACTS, STACK, RecordingBuilder
from tests.results import context

ALERT = "dep_breaker_open"


EXPECTED = Detection.model_validate({"must_fire": [{"alert": ALERT, "within": "5m"}]})  # 15 s at pace 20


def problems(expectation: dict[str, object], hold: float = 480.0) -> list[Objection]:
    scenario = RecordingBuilder(hold=hold).plan.scenario
    params = Detection.model_validate(expectation)
    return list(CHECK.problems(params, context(scenario, STACK, FACTS)))


def test_a_sound_expectation_has_no_problems() -> None:
    assert problems({"must_fire": [{"alert": ALERT, "within": "5m"}], "must_not_fire": ["web_down"]}) == []


@pytest.mark.parametrize(
    ("expectation", "loc", "words"),
    [
        (
            {"must_fire": [{"alert": "dep_breaker_opn", "within": "5m"}]},
            ("must_fire", 0, "alert"),
            "unknown alert",
        ),
        ({"must_fire": [{"alert": ALERT, "within": "3m"}]}, ("must_fire", 0, "within"), "the bound is 3m20s"),
        ({"must_not_fire": ["nothing_like_it"]}, ("must_not_fire", 0), "unknown alert"),
        (
            {"must_fire": [{"alert": ALERT, "within": "5m"}], "must_not_fire": [ALERT]},
            ("must_not_fire", 0),
            "must fire and must not fire",
        ),
        (
            {"must_fire": [{"alert": ALERT, "within": "5m"}, {"alert": ALERT, "within": "6m"}]},
            ("must_fire", 1, "alert"),
            "twice",
        ),
        (
            {"must_fire": [{"alert": ALERT, "within": "5m"}], "must_resolve_within": "10s"},
            ("must_resolve_within",),
            "cannot be promised to resolve",
        ),
    ],
)
def test_each_problem_names_its_field(
    expectation: dict[str, object], loc: tuple[str | int, ...], words: str
) -> None:
    (found,) = problems(expectation)
    assert found[0] == loc
    assert words in found[1]
    assert found[2]


def test_the_nearest_right_spelling_is_offered() -> None:
    ((_, _, fix),) = problems({"must_fire": [{"alert": "dep_breaker_opn", "within": "5m"}]})
    assert fix == f"did you mean {ALERT!r}?"


def test_faults_shorter_than_the_bound_are_refused() -> None:
    ((loc, message, _),) = problems({"must_fire": [{"alert": ALERT, "within": "5m"}]}, hold=60)
    assert loc == ("must_fire", 0, "alert")
    assert "the faults last 1m" in message


def test_a_stack_without_prometheus_cannot_expect_alerts() -> None:
    (found,) = CHECK.problems(EXPECTED, context(RecordingBuilder().plan.scenario, STACK, None))
    assert "no Prometheus" in found[1]


def test_deadlines_for_the_plan() -> None:
    assert list(CHECK.alert_deadlines(EXPECTED)) == [(ALERT, 300.0, 300.0, None)]


LOST = PaceNote(part="changes(x[5m])", effect=PaceEffect.LOST, text="it counts single events")


COUNTS = PaceNote(part="increase(y[5m])", effect=PaceEffect.TRANSLATED, text="a count in a window")


def with_rule(**changes: object) -> DetectionFacts:
    """The facts with the rule that must fire changed."""
    rule, *others = FACTS.rules
    return FACTS.model_copy(update={"rules": (rule.model_copy(update=changes), *others)})


def objected(facts: DetectionFacts, pace: float | None = None) -> list[str]:
    scenario = RecordingBuilder().plan.scenario
    return [found.message for found in CHECK.problems(EXPECTED, context(scenario, STACK, facts, pace))]


def test_an_alert_that_means_something_else_at_the_pace_is_refused_there() -> None:
    facts = with_rule(pace_notes=(LOST,))
    assert objected(facts) == []
    assert objected(facts, 1) == []
    assert objected(facts, 20) == [
        f"{ALERT} is not comparable at pace 20: changes(x[5m]): it counts single events"
    ]
    assert objected(with_rule(pace_notes=(COUNTS,)), 20) == []


def test_an_alert_that_no_run_could_judge_is_refused() -> None:
    assert objected(with_rule(reads_now=False)) == [
        f"{ALERT} reads no series, or only fixed instants, which no fault can change"
    ]
    assert objected(with_rule(unread="no such syntax")) == [
        f"the expression of {ALERT} could not be read, so its bound is unknown: no such syntax"
    ]
    nothing = Detection.model_validate({"must_not_fire": []})
    (found,) = CHECK.problems(nothing, context(RecordingBuilder().plan.scenario, STACK, FACTS))
    assert found.message == "nothing is expected of any alert"


def test_the_time_to_resolve_counts_keep_firing_for() -> None:
    assert objected(with_rule(keep_firing=1200.0)) == [
        f"{ALERT} cannot be promised to resolve within 5m: that alone takes 20m20s "
        "(rate window 0s + scrape 10s + evaluation 10s + keep_firing_for 20m)"
    ]


def test_the_bound_counts_recording_rules_and_the_groups_own_interval() -> None:
    assert objected(with_rule(upstream=30.0, interval=60.0, scrape=45.0)) == [
        f"{ALERT} cannot be promised within 5m: the bound is 5m15s "
        "(rate window 0s + scrape 45s + recording rules 30s + evaluation 1m + for 3m)"
    ]


def test_what_the_pace_does_to_the_rules_is_said_beforehand() -> None:
    facts = with_rule(pace_notes=(COUNTS,))
    facts = facts.model_copy(
        update={"rules": (*facts.rules, AlertRule(alert="flaps", expr="", pace_notes=(LOST,)))}
    )
    scenario = RecordingBuilder().plan.scenario
    assert list(CHECK.remarks(EXPECTED, context(scenario, STACK, facts, 20))) == [
        f"alert {ALERT}: increase(y[5m]) is translated: a count in a window",
        "alert flaps is not comparable at this pace and is not judged: "
        "changes(x[5m]): it counts single events",
    ]
    assert list(CHECK.remarks(EXPECTED, context(scenario, STACK, facts, 1))) == []


def test_what_one_entry_expects_another_may_not_forbid() -> None:
    forbids = Detection.model_validate({"must_not_fire": [ALERT]})
    scenario = RecordingBuilder(hold=480).plan.scenario
    both = scenario.model_copy(update={"expect": {"detection": (EXPECTED, forbids)}})
    ((loc, message, _),) = CHECK.problems(forbids, context(both, STACK, FACTS))
    assert (loc, message) == (("must_not_fire", 0), f"alert {ALERT!r} must fire and must not fire")


def test_an_alert_may_be_expected_with_one_label_and_forbidden_with_another() -> None:
    mail = {"alert": ALERT, "within": "5m", "labels": {"queue": "mail"}}
    other, same = ({"alert": ALERT, "labels": {name: "bills"}} for name in ("queue", "job"))
    assert problems({"must_fire": [mail], "must_not_fire": [other]}) == []
    ((loc, _, _),) = problems({"must_fire": [mail], "must_not_fire": [same]})
    assert loc == ("must_not_fire", 0)


def test_an_alert_is_in_one_entry_unless_labels_tell_it_apart() -> None:
    def found(**more: object) -> list[str]:
        other = Detection.model_validate({"must_fire": [{"alert": ALERT, "within": "6m", **more}]})
        scenario = RecordingBuilder(hold=480).plan.scenario
        both = scenario.model_copy(update={"expect": {"detection": (EXPECTED, other)}})
        return [one.message for one in CHECK.problems(EXPECTED, context(both, STACK, FACTS))]

    assert found() == [f"alert {ALERT!r} is in another entry of detection too"]
    assert found(labels={"queue": "mail"}) == []
