"""An alert that went away because a busy machine cost Prometheus an answer says nothing of the system."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chaos.checks.detection import CHECK, Detection
from chaos.model.verdict import Outcome
from chaos.timeline.observations import MachineReading
from chaos.timeline.recording import Recording, Series
from tests.recording_builder import BEGAN, RecordingBuilder, judged

ALERT = "dep_breaker_open"
EXPECTED = Detection.model_validate({"must_fire": [{"alert": ALERT, "within": "5m"}]})
GONE = 35


def recorded(service: str = "web", busy: float = 1.0, up: float = 0.0, state: str = "running") -> Recording:
    """The alert is gone for 2 s; then ``up`` is the sample of ``service``, and every core is ``busy``."""
    made = RecordingBuilder().steady(10).container(1, "running", service=service).fault(20, 44)
    made.add(
        *(
            MachineReading(
                at=BEGAN + at, mono=at, over=1.0, cpu_busy=busy, cpu_pressure=0.99, cpu_steal=0.0, lag=0.01
            )
            for at in (GONE, GONE + 1)
        )
    ).container(GONE, state, service=service)
    recording = made.alert(ALERT, None, 30, GONE).alert(ALERT, 37, 41, 50).end()
    scrapes = tuple((BEGAN + at / 2, up if GONE - 1 < at / 2 < GONE + 1 else 1.0) for at in range(180))
    series = Series(metric="up", labels={"job": service, "instance": f"{service}:8000"}, samples=scrapes)
    metrics = recording.metrics.model_copy(update={"series": (*recording.metrics.series, series)})
    return replace(recording, metrics=metrics)


def test_the_alert_may_have_gone_because_its_target_was_not_read() -> None:
    result = judged(CHECK, recorded(), EXPECTED)[f"alert {ALERT} goes on firing"]
    assert result.outcome is Outcome.INCONCLUSIVE
    assert "no answer in time from web while every core here was busy" in result.actual


@pytest.mark.parametrize(
    "recording",
    [
        recorded(busy=0.9),
        recorded(up=1.0),
        recorded(state="exited"),
        recorded(service="dep"),
        recorded(service="stranger"),
    ],
    ids=["cores were free", "the target answered", "it had ended", "it was broken on purpose", "not ours"],
)
def test_it_stays_a_failure_where_a_busy_machine_does_not_explain_it(recording: Recording) -> None:
    result = judged(CHECK, recording, EXPECTED)[f"alert {ALERT} goes on firing"]
    assert result.outcome is Outcome.FAIL
