"""A window in which the machine was saturated is found, with the reason; one in which it was not is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.timeline.events import ContainerState
from chaos.timeline.machine import machine_load, saturated
from chaos.timeline.observations import ContainersRead, MachineReading
from chaos.timeline.recording import Recording
from chaos.timeline.requests import Requests
from tests.recording_builder import BEGAN, RecordingBuilder


def reading(at: float, **values: float) -> MachineReading:
    calm = {"cpu_busy": 0.5, "cpu_steal": 0.0, "cpu_pressure": 0.2, "memory_pressure": 0.0, "lag": 0.01}
    return MachineReading(at=BEGAN + at, mono=at, over=1.0, **(calm | values))


def machine(**values: float) -> Recording:
    """Readings of 60 s; ``values`` hold from second 30 to 33."""
    return (
        RecordingBuilder()
        .add(*(reading(at, **(values if 30 < at <= 33 else {})) for at in range(1, 60)))
        .end()
    )


def test_saturation_is_found_in_its_window_only() -> None:
    recording = machine(lag=0.8)
    found = saturated(recording, BEGAN + 25, BEGAN + 50)
    assert found is not None
    assert found.reasons == ("gameday's own event loop came 0.80 s late",)
    assert (found.since, found.until) == (BEGAN + 30, BEGAN + 33)
    assert saturated(recording, BEGAN + 5, BEGAN + 25) is None
    assert saturated(recording, BEGAN + 40, BEGAN + 50) is None


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"cpu_steal": 0.3}, "the hypervisor took 30% of the cores' time"),
        ({"cpu_pressure": 0.96, "cpu_busy": 1.0}, "tasks waited for a core for 96% of the time"),
        ({"memory_pressure": 0.4}, "tasks waited for memory for 40% of the time"),
        ({"io_pressure": 0.9}, "tasks waited for the disk for 90% of the time"),
    ],
)
def test_a_busy_machine_explains_nothing_until_something_came_late(
    values: dict[str, float], reason: str
) -> None:
    assert saturated(machine(**values), BEGAN + 25, BEGAN + 50) is None
    found = saturated(machine(lag=0.8, **values), BEGAN + 25, BEGAN + 50)
    assert found is not None
    assert found.reasons == ("gameday's own event loop came 0.80 s late", reason)


def test_a_limit_of_one_container_is_no_reason() -> None:
    found = saturated(machine(lag=0.8, cpu_pressure=0.9, cpu_busy=0.4), BEGAN, BEGAN + 60)
    assert found is not None
    assert len(found.reasons) == 1


def scraped_late(*states: ContainerState) -> Recording:
    recording = RecordingBuilder().add(*states).end()
    kept = tuple(
        series.model_copy(
            update={"samples": tuple(s for s in series.samples if not BEGAN + 30 < s[0] < BEGAN + 33)}
        )
        for series in recording.metrics.series
    )
    return replace(recording, metrics=recording.metrics.model_copy(update={"series": kept}))


def test_scrapes_that_came_late_are_one() -> None:
    found = saturated(scraped_late(), BEGAN + 25, BEGAN + 45)
    assert found is not None
    assert found.reasons == ("a scrape of Prometheus came 2.50 s late",)
    assert saturated(scraped_late(), BEGAN + 5, BEGAN + 25) is None


def test_a_prometheus_that_stood_still_is_none() -> None:
    paused = ContainerState(at=BEGAN + 30, mono=30, service="prometheus", state="paused")
    assert saturated(scraped_late(paused), BEGAN + 25, BEGAN + 45) is None


def test_an_engine_that_is_slow_to_answer_is_one() -> None:
    slow = ContainersRead(at=BEGAN + 30, mono=30, every=0.2, reads=1, failed=0, longest_gap=2.4, slowest=2.2)
    found = saturated(RecordingBuilder().add(slow).end(), BEGAN + 25, BEGAN + 35)
    assert found is not None
    assert found.text() == "this machine was saturated: the engine took 2.2 s for one answer"


def test_an_answer_of_the_engine_that_came_after_the_window_was_late_in_it() -> None:
    slow = ContainersRead(at=BEGAN + 40, mono=40, every=0.2, reads=1, failed=0, longest_gap=8.2, slowest=8.0)
    recording = RecordingBuilder().add(slow).end()
    assert saturated(recording, BEGAN + 25, BEGAN + 35) is not None
    assert saturated(recording, BEGAN + 20, BEGAN + 30) is None


def test_a_load_that_is_sent_late_is_one() -> None:
    recording = RecordingBuilder().load(5, 60).end()
    late = [
        request.model_copy(
            update={"intended_mono": request.intended - BEGAN, "sent_mono": request.intended - BEGAN + wait}
        )
        for request in recording.requests
        for wait in (0.5 if 30 <= request.intended - BEGAN < 40 else 0.001,)
    ]
    found = saturated(replace(recording, requests=Requests.of(late)), BEGAN + 25, BEGAN + 45)
    assert found is not None
    assert found.reasons == ("requests were sent 0.50 s late (397 of 401 were no later)",)
    assert saturated(replace(recording, requests=Requests.of(late)), BEGAN + 5, BEGAN + 25) is None
    few = saturated(replace(recording, requests=Requests.of(late[600:612])), BEGAN, BEGAN + 60)
    assert few is not None
    assert few.reasons == ("requests were sent 0.50 s late (12 of 12 were no later)",)


def test_an_older_recording_knows_nothing_of_its_machine() -> None:
    recording = RecordingBuilder().load(5, 60).end()
    assert saturated(recording, BEGAN, BEGAN + 60) is None
    assert machine_load(recording, BEGAN, BEGAN + 60).cpu_busy is None


def test_what_the_machine_gave_before_the_fault() -> None:
    found = machine_load(machine(lag=0.8), BEGAN + 5, BEGAN + 20)
    assert found.cpu_busy == pytest.approx(0.5)
    assert found.cpu_pressure == pytest.approx(0.2)
    assert found.longest_lag == pytest.approx(0.01)
