"""A scenario that breaks Prometheus itself tests how it comes back: that outage is no hole in the data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.checks.detection import CHECK, Detection
from chaos.checks.kit.scrapes import STARTS, own_outages
from chaos.model.verdict import Outcome
from chaos.timeline.events import Phase
from chaos.timeline.observations import RulesEvaluated
from chaos.timeline.recording import Recording
from tests.recording_builder import BEGAN, RecordingBuilder, ToyKill

ALERT = "dep_breaker_open"
EXPECTED = Detection.model_validate(
    {"must_fire": [{"alert": ALERT, "within": "8m"}], "through_restarts": True}
)


def recorded(service: str = "prometheus", back: float = 26.0, expected: Detection = EXPECTED) -> Recording:
    """The dependency is away from 20 to 44. ``service`` is killed from 22 to 24, and Prometheus neither
    scrapes nor evaluates from 22 to ``back``.
    """
    on = (
        RecordingBuilder({"detection": (expected,)}, steps=2)
        .steady(10)
        .fault(20, 44, index=0)
        .fault(22, 24, index=1)
    )
    step = ToyKill.model_validate({"at": "3m40s", "for": "40s", "service": service})
    steps = (on.plan.steps[0], on.plan.steps[1].model_copy(update={"step": step}))
    on.plan = on.plan.model_copy(update={"steps": steps})
    whole = on.phase(80, Phase.TEARDOWN).alert(ALERT, back, 36, 50).end()

    def away(at: float) -> bool:
        return 22 < at - BEGAN < back

    series = tuple(
        one.model_copy(update={"samples": tuple(s for s in one.samples if not away(s[0]))})
        for one in whole.metrics.series
    )
    events = tuple(one for one in whole.events if not (isinstance(one, RulesEvaluated) and away(one.at)))
    return replace(whole, metrics=whole.metrics.model_copy(update={"series": series}), events=events)


def outcomes(recording: Recording) -> dict[str, Outcome]:
    found = CHECK.judge(recording, EXPECTED)
    return {one.key.partition(".")[2]: one.outcome for one in found}


def test_the_outage_that_was_asked_for_is_no_hole() -> None:
    assert own_outages(recorded()) == ((BEGAN + 22, BEGAN + 24 + STARTS),)
    found = outcomes(recorded())
    assert (found["fires"], found["keeps_firing"], found["no_other"]) == (Outcome.PASS,) * 3


def test_the_same_hole_beside_a_fault_of_another_service_proves_nothing() -> None:
    assert own_outages(recorded("web")) == ()
    found = outcomes(recorded("web"))
    assert (found["fires"], found["no_other"]) == (Outcome.INCONCLUSIVE,) * 2


def test_unless_the_scenario_says_so_it_is_a_hole() -> None:
    silent = EXPECTED.model_copy(update={"through_restarts": False})
    found = outcomes(recorded(expected=silent))
    assert (found["fires"], found["no_other"]) == (Outcome.INCONCLUSIVE,) * 2


@pytest.mark.parametrize(("back", "outcome"), [(28.5, Outcome.PASS), (33.0, Outcome.INCONCLUSIVE)])
def test_one_that_does_not_come_back_in_time_is_a_hole_again(back: float, outcome: Outcome) -> None:
    """Until 29 it may start."""
    assert outcomes(recorded(back=back))["no_other"] is outcome
