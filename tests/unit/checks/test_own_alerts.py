"""An alert counts for the stack it is of, and one that has fired goes on firing while the fault holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.checks.detection import CHECK, Detection
from chaos.model.rules import AlertRule, ScrapeTarget
from chaos.model.verdict import Outcome
from chaos.timeline.clock import ClockStep
from chaos.timeline.events import Phase
from chaos.timeline.recording import Recording, Series
from tests.recording_builder import BEGAN, FACTS, RecordingBuilder, judged

ALERT = "dep_breaker_open"
FIRES, KEEPS = f"alert {ALERT} fires", f"alert {ALERT} goes on firing"
RESOLVES, WRONG = f"alert {ALERT} resolves", "no wrong alert fires"
OTHER = ScrapeTarget(job="billing", instance="other-host:9")


def recorded() -> RecordingBuilder:
    return RecordingBuilder().steady(10).fault(20, 44).phase(80, Phase.TEARDOWN)


def expected(**more: object) -> Detection:
    return Detection.model_validate({"must_fire": [{"alert": ALERT, "within": "5m", **more}]})


def labelled(recording: Recording, alert: str = ALERT, **labels: str) -> Recording:
    """The series of one alert carry these labels as well."""
    series = tuple(
        one.model_copy(update={"labels": {**one.labels, **labels}})
        if one.labels.get("alertname") == alert
        else one
        for one in recording.metrics.series
    )
    return replace(recording, metrics=recording.metrics.model_copy(update={"series": series}))


def with_other_target(recording: Recording) -> Recording:
    """Its Prometheus is configured to scrape a host outside the stack too."""
    own = ScrapeTarget(job="web", instance="web:8000")
    facts = FACTS.model_copy(update={"targets": (own, OTHER)})
    return replace(recording, plan=recording.plan.model_copy(update={"detection": facts}))


def outcomes(recording: Recording, params: Detection) -> dict[str, Outcome]:
    return {title: result.outcome for title, result in judged(CHECK, recording, params).items()}


def fired() -> Recording:
    return recorded().alert(ALERT, 21, 30, 50).end()


@pytest.mark.parametrize("labels", [{}, {"job": "web"}, {"job": "web", "instance": "web:8000"}])
def test_an_alert_of_the_stacks_own_target_counts(labels: dict[str, str]) -> None:
    found = outcomes(with_other_target(labelled(fired(), **labels)), expected())
    assert set(found.values()) == {Outcome.PASS}


def test_one_of_another_target_in_the_same_prometheus_is_no_answer() -> None:
    recording = with_other_target(labelled(fired(), job=OTHER.job, instance=OTHER.instance))
    result = judged(CHECK, recording, expected())[FIRES]
    assert result.outcome is Outcome.FAIL
    assert result.actual == (
        "never fired for a target of the stack; it fired for job=billing, instance=other-host:9"
    )


def test_one_whose_labels_no_target_has_may_be_another_systems() -> None:
    found = outcomes(labelled(fired(), job="billing", instance="other-host:9"), expected())
    assert {found[FIRES], found[KEEPS], found[RESOLVES]} == {Outcome.INCONCLUSIVE}


def test_labels_of_the_scenario_say_which_one_it_is() -> None:
    recording = labelled(fired(), job="billing", region="north")
    assert outcomes(recording, expected(labels={"region": "north"}))[FIRES] is Outcome.PASS
    other = judged(CHECK, recording, expected(labels={"region": "south"}))[FIRES]
    assert (other.outcome, "with the labels that were asked for" in other.actual) == (Outcome.FAIL, True)


def test_a_forbidden_alert_of_another_system_is_not_wrong_and_is_said() -> None:
    loud = recorded().alert(ALERT, 21, 30, 50).alert("web_down", None, 30, 40).end()
    own = outcomes(with_other_target(labelled(loud, "web_down", job="web")), expected())
    assert own[WRONG] is Outcome.FAIL
    recording = with_other_target(labelled(loud, "web_down", job=OTHER.job, instance=OTHER.instance))
    foreign = judged(CHECK, recording, expected())[WRONG]
    assert (foreign.outcome, "of other systems" in foreign.actual) == (Outcome.PASS, True)
    unknown = outcomes(labelled(loud, "web_down", job="another"), expected())
    assert unknown[WRONG] is Outcome.INCONCLUSIVE


def test_a_forbidden_alert_may_be_named_with_labels() -> None:
    loud = labelled(recorded().alert("web_down", None, 30, 40).end(), "web_down", zone="a")

    def forbidding(zone: str) -> Detection:
        entry = {"alert": "web_down", "labels": {"zone": zone}}
        return Detection.model_validate({"must_not_fire": [entry, "error_rate"]})

    assert outcomes(loud, forbidding("a"))[WRONG] is Outcome.FAIL
    assert outcomes(loud, forbidding("b"))[WRONG] is Outcome.PASS


def test_an_alert_that_comes_and_goes_while_the_fault_holds_fails_with_the_instants() -> None:
    recording = recorded().alert(ALERT, 21, 30, 34).alert(ALERT, 34.5, 40, 50).end()
    result = judged(CHECK, recording, expected())[KEEPS]
    assert result.outcome is Outcome.FAIL
    assert result.actual == "fired at 30.0 s, and was gone from 34.0 s to 40.0 s while the fault held"
    assert result.marks[0].fraction == pytest.approx(4 / 13.3, abs=0.01)
    assert outcomes(recording, expected())[FIRES] is Outcome.PASS, "it was in time: another thing"
    assert f"{ALERT} fired again, while the fault held" in [fact.text for fact in result.evidence]


def test_an_alert_that_vanishes_while_the_fault_holds_fails() -> None:
    found = judged(CHECK, recorded().alert(ALERT, 21, 30, 35).end(), expected())[KEEPS]
    assert (found.outcome, found.actual) == (
        Outcome.FAIL,
        "fired at 30.0 s, and was gone from 35.0 s while the fault held",
    )


def test_where_it_may_flap_nothing_is_asked_of_it() -> None:
    recording = recorded().alert(ALERT, 21, 30, 34).alert(ALERT, 34.5, 40, 50).end()
    assert KEEPS not in outcomes(recording, expected(may_flap=True))


def test_two_series_of_one_alert_that_take_turns_are_no_break() -> None:
    first = labelled(recorded().alert(ALERT, 21, 30, 38).end(), code="503")
    second = labelled(recorded().alert(ALERT, 25, 34, 50).end(), code="504")
    more = tuple(one for one in second.metrics.series if one.metric == "ALERTS")
    metrics = first.metrics.model_copy(update={"series": (*first.metrics.series, *more)})
    assert outcomes(replace(first, metrics=metrics), expected())[KEEPS] is Outcome.PASS


def test_it_need_not_outlast_the_first_of_two_faults() -> None:
    both = RecordingBuilder(steps=2).steady(10).fault(20, 44).fault(25, 60, index=1).phase(85, Phase.TEARDOWN)
    assert outcomes(both.alert(ALERT, 21, 30, 46).end(90), expected())[KEEPS] is Outcome.PASS


def test_a_second_firing_without_a_pending_before_it_is_missing_data() -> None:
    """The rule has a `for`: what fires again was pending first, so samples were lost."""
    recording = recorded().alert(ALERT, 21, 30, 34).alert(ALERT, None, 38, 50).end()
    assert outcomes(recording, expected())[KEEPS] is Outcome.INCONCLUSIVE


def test_two_series_of_prometheus_that_contradict_each_other_prove_nothing() -> None:
    def states(until: float) -> Series:
        instants = tuple((BEGAN + 21 + n / 2, BEGAN + 21) for n in range(int((until - 21) * 2)))
        labels = {"alertname": ALERT, "severity": "SEV3"}
        return Series(metric="ALERTS_FOR_STATE", labels=labels, samples=instants)

    def both(until: float) -> Recording:
        made = recorded().alert(ALERT, 21, 30, 35).end()
        metrics = made.metrics.model_copy(update={"series": (*made.metrics.series, states(until))})
        return replace(made, metrics=metrics)

    assert outcomes(both(35), expected())[KEEPS] is Outcome.FAIL
    assert set(outcomes(both(50), expected()).values()) == {Outcome.INCONCLUSIVE}


def test_samples_that_are_dated_after_they_were_read_prove_nothing() -> None:
    made = fired()
    metrics = made.metrics.model_copy(update={"read_to": BEGAN + 80})
    assert set(outcomes(replace(made, metrics=metrics), expected()).values()) == {Outcome.INCONCLUSIVE}


@pytest.mark.parametrize("labels", [{"instance": "elsewhere:1"}, {"job": "web", "instance": "elsewhere:1"}])
def test_a_label_that_no_target_of_the_run_is_known_by_is_not_its_own(labels: dict[str, str]) -> None:
    """The targets of this recording are known by their job alone."""
    assert outcomes(labelled(fired(), **labels), expected())[FIRES] is Outcome.INCONCLUSIVE
    assert outcomes(labelled(fired(), job="web"), expected())[FIRES] is Outcome.PASS


def stepped(recording: Recording, at: float, seconds: float) -> Recording:
    """The wall clock was set then; all instants are on the run axis already."""
    step = ClockStep(BEGAN + at - 0.1, BEGAN + at, seconds)
    return replace(recording, clock=replace(recording.clock, steps=(step,)))


@pytest.mark.parametrize(
    ("fires_at", "at", "seconds", "outcome"),
    [
        (30, 25, 3.0, Outcome.PASS),
        (30, 25, 20.0, Outcome.INCONCLUSIVE),
        (30, 15, 20.0, Outcome.PASS),
        (30, 33, 20.0, Outcome.PASS),
        (38, 25, -4.0, Outcome.INCONCLUSIVE),
        (38, 25, -1.0, Outcome.FAIL),
        (38, 25, 4.0, Outcome.FAIL),
        (None, 25, -1.0, Outcome.INCONCLUSIVE),
        (None, 60, -1.0, Outcome.FAIL),
    ],
)
def test_a_clock_that_was_set_while_an_alert_was_awaited_may_have_decided(
    fires_at: float | None, at: float, seconds: float, outcome: Outcome
) -> None:
    """It is due within 15 s of the injection at 20.1 s."""
    made = recorded() if fires_at is None else recorded().alert(ALERT, 21, fires_at, 50)
    assert outcomes(stepped(made.end(), at, seconds), expected())[FIRES] is outcome


@pytest.mark.parametrize(("seconds", "outcome"), [(-4.0, Outcome.INCONCLUSIVE), (-1.0, Outcome.FAIL)])
def test_a_clock_that_was_set_back_may_have_moved_a_firing_beyond_the_fault(
    seconds: float, outcome: Outcome
) -> None:
    made = recorded().alert(ALERT, 21, 47, 60).end()
    long = Detection.model_validate({"must_fire": [{"alert": ALERT, "within": "20m"}]})
    found = outcomes(stepped(made, 25, seconds), long)
    assert (found[FIRES], found[KEEPS]) == (outcome, outcome)


def with_a_dead_mans_switch(recording: Recording, **rule: object) -> Recording:
    """The stack has a rule that reads no series, unless ``rule`` says otherwise."""
    switch = AlertRule.model_validate({"alert": "Watchdog", "expr": "vector(1)", "reads_now": False, **rule})
    facts = FACTS.model_copy(update={"rules": (*FACTS.rules, switch)})
    return replace(recording, plan=recording.plan.model_copy(update={"detection": facts}))


def test_a_dead_mans_switch_is_no_wrong_alert() -> None:
    recording = recorded().alert(ALERT, 21, 30, 50).alert("Watchdog", 0, 1, None).end()
    assert outcomes(with_a_dead_mans_switch(recording), expected())[WRONG] is Outcome.PASS


@pytest.mark.parametrize("rule", [{"reads_now": True}, {"unread": "not PromQL"}])
def test_an_alert_that_may_read_something_is_wrong_when_it_always_fires(rule: dict[str, object]) -> None:
    recording = recorded().alert(ALERT, 21, 30, 50).alert("Watchdog", 0, 1, 80).end()
    assert outcomes(with_a_dead_mans_switch(recording, **rule), expected())[WRONG] is Outcome.FAIL


def test_a_dead_mans_switch_that_is_named_must_not_fire() -> None:
    recording = recorded().alert(ALERT, 21, 30, 50).alert("Watchdog", 0, 1, None).end()
    params = Detection.model_validate(
        {"must_fire": [{"alert": ALERT, "within": "5m"}], "must_not_fire": ["Watchdog"]}
    )
    assert outcomes(with_a_dead_mans_switch(recording), params)[WRONG] is Outcome.FAIL
