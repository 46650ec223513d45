"""A Prometheus that stood still in the middle of a run is no proof of silence, and none of a missed alert."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.checks.detection import CHECK, Detection
from chaos.model.verdict import Outcome
from chaos.timeline.events import Phase
from chaos.timeline.recording import Recording
from tests.tape import BEGAN, Tape, judged

ALERT = "dep_breaker_open"
EXPECTED = Detection.model_validate({"must_fire": [{"alert": ALERT, "within": "5m"}]})


def tape() -> Tape:
    return Tape().steady(10).fault(20, 44).phase(80, Phase.TEARDOWN)


def without_scrapes(recording: Recording, start: float, end: float) -> Recording:
    """Prometheus stood still between two seconds of the run: no series has a sample there."""
    series = tuple(
        one.model_copy(update={"samples": tuple(s for s in one.samples if not start <= s[0] - BEGAN < end)})
        for one in recording.metrics.series
    )
    return replace(recording, metrics=recording.metrics.model_copy(update={"series": series}))


@pytest.mark.parametrize(("start", "end"), [(22, 42), (19, 25), (60, 70)])
def test_a_hole_makes_everything_inconclusive(start: float, end: float) -> None:
    results = judged(CHECK, without_scrapes(tape().end(), start, end), EXPECTED)
    assert {result.outcome for result in results.values()} == {Outcome.INCONCLUSIVE}
    assert all("Prometheus scraped nothing for" in result.actual for result in results.values())


@pytest.mark.parametrize(("start", "end"), [(2, 8), (22, 24)])
def test_neither_a_hole_before_the_fault_nor_a_late_scrape_matters(start: float, end: float) -> None:
    recording = without_scrapes(tape().alert(ALERT, 21, 30, 50).end(), start, end)
    results = judged(CHECK, recording, EXPECTED)
    assert {result.outcome for result in results.values()} == {Outcome.PASS}
