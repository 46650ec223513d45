"""What a debrief lists around an instant."""

from __future__ import annotations

from dataclasses import replace

from chaos.gameday.around import around
from chaos.timeline.recording import Series
from tests.recording_builder import BEGAN
from tests.recordings import demo_recording


def test_the_breakers_that_the_stack_declares_are_listed_with_the_names_of_their_states() -> None:
    found = around(demo_recording(), BEGAN + 21, {})
    assert found.breakers == ("dep: closed → open",)
    assert around(demo_recording(), BEGAN + 10, {}).breakers == ("dep: closed",)


def test_a_metric_is_no_breaker_because_of_its_name() -> None:
    recording = demo_recording()
    odd = Series(metric="circuit_breaker_calls_total", labels={}, samples=((BEGAN + 21, 7.0),))
    more = recording.metrics.model_copy(update={"series": (*recording.metrics.series, odd)})
    found = around(replace(recording, metrics=more), BEGAN + 21, {})
    assert found.breakers == ("dep: closed → open",)


def test_alerts_are_listed_with_their_states() -> None:
    assert around(demo_recording(), BEGAN + 30.5, {}).alerts == (
        "dep_breaker_open: pending",
        "dep_breaker_open: firing",
    )
