"""Alerts are judged from Prometheus's own history: in time, no other, resolved; never from silence alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.checks.detection import CHECK, Detection
from chaos.model.plan import PlannedDeadline
from chaos.model.verdict import Outcome
from chaos.timeline.events import Phase
from chaos.timeline.questions import alert_spans
from chaos.timeline.recording import Metrics, Recording, Series
from tests.recording_builder import BEGAN, RecordingBuilder, judged
from tests.unit.checks.test_detection_beforehand import LOST, with_rule

ALERT = "dep_breaker_open"
FIRES, RESOLVES, WRONG = f"alert {ALERT} fires", f"alert {ALERT} resolves", "no wrong alert fires"
KEEPS = f"alert {ALERT} goes on firing"
EXPECTED = Detection.model_validate({"must_fire": [{"alert": ALERT, "within": "5m"}]})  # 15 s at pace 20


def recorded() -> RecordingBuilder:
    return RecordingBuilder().steady(10).fault(20, 44).phase(80, Phase.TEARDOWN)


def fires(recording: Recording) -> tuple[Outcome, str, float | None]:
    result = judged(CHECK, recording, EXPECTED)[FIRES]
    return result.outcome, result.actual, result.marks[0].fraction


def test_passes_in_time_alone_and_resolved() -> None:
    results = judged(CHECK, recorded().alert(ALERT, 21, 30, 50).end(), EXPECTED)
    assert {title: r.outcome for title, r in results.items()} == dict.fromkeys(
        (FIRES, KEEPS, RESOLVES, WRONG), Outcome.PASS
    )
    assert [m.value for m in results[FIRES].measures] == [9.9, 10.0]  # time to detect, theoretical bound
    assert results[FIRES].measures[0].limit == 15.0
    assert [e.text for e in results[FIRES].evidence] == [
        f"{ALERT} pending",
        f"{ALERT} firing",
        f"{ALERT} no longer firing",
    ]
    assert [e.at for e in results[FIRES].evidence] == [21, 30, 50]
    assert results[RESOLVES].measures[0].value == 6.0


def test_late_fails_and_loses_marks_in_proportion() -> None:
    outcome, actual, fraction = fires(recorded().alert(ALERT, 21, 38.6, 50).end())
    assert (outcome, actual) == (Outcome.FAIL, "fired 18.5 s after the injection, too late")
    assert fraction == pytest.approx(2 - 18.5 / 15)


def test_never_fired_fails_once_the_deadline_has_passed() -> None:
    assert fires(recorded().alert(ALERT, 21, None, 30).end()) == (Outcome.FAIL, "never fired", 0.0)


def test_not_fired_is_inconclusive_while_the_deadline_has_not_passed() -> None:
    outcome, _, fraction = fires(recorded().metrics(read_to=30).end(30))
    assert (outcome, fraction) == (Outcome.INCONCLUSIVE, None)


def test_firing_already_before_the_injection_fails() -> None:
    outcome, actual, _ = fires(recorded().alert(ALERT, 12, 15, 50).end())
    assert outcome is Outcome.FAIL
    assert "before the injection" in actual


def test_fired_only_before_the_injection_fails() -> None:
    outcome, actual, _ = fires(recorded().alert(ALERT, 12, 14, 16).end())
    assert (outcome, actual) == (Outcome.FAIL, "never fired (it did before the injection)")


def test_fired_only_after_the_fault_fails() -> None:
    long = Detection.model_validate({"must_fire": [{"alert": ALERT, "within": "20m"}]})
    result = judged(CHECK, recorded().alert(ALERT, 46, 50, 60).end(), long)[FIRES]
    assert result.outcome is Outcome.FAIL
    assert "after the fault was over" in result.actual


def test_an_alert_that_reacts_while_the_injection_is_under_way_was_not_there_before() -> None:
    made = recorded().alert(ALERT, 20.03, 20.06, 50).end()
    at_once = made.plan.model_copy(update={"detection": with_rule(hold=0.0)})
    results = judged(CHECK, replace(made, plan=at_once), EXPECTED)
    assert {r.outcome for r in results.values()} == {Outcome.PASS}
    assert results[FIRES].measures[0].value == 0.0


def test_an_alert_that_did_not_fire_while_the_fault_lasted_need_not_be_waited_for() -> None:
    long = Detection.model_validate(
        {"must_fire": [{"alert": ALERT, "within": "20m"}]}
    )  # 60 s, the fault lasts 24 s
    assert judged(CHECK, recorded().metrics(read_to=46).end(50), long)[FIRES].outcome is Outcome.FAIL
    assert (
        judged(CHECK, recorded().metrics(read_to=44.5).end(50), long)[FIRES].outcome is Outcome.INCONCLUSIVE
    )


def test_pending_since_before_the_injection_proves_nothing() -> None:
    outcome, actual, fraction = fires(recorded().alert(ALERT, 18, 27, 50).end())
    assert (outcome, fraction) == (Outcome.INCONCLUSIVE, None)
    assert "pending already" in actual


def test_firing_sooner_than_its_for_allows_began_before_the_injection() -> None:
    """Its `for` is 9 s at this pace. The samples of its being pending are lost, or were never there."""
    outcome, actual, fraction = fires(recorded().alert(ALERT, None, 25, 50).end())
    assert (outcome, fraction) == (Outcome.INCONCLUSIVE, None)
    assert actual.startswith("fired 5.0 s after the injection began, sooner than its `for` of 9.0 s allows")
    assert fires(recorded().alert(ALERT, None, 29, 50).end())[0] is Outcome.PASS


def test_firing_although_its_condition_was_never_met_is_no_detection() -> None:
    open_ = ((0, "closed"), (21, "open"), (45, "closed"))
    assert fires(recorded().breaker(*open_).alert(ALERT, 21, 30, 46).end())[0] is Outcome.PASS
    outcome, actual, _ = fires(recorded().breaker((0, "closed")).alert(ALERT, 21, 30, 46).end())
    assert outcome is Outcome.INCONCLUSIVE
    assert actual == "fired although no sample of this run meets dep_breaker_state == 1"


@pytest.mark.parametrize(
    "recording",
    [
        recorded().metrics(complete=False).end(),
        recorded().metrics(read_from=25).end(),
        RecordingBuilder().steady(10).end(),  # nothing injected
    ],
    ids=["not read", "begins too late", "no injection"],
)
def test_missing_history_makes_every_result_inconclusive(recording: Recording) -> None:
    results = judged(CHECK, recording, EXPECTED)
    assert set(results) == {FIRES, KEEPS, RESOLVES, WRONG}
    assert {r.outcome for r in results.values()} == {Outcome.INCONCLUSIVE}
    assert all(r.marks[0].fraction is None for r in results.values())


def test_a_prometheus_without_a_single_sample_proves_nothing_by_its_silence() -> None:
    whole = recorded().end()
    empty = Metrics(complete=True, read_from=whole.metrics.read_from, read_to=whole.metrics.read_to)
    results = judged(CHECK, Recording(whole.plan, whole.events, whole.requests, empty), EXPECTED)
    assert {r.outcome for r in results.values()} == {Outcome.INCONCLUSIVE}


def test_a_stack_without_prometheus_is_inconclusive() -> None:
    whole = recorded().end()
    blind = Recording(whole.plan.model_copy(update={"detection": None}), whole.events)
    assert {r.outcome for r in judged(CHECK, blind, EXPECTED).values()} == {Outcome.INCONCLUSIVE}


@pytest.mark.parametrize(
    ("start", "when"),
    [
        (5.0, "before the injection"),
        (12.0, "before the injection"),
        (30.0, "while the fault held"),
        (60.0, "after the fault was over"),
    ],
    ids=["from start-up on", "steady", "fault", "recovery"],
)
def test_a_wrong_alert_fails_whenever_it_fires_after_the_steady_state(start: float, when: str) -> None:
    result = judged(
        CHECK, recorded().alert(ALERT, 21, 30, 50).alert("web_down", None, start, 62).end(), EXPECTED
    )[WRONG]
    assert result.outcome is Outcome.FAIL
    assert result.actual == f"fired: web_down {when}"
    assert result.evidence[0].at == start


def test_an_alert_of_start_up_or_teardown_and_one_that_is_only_pending_are_not_wrong() -> None:
    recording = (
        recorded()
        .alert("web_down", 1, 2, 8)
        .alert("web_down", None, 81, None)
        .alert("error_rate", 22, None, 30)
        .end()
    )
    assert judged(CHECK, recording, EXPECTED)[WRONG].outcome is Outcome.PASS


def test_an_alert_that_must_fire_is_wrong_before_the_injection() -> None:
    recording = recorded().alert(ALERT, 11, 13, 16).alert(ALERT, 21, 30, 50).end()
    results = judged(CHECK, recording, EXPECTED)
    assert results[FIRES].outcome is Outcome.PASS
    assert (results[WRONG].outcome, results[WRONG].actual) == (
        Outcome.FAIL,
        f"fired: {ALERT} before the injection",
    )


def test_a_list_forbids_those_alone() -> None:
    recording = recorded().alert("web_down", None, 30, 40).end()
    for forbidden, outcome in (
        (["web_down"], Outcome.FAIL),
        (["error_rate"], Outcome.PASS),
        ([], Outcome.PASS),
    ):
        params = Detection.model_validate({"must_fire": [], "must_not_fire": forbidden})
        assert judged(CHECK, recording, params)[WRONG].outcome is outcome


def test_no_wrong_alert_is_inconclusive_when_the_data_ends_inside_the_fault() -> None:
    assert (
        judged(CHECK, recorded().metrics(read_to=40).end(), EXPECTED)[WRONG].outcome is Outcome.INCONCLUSIVE
    )


def test_resolving_late_fails_in_proportion() -> None:
    result = judged(CHECK, recorded().alert(ALERT, 21, 30, 65).end(), EXPECTED)[RESOLVES]
    assert result.outcome is Outcome.FAIL
    assert result.marks[0].fraction == pytest.approx(2 - 21 / 15)


def test_never_resolving_fails_when_the_data_covers_the_limit_and_is_inconclusive_before() -> None:
    forever = recorded().alert(ALERT, 21, 30, None)
    assert judged(CHECK, forever.end(90), EXPECTED)[RESOLVES].outcome is Outcome.FAIL
    early = recorded().alert(ALERT, 21, 30, None).metrics(read_to=50).end(50)
    assert judged(CHECK, early, EXPECTED)[RESOLVES].outcome is Outcome.INCONCLUSIVE


def test_an_alert_that_never_fired_never_resolved() -> None:
    cut = recorded().metrics(read_to=40).end(50)
    assert judged(CHECK, cut, EXPECTED)[RESOLVES].outcome is Outcome.INCONCLUSIVE
    assert judged(CHECK, recorded().end(), EXPECTED)[RESOLVES].outcome is Outcome.FAIL


def test_an_alert_that_resolved_inside_the_fault_passes_and_says_so() -> None:
    result = judged(CHECK, recorded().alert(ALERT, 21, 30, 35).end(), EXPECTED)[RESOLVES]
    assert (result.outcome, result.actual) == (Outcome.PASS, "resolved before the fault was over")


def test_an_alert_that_fires_again_is_resolved_only_at_its_last_end() -> None:
    result = judged(CHECK, recorded().alert(ALERT, 21, 30, 35).alert(ALERT, 50, 55, 58).end(), EXPECTED)[
        RESOLVES
    ]
    assert result.measures[0].value == 14.0


def test_an_alert_of_a_slow_group_is_one_stretch_and_may_be_learnt_of_later() -> None:
    """Its group is evaluated every 60 s, 3 s at pace 20: five times as rarely as the others."""
    samples = tuple((BEGAN + at, 1.0) for at in (30.0, 33.0, 36.0, 39.0, 42.0, 45.0))
    labels = {"alertname": ALERT, "alertstate": "firing"}
    firing = Series(metric="ALERTS", labels=labels, samples=samples)
    plain = recorded().end()
    recording = replace(
        plain,
        plan=plain.plan.model_copy(update={"detection": with_rule(interval=60.0)}),
        metrics=plain.metrics.model_copy(update={"series": (*plain.metrics.series, firing)}),
    )
    (span,) = [one for one in alert_spans(recording) if one.alert == ALERT]
    assert (span.start - BEGAN, span.end and span.end - BEGAN) == (30.0, 48.0)
    assert judged(CHECK, recording, EXPECTED)[FIRES].outcome is Outcome.PASS
    late = firing.model_copy(
        update={"samples": tuple((at + 16.5, value) for at, value in samples)}
    )  # over at 44 s
    later = plain.metrics.model_copy(update={"series": (*plain.metrics.series, late)})
    recording = replace(recording, metrics=later)
    assert "after the fault was over" not in judged(CHECK, recording, EXPECTED)[FIRES].actual


def lost(recording: Recording) -> Recording:
    """The same recording under a rule that means something else at its pace."""
    plan = recording.plan.model_copy(update={"detection": with_rule(pace_notes=(LOST,))})
    return replace(recording, plan=plan)


def test_an_alert_that_is_not_comparable_is_never_judged() -> None:
    """Neither as one that must fire, nor among those that must not."""
    recording = lost(recorded().alert(ALERT, 21, 30, 50).end())
    results = judged(CHECK, recording, EXPECTED)
    assert (results[FIRES].outcome, results[RESOLVES].outcome) == (Outcome.INCONCLUSIVE,) * 2
    assert "not comparable at pace 20" in results[FIRES].actual
    forbidden = Detection.model_validate({"must_not_fire": "others"})
    assert judged(CHECK, recording, forbidden)[WRONG].outcome is Outcome.PASS
    assert f"not judged: {ALERT}" in judged(CHECK, recording, forbidden)[WRONG].expected
    unchanged = recorded().alert(ALERT, 21, 30, 50).end()
    assert judged(CHECK, unchanged, forbidden)[WRONG].outcome is Outcome.FAIL


def test_the_plans_own_deadline_is_judged_by() -> None:
    """It leaves an alert the least time beyond its bound, where the pace leaves less."""
    recording = recorded().alert(ALERT, 21, 36.5, 50).end()
    assert judged(CHECK, recording, EXPECTED)[FIRES].outcome is Outcome.FAIL
    deadline = PlannedDeadline(alert=ALERT, within=17.0, bound=15.0, step=0, resolves_within=20.0)
    slack = replace(recording, plan=recording.plan.model_copy(update={"deadlines": (deadline,)}))
    result = judged(CHECK, slack, EXPECTED)[FIRES]
    assert (result.outcome, result.expected) == (
        Outcome.PASS,
        "within 5m (17.0 s at pace 20) of the injection",
    )


def test_each_expectation_of_an_alert_is_judged_by_its_own_deadlines() -> None:
    """Two entries may name one alert: the first entry's longer deadline is not the second one's."""
    patient = PlannedDeadline(alert=ALERT, within=30.0, bound=10.0, step=0, resolves_within=40.0)
    strict = PlannedDeadline(alert=ALERT, within=15.0, bound=10.0, step=0, resolves_within=15.0)
    whole = recorded().alert(ALERT, 28, 38.6, 64).end()
    recording = replace(whole, plan=whole.plan.model_copy(update={"deadlines": (patient, strict)}))
    late = judged(CHECK, recording, EXPECTED)
    assert [(late[one].outcome, late[one].measures[0].limit) for one in (FIRES, RESOLVES)] == [
        (Outcome.FAIL, 15.0),
        (Outcome.FAIL, 15.0),
    ]
    longer = {"must_fire": [{"alert": ALERT, "within": "10m"}], "must_resolve_within": "800s"}
    in_time = judged(CHECK, recording, Detection.model_validate(longer))
    assert [(in_time[one].outcome, in_time[one].measures[0].limit) for one in (FIRES, RESOLVES)] == [
        (Outcome.PASS, 30.0),
        (Outcome.PASS, 40.0),
    ]


def test_an_alert_that_another_entry_expects_is_none_of_the_others() -> None:
    whole = recorded().alert(ALERT, 21, 30, 50).end()
    second = Detection.model_validate({"must_fire": [{"alert": "web_down", "within": "5m"}]})
    both = {"expect": {"detection": (EXPECTED, second)}}
    plan = whole.plan.model_copy(update={"scenario": whole.plan.scenario.model_copy(update=both)})
    assert judged(CHECK, replace(whole, plan=plan), second)[WRONG].outcome is Outcome.PASS
    assert judged(CHECK, whole, second)[WRONG].outcome is Outcome.FAIL  # no entry expects it there
