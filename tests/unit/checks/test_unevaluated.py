"""A condition that held in the samples without a trace of its alert: the rules were not evaluated."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.checks.detection import CHECK, Detection
from chaos.model.verdict import Outcome
from chaos.timeline.events import Phase
from chaos.timeline.recording import Recording, Series
from tests.recording_builder import BEGAN, RecordingBuilder, judged

OPEN = ((0, "closed"), (21, "open"), (45, "closed"))
ALERT = "dep_breaker_open"
NONE_WRONG = Detection.model_validate({"must_not_fire": "others"})
FIRES = Detection.model_validate({"must_fire": [{"alert": ALERT, "within": "5m"}]})


def recorded() -> RecordingBuilder:
    return RecordingBuilder().steady(10).fault(20, 44).phase(80, Phase.TEARDOWN)


def outcomes(recording: Recording, params: Detection) -> set[Outcome]:
    return {one.outcome for one in judged(CHECK, recording, params).values()}


def down(recording: Recording, start: float, end: float) -> Recording:
    """The target was down from ``start`` to ``end``: its rule is ``up < 1``."""

    def seen(one: Series) -> Series:
        points = tuple((t, 0.0 if start <= t - BEGAN < end else value) for t, value in one.samples)
        return one.model_copy(update={"samples": points}) if one.metric == "up" else one

    series = tuple(seen(one) for one in recording.metrics.series)
    return replace(recording, metrics=recording.metrics.model_copy(update={"series": series}))


def test_an_alert_that_fired_while_its_condition_held_was_evaluated() -> None:
    assert outcomes(recorded().breaker(*OPEN).alert(ALERT, 21.2, 30.5, 46).end(), FIRES) == {Outcome.PASS}


def test_a_condition_that_held_without_a_pending_alert_proves_nothing() -> None:
    made = recorded().breaker(*OPEN).end()
    assert outcomes(made, FIRES) == {Outcome.INCONCLUSIVE}
    assert outcomes(made, NONE_WRONG) == {Outcome.INCONCLUSIVE}


@pytest.mark.parametrize(("until", "outcome"), [(26, Outcome.PASS), (40, Outcome.INCONCLUSIVE)])
def test_a_condition_that_held_for_a_moment_need_not_have_been_evaluated(
    until: float, outcome: Outcome
) -> None:
    assert outcomes(down(recorded().end(), 25, until), NONE_WRONG) == {outcome}


def test_an_alert_whose_condition_never_held_in_the_samples_never_fired() -> None:
    assert Outcome.FAIL in outcomes(recorded().breaker((0, "closed")).end(), FIRES)
