"""Every instant of a recording is monotonic, whatever was done to the wall clock while it ran."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest

from chaos.timeline.axis import on_run_axis
from chaos.timeline.events import Event, RunStarted, Sample
from chaos.timeline.ledger import LedgerOp, StoreRead
from chaos.timeline.recording import Metrics, Recording, Series
from chaos.timeline.requests import Request, Requests
from tests.recording_builder import BEGAN
from tests.recordings import demo_recording

T = TypeVar("T", Event, Request)
STEP_AT = 30.0


def stepped(recording: Recording, by: float, version: int) -> Recording:
    """The recording as it would have been, had the wall clock been set by ``by`` at second 30."""

    def wall(instant: float) -> float:
        return instant + (by if instant - BEGAN >= STEP_AT else 0.0)

    return replace(
        recording,
        events=tuple(_event(event, wall, version) for event in recording.events),
        requests=Requests.of(_request(request, wall, version) for request in recording.requests),
        metrics=_metrics(recording.metrics, wall),
    )


def _event(event: Event, wall: Callable[[float], float], version: int) -> Event:
    mono = event.at - BEGAN
    changed: dict[str, object] = {"at": wall(event.at), "mono": mono}
    if isinstance(event, Sample):
        changed["started"] = wall(event.started)
        changed["started_mono"] = event.started - BEGAN if version > 2 else None
    if isinstance(event, RunStarted):
        changed["schema_version"] = version
    return event.model_copy(update=changed)


def _request(request: Request, wall: Callable[[float], float], version: int) -> Request:
    changed: dict[str, object] = {"intended": wall(request.intended), "sent": wall(request.sent)}
    if version > 2:
        changed |= {"intended_mono": request.intended - BEGAN, "sent_mono": request.sent - BEGAN}
    return request.model_copy(update=changed)


def _metrics(metrics: Metrics, wall: Callable[[float], float]) -> Metrics:
    series = tuple(
        one.model_copy(update={"samples": tuple((wall(at), value) for at, value in one.samples)})
        for one in metrics.series
    )
    return metrics.model_copy(update={"series": series})


@pytest.mark.parametrize("by", [3.0, -5.0, 3600.0])
def test_events_and_requests_of_this_version_keep_their_instants(by: float) -> None:
    true = demo_recording("pass")
    found = on_run_axis(stepped(true, by, version=3))
    assert [event.at for event in found.events] == pytest.approx([event.at for event in true.events])
    assert [r.intended for r in found.requests] == pytest.approx([r.intended for r in true.requests])
    assert [s.started for s in found.of(Sample)] == pytest.approx([s.started for s in true.of(Sample)])
    assert [round(step.seconds, 1) for step in found.clock.steps] == [by]


def test_samples_of_prometheus_follow_a_step_forward() -> None:
    true = demo_recording("pass")
    found = on_run_axis(stepped(true, 3.0, version=3))
    assert found.problems == ()
    for mapped, series in zip(found.metrics.series, true.metrics.series, strict=True):
        assert [at for at, _ in mapped.samples] == pytest.approx([at for at, _ in series.samples], abs=0.01)


@pytest.mark.parametrize("version", [2, 3])
def test_samples_from_a_stretch_that_came_twice_are_named_and_left_out(version: int) -> None:
    found = on_run_axis(stepped(demo_recording("pass"), -5.0, version))
    named = [problem for problem in found.problems if problem.file == "metrics.json"]
    assert len(named) == 1
    assert "cannot be placed in time: the wall clock of this machine was set back by 5.0 s" in named[0].what


def test_requests_of_an_older_version_are_mapped_or_named() -> None:
    found = on_run_axis(stepped(demo_recording("pass"), -5.0, version=2))
    assert any(problem.file == "load.jsonl" for problem in found.problems)
    assert len(found.requests) < len(demo_recording("pass").requests)


def test_an_older_recording_whose_clock_was_not_set_stays_as_it_was_read() -> None:
    old = stepped(demo_recording("pass"), 0.0, version=2)
    found = on_run_axis(old)
    assert (found.events, found.requests, found.metrics) == (old.events, old.requests, old.metrics)


def test_ledger_lines_and_final_reads_come_by_their_monotonic_clock() -> None:
    op = LedgerOp(ledger="l", id="1", op="missed", at=BEGAN + 99, mono=10.0, began=BEGAN + 98, began_mono=9.0)
    read = StoreRead(
        ledger="l", store="s", complete=True, began=0.0, ended=1.0, began_mono=60.0, ended_mono=61.0
    )
    true = stepped(demo_recording("pass"), 0.0, version=3)
    found = on_run_axis(replace(true, ledger=(op,), reads=(read,)))
    assert (found.ledger[0].at, found.ledger[0].began) == pytest.approx((BEGAN + 10, BEGAN + 9), abs=0.01)
    assert (found.reads[0].began, found.reads[0].ended) == pytest.approx((BEGAN + 60, BEGAN + 61), abs=0.01)


def test_series_are_never_reordered_against_time() -> None:
    true = stepped(demo_recording("pass"), -5.0, version=3)
    series = Series(metric="m", labels={}, samples=((BEGAN + 2, 1.0), (BEGAN + 50, 2.0)))
    found = on_run_axis(replace(true, metrics=true.metrics.model_copy(update={"series": (series,)})))
    instants = [at for at, _ in found.metrics.series[0].samples]
    assert instants == pytest.approx([BEGAN + 2, BEGAN + 55], abs=0.01)
