"""The accuracy of an alert agrees with the check ``detection`` of the same run."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from chaos.checks.kit.alert_params import Detection, MustNotFire
from chaos.incidents import incidents_of_run
from chaos.model.incidents import Accuracy
from chaos.timeline.recording import Recording
from tests.corpus.archive import recording

DOWN = "DatabaseDown"


@cache
def run() -> Recording:
    return recording("v3-notifications-database-down")


def accuracy(given: Recording, alert: str = DOWN) -> list[Accuracy]:
    return [one.accuracy for one in incidents_of_run(given) if one.alert == alert]


def expecting(given: Recording, **changed: object) -> Recording:
    (params,) = given.plan.scenario.expect["detection"]
    assert isinstance(params, Detection)
    scenario = given.plan.scenario.model_copy(
        update={"expect": {"detection": (params.model_copy(update=changed),)}}
    )
    return replace(given, plan=given.plan.model_copy(update={"scenario": scenario}))


def moved(given: Recording, alert: str, seconds: float = 0.0, **labels: str) -> Recording:
    """As if the alert had fired at other instants, or with other labels."""
    series = tuple(
        one.model_copy(
            update={
                "labels": {**one.labels, **labels},
                "samples": tuple((at + seconds, value) for at, value in one.samples),
            }
        )
        if one.labels.get("alertname") == alert
        else one
        for one in given.metrics.series
    )
    return replace(given, metrics=given.metrics.model_copy(update={"series": series}))


def test_an_alert_that_had_to_fire_was_right() -> None:
    assert accuracy(run()) == [Accuracy.TRUE]


def test_one_that_fired_before_the_injection_was_wrong() -> None:
    assert Accuracy.FALSE in accuracy(moved(run(), DOWN, -4.5))


def test_one_that_always_fires_is_not_judged() -> None:
    assert accuracy(moved(run(), "Watchdog", severity="info"), "Watchdog") == [Accuracy.NOT_JUDGED]


@pytest.mark.parametrize(
    ("labels", "judged"), [({"instance": "other:1"}, Accuracy.NOT_JUDGED), ({}, Accuracy.FALSE)]
)
def test_one_that_is_forbidden_for_other_labels_is_not_judged(
    labels: dict[str, str], judged: Accuracy
) -> None:
    forbidden = MustNotFire(alert=DOWN, labels=labels)
    assert accuracy(expecting(run(), must_fire=(), must_not_fire=(forbidden,))) == [judged]


def test_without_enough_data_to_judge_alerts_none_is_judged() -> None:
    events = tuple(one for one in run().events if type(one).__name__ != "FaultInjected")
    found = incidents_of_run(replace(run(), events=events))
    assert {one.accuracy for one in found} == {Accuracy.NOT_JUDGED}
