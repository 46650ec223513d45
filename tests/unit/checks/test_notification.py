"""A notification must reach the right channels, in time, once, whole, and its end must be sent as well."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from chaos.checks.kit.notified import PROBE
from chaos.checks.notification import CHECK, Notification
from chaos.kinds import ScenarioContext
from chaos.model.stack import AlertmanagerFacts, SinkFacts
from chaos.model.verdict import Outcome
from chaos.timeline.events import Phase, Sample
from chaos.timeline.recording import Recording
from tests.recording_builder import BEGAN, FACTS, STACK, RecordingBuilder
from tests.unit.checks.messages import ALERT, NOTES, Sent, with_messages

SINK = AlertmanagerFacts(
    service="prometheus", config="am.yml", notifications=SinkFacts(service="web", port=8080)
)
GOOD = (Sent(33.0), Sent(66.0, status="resolved"))  # it fires from 31 to 50
Judged = dict[str, Outcome]


def expected(channels: Sequence[str] = ("chat",), **more: object) -> Notification:
    return Notification.model_validate({"alert": ALERT, "channels": list(channels), **more})


def builder(params: Notification, fires: bool = True) -> RecordingBuilder:
    """The fault holds from 20 to 44, the alert fires from 31 to 50, the teardown begins at 80."""
    on = RecordingBuilder({"notification": (params,)}).steady(10).fault(20, 44).phase(80, Phase.TEARDOWN)
    facts = FACTS.model_copy(update={"runbooks": ("05-dependency", "06-other")})
    on.plan = on.plan.model_copy(update={"detection": facts})
    return on.alert(ALERT, 21, 31, 50) if fires else on


def judged(recording: Recording, params: Notification) -> Judged:
    return {result.key.partition(".")[2]: result.outcome for result in CHECK.judge(recording, params)}


def of(sent: Sequence[Sent], params: Notification | None = None) -> Judged:
    params = params or expected()
    return judged(with_messages(builder(params), sent).end(), params)


ALL_GOOD = dict.fromkeys(("delivered", "once", "resolved", "whole", "runbook"), Outcome.PASS)


def test_all_is_well() -> None:
    assert of(GOOD) == ALL_GOOD


def test_two_channels_both_receive_it() -> None:
    sent = [Sent(at, channel, status) for at, _, status in map(_parts, GOOD) for channel in ("chat", "email")]
    assert of(sent, expected(["chat", "email"])) == ALL_GOOD
    assert of(GOOD, expected(["chat", "email"]))["delivered"] is Outcome.FAIL
    assert of(GOOD, expected(["chat", "email"]))["resolved"] is Outcome.FAIL


def _parts(one: Sent) -> tuple[float, str, str]:
    return one.at, one.channel, one.status


def test_the_wrong_channel_is_no_delivery() -> None:
    found = of([Sent(33, "pager"), Sent(66, "pager", "resolved")])
    assert (found["delivered"], found["once"], found["resolved"]) == (Outcome.FAIL,) * 3


def test_another_channel_beside_the_right_one_is_one_too_many() -> None:
    found = of([*GOOD, Sent(33.1, "pager")])
    assert found == ALL_GOOD | {"once": Outcome.FAIL}


def test_another_alert_is_no_delivery() -> None:
    assert of([Sent(33, alert="web_down")])["delivered"] is Outcome.FAIL


@pytest.mark.parametrize(("at", "outcome"), [(42.0, Outcome.PASS), (42.3, Outcome.FAIL)])
def test_it_must_come_in_time(at: float, outcome: Outcome) -> None:
    """400 s of production are 20 s at pace 20, and 2 s are left for the way: until 42.1."""
    assert of([Sent(at), GOOD[1]], expected(within="400s"))["delivered"] is outcome


@pytest.mark.parametrize("again", [36.0, 60.0])
def test_a_second_message_is_a_storm(again: float) -> None:
    assert of([*GOOD, Sent(again)]) == ALL_GOOD | {"once": Outcome.FAIL}


def test_an_alert_that_fires_twice_is_sent_twice() -> None:
    params = expected()
    twice = [Sent(33), Sent(45, status="resolved"), Sent(54), Sent(72, status="resolved")]
    on = builder(params, fires=False).alert(ALERT, 21, 31, 40).alert(ALERT, 48, 52, 60)
    assert judged(with_messages(on, twice).end(), params) == ALL_GOOD
    on = builder(params, fires=False).alert(ALERT, 21, 31, 40).alert(ALERT, 48, 52, 60)
    found = judged(with_messages(on, [*twice, Sent(55)]).end(), params)
    assert found["once"] is Outcome.FAIL


@pytest.mark.parametrize(
    ("until", "sent", "outcome"),
    [
        (76, [Sent(45, status="resolved")], Outcome.FAIL),
        (62, [Sent(45, status="resolved")], Outcome.INCONCLUSIVE),
        (53, [Sent(45, status="resolved")], Outcome.PASS),
        (76, [Sent(45, status="resolved"), Sent(58)], Outcome.PASS),
        (76, [], Outcome.PASS),
    ],
    ids=["long", "perhaps too briefly", "never sent so briefly", "sent", "its end was not sent"],
)
def test_an_alert_that_fires_again_after_its_end_was_sent_must_be_sent_again(
    until: float, sent: list[Sent], outcome: Outcome
) -> None:
    """It fires again at 52; at pace 20 its route waits for 1.5 s, and 20 s are surely enough to send it."""
    params = expected()
    on = builder(params, fires=False).alert(ALERT, 21, 31, 40).alert(ALERT, 48, 52, until)
    assert judged(with_messages(on, [Sent(33), *sent]).end(), params)["once"] is outcome


def test_the_end_must_be_sent() -> None:
    assert of(GOOD[:1]) == ALL_GOOD | {"resolved": Outcome.FAIL}


@pytest.mark.parametrize(("at", "outcome"), [(69.9, Outcome.PASS), (70.6, Outcome.FAIL)])
def test_the_end_must_be_sent_in_time(at: float, outcome: Outcome) -> None:
    """6 min are 18 s, and 2 s for the way, from the end of the alert at 50."""
    found = of([GOOD[0], Sent(at, status="resolved")], expected(resolved_within="6m"))
    assert found == ALL_GOOD | {"resolved": outcome}


def test_the_end_must_be_sent_once() -> None:
    assert of([*GOOD, Sent(68, status="resolved")]) == ALL_GOOD | {"resolved": Outcome.FAIL}


@pytest.mark.parametrize(
    "notes",
    [
        {},
        {**NOTES, "summary": ""},
        {**NOTES, "summary": "{{ $labels.instance }} is down"},
        {**NOTES, "summary": "<no value> is down"},
        {**NOTES, "summary": "<error expanding template: ...>"},
        {**NOTES, "summary": "%!f(string=x) s"},
    ],
)
def test_annotations_must_be_filled_in(notes: Mapping[str, str]) -> None:
    assert of([Sent(33, notes=notes), GOOD[1]])["whole"] is Outcome.FAIL


@pytest.mark.parametrize("labels", [{"value": "0.93"}, {"share": "5.2%"}, {"team": ""}, {"team": "{{ x }}"}])
def test_labels_hold_no_measured_value_and_are_filled_in(labels: dict[str, str]) -> None:
    assert of([Sent(33, labels=labels), GOOD[1]]) == ALL_GOOD | {"whole": Outcome.FAIL}


@pytest.mark.parametrize("labels", [{"le": "0.5"}, {"instance": "10.0.0.2:9187"}, {"shard": "3"}])
def test_figures_that_are_not_measured_may_be_labels(labels: dict[str, str]) -> None:
    assert of([Sent(33, labels=labels), GOOD[1]]) == ALL_GOOD


def test_a_label_that_changes_with_a_figure_is_a_measured_value() -> None:
    sent = [Sent(33, labels={"failed": "12"}), Sent(37, labels={"failed": "13"}), GOOD[1]]
    assert of(sent)["whole"] is Outcome.FAIL


@pytest.mark.parametrize(
    ("notes", "labels", "outcome"),
    [
        ({"summary": "s"}, {}, Outcome.FAIL),
        ({"summary": "s", "runbook_url": "docs/runbooks/07-gone.md"}, {}, Outcome.FAIL),
        ({"summary": "s", "runbook": "06-other"}, {}, Outcome.PASS),
        ({"summary": "s"}, {"runbook": "06-other"}, Outcome.PASS),
        ({"summary": "s", "runbook_url": "https://wiki/06-other.md?plain=1"}, {}, Outcome.PASS),
    ],
)
def test_the_runbook_must_exist(
    notes: Mapping[str, str], labels: Mapping[str, str], outcome: Outcome
) -> None:
    assert of([Sent(33, notes=notes, labels=labels), GOOD[1]]) == ALL_GOOD | {"runbook": outcome}


def test_without_known_runbooks_none_is_asked_for() -> None:
    params = expected()
    on = builder(params)
    on.plan = on.plan.model_copy(update={"detection": FACTS})
    assert "runbook" not in judged(with_messages(on, GOOD).end(), params)


# -- an alert that is silenced


def test_a_silenced_alert_is_sent_to_no_channel() -> None:
    params = expected([])
    assert of([Sent(33, alert="web_down")], params) == {"silenced": Outcome.PASS}
    assert of([Sent(60)], params) == {"silenced": Outcome.FAIL}


def test_the_silence_of_an_alert_that_never_fired_proves_nothing() -> None:
    params = expected([])
    recording = with_messages(builder(params, fires=False), ()).end()
    assert judged(recording, params) == {"silenced": Outcome.INCONCLUSIVE}


@pytest.mark.parametrize(
    ("firing", "more", "outcome"),
    [
        ((21, 31, 50), {}, Outcome.PASS),
        ((21, 31, 50), {"group_wait": "6m"}, Outcome.PASS),
        ((21, 31, 50), {"group_wait": "7m"}, Outcome.INCONCLUSIVE),
        ((21, 72, None), {}, Outcome.PASS),
        ((21, 73, None), {}, Outcome.INCONCLUSIVE),
        ((21, 31, 32), {}, Outcome.INCONCLUSIVE),
    ],
    ids=[
        "long",
        "its route waits less",
        "its route waits longer",
        "just before the end",
        "too late",
        "too short",
    ],
)
def test_a_firing_that_is_not_sent_anyway_does_not_show_that_it_is_silenced(
    firing: tuple[float, float, float | None], more: dict[str, object], outcome: Outcome
) -> None:
    """The teardown begins at 80, and a reading looks back 4 s. At pace 20 the route waits for 1.5 s."""
    params = expected([], **more)
    on = builder(params, fires=False).alert(ALERT, *firing)
    assert judged(with_messages(on, ()).end(), params) == {"silenced": outcome}


# -- an alert that was active before the injection


@pytest.mark.parametrize("channels", [["chat"], []])
@pytest.mark.parametrize("firing", [(10, 19, 50), (19, 31, 50)], ids=["firing", "pending"])
def test_an_alert_that_was_active_before_the_injection_shows_nothing(
    channels: list[str], firing: tuple[float, float, float]
) -> None:
    params = expected(channels)
    on = builder(params, fires=False).alert(ALERT, *firing)
    found = judged(with_messages(on, GOOD if channels else ()).end(), params)
    assert set(found.values()) == {Outcome.INCONCLUSIVE}
    on = builder(params, fires=False).alert(ALERT, *firing)
    failed = judged(with_messages(on, [Sent(60, "pager")]).end(), params)
    assert failed["once" if channels else "silenced"] is Outcome.FAIL


def test_a_firing_that_was_over_before_the_injection_does_not_matter() -> None:
    params = expected()
    on = builder(params).alert(ALERT, 5, 8, 15)
    assert judged(with_messages(on, GOOD).end(), params) == ALL_GOOD


@pytest.mark.parametrize(
    ("sent", "until", "outcome"),
    [
        ((), 50, Outcome.INCONCLUSIVE),
        ((), 53, Outcome.FAIL),
        ((Sent(50.0),), 53, Outcome.INCONCLUSIVE),
        ((Sent(52.0),), 53, Outcome.FAIL),
    ],
    ids=["perhaps too brief", "never sent", "perhaps late by its group", "later than that"],
)
def test_the_group_of_an_alert_that_had_fired_before_the_injection_may_hold_up_its_message(
    sent: Sequence[Sent], until: float, outcome: Outcome
) -> None:
    """It fires from 31 on, and the message about its end may take 20 s."""
    params = expected(within="4m")
    on = builder(params, fires=False).alert(ALERT, 21, 31, until)
    alone = judged(with_messages(on, sent).end(), params)
    assert alone["delivered"] is Outcome.FAIL
    on = builder(params, fires=False).alert(ALERT, 5, 8, 15).alert(ALERT, 21, 31, until)
    again = judged(with_messages(on, sent).end(), params)
    assert again["delivered"] is outcome
    assert again["resolved"] is (outcome if not sent else Outcome.FAIL)


# -- data that is missing


def outcomes(found: Judged) -> set[Outcome]:
    return set(found.values())


def test_without_readings_nothing_is_known() -> None:
    params = expected()
    assert outcomes(judged(builder(params).end(), params)) == {Outcome.INCONCLUSIVE}


def test_readings_that_failed_are_none() -> None:
    params = expected()
    on = builder(params)
    for at in range(5, 80):
        failed = Sample(at=BEGAN + at, mono=at, probe=PROBE, ok=False, started=BEGAN + at, detail="refused")
        on.add(failed)
    results = CHECK.judge(on.end(), params)
    assert {result.outcome for result in results} == {Outcome.INCONCLUSIVE}
    assert "refused" in results[0].actual


def test_messages_that_no_reading_holds_are_missed() -> None:
    """Nothing was read from 31 to 40: the message of 33 is not known, only that there was one."""
    params = expected()
    on = with_messages(builder(params), GOOD, made=lambda at: not 31 <= at <= 40)
    found = judged(on.end(), params)
    assert found == {**dict.fromkeys(found, Outcome.INCONCLUSIVE), "resolved": Outcome.PASS}
    silent = expected([])
    on = with_messages(builder(silent), GOOD[:1], made=lambda at: not 31 <= at <= 40)
    assert outcomes(judged(on.end(), silent)) == {Outcome.INCONCLUSIVE}


def test_a_second_end_may_be_in_a_hole_of_the_readings() -> None:
    params = expected()
    sent = [*GOOD, Sent(72.0, status="resolved")]
    on = with_messages(builder(params), sent, made=lambda at: at < 70)
    assert judged(on.end(), params)["resolved"] is not Outcome.PASS


def test_a_hole_in_which_nothing_arrived_hides_nothing() -> None:
    params = expected()
    on = with_messages(builder(params), GOOD, made=lambda at: not 21 <= at <= 32)
    assert judged(on.end(), params) == ALL_GOOD


@pytest.mark.parametrize(("start", "end"), [(26.0, 85.0), (5.0, 60.0)])
def test_readings_must_cover_the_whole_time(start: float, end: float) -> None:
    params = expected()
    found = judged(with_messages(builder(params), GOOD, start, end).end(), params)
    assert found["once"] is Outcome.INCONCLUSIVE
    silent = expected([])
    found = judged(with_messages(builder(silent), (), start, end).end(), silent)
    assert outcomes(found) == {Outcome.INCONCLUSIVE}


def test_a_service_that_was_started_again_has_lost_its_messages() -> None:
    params = expected()
    on = with_messages(builder(params), GOOD, end=70)
    with_messages(on, (), start=71)
    assert outcomes(judged(on.end(), params)) == {Outcome.INCONCLUSIVE}


def test_an_alert_that_still_fires_has_no_end_yet() -> None:
    params = expected()
    on = builder(params, fires=False).alert(ALERT, 21, 31, None)
    found = judged(with_messages(on, GOOD[:1]).end(), params)
    assert found == ALL_GOOD | {"resolved": Outcome.INCONCLUSIVE}


# -- before the run


def objections(params: Notification, channels: tuple[str, ...] | None = None, **changes: object) -> list[str]:
    stack = STACK.model_copy(update={"alertmanager": SINK, **changes})
    facts = FACTS.model_copy(update={"channels": channels})
    scenario = builder(params).plan.scenario
    return [one.message for one in CHECK.problems(params, ScenarioContext(scenario, stack, facts))]


def test_a_channel_that_no_receiver_has_is_refused() -> None:
    params = expected(("chat", "pagerr"))
    assert objections(params, ("chat", "pager")) == ["unknown channel 'pagerr'"]
    assert objections(params, None) == [], "the alertmanager.yml could not be read"


def test_limits_without_a_channel_are_refused() -> None:
    params = Notification(alert=ALERT, channels=())
    assert objections(params) == []
    timed = Notification.model_validate({"alert": ALERT, "channels": [], "within": "8m"})
    assert objections(timed) == ["within has no effect: without a channel no message is expected"]


def test_a_good_expectation_has_no_objection_and_names_its_evidence() -> None:
    params = expected()
    assert objections(params) == []
    stack = STACK.model_copy(update={"alertmanager": SINK})
    (collect,) = CHECK.collects(params, ScenarioContext(builder(params).plan.scenario, stack, FACTS))
    assert collect.name == PROBE
    assert CHECK.wait(params, 20).watch == 20.0  # 6 min at pace 20, and 2 s
    assert CHECK.wait(expected([]), 20).watch == 7.5  # 30 s at pace 20, 2 s, and what a reading looks back


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (expected(within="3m"), "cannot be sent within 3m"),
        (expected(["chat", "chat"]), "listed twice"),
        (expected(alert="dep_braker_open"), "unknown alert"),
    ],
)
def test_what_cannot_be_is_said_before_the_run(params: Notification, message: str) -> None:
    assert any(message in one for one in objections(params))


def test_a_stack_that_lists_no_notifications_is_named() -> None:
    assert any("does not say where they arrive" in one for one in objections(expected(), alertmanager=None))
