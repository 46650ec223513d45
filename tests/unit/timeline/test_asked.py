"""Requests that were never answered count in every figure of what clients saw."""

from __future__ import annotations

from chaos.checks.kit.before_injection import harmed_before
from chaos.timeline.asked import asked_between, ended_before
from chaos.timeline.before_fault import before_fault
from chaos.timeline.noise_floor import fault_floor
from tests.recording_builder import BEGAN, RecordingBuilder


def test_the_floor_of_the_fault_counts_requests_without_an_answer() -> None:
    builder = RecordingBuilder().steady().fault(20, 40).load(5, 30).waiting(30, 40, stopped=60)
    floor = fault_floor(builder.clean().end())
    assert floor is not None
    assert (floor.requests, floor.not_served, floor.p95) == (400, 0.5, 29.0)


def test_before_the_fault_only_those_count_that_had_waited_for_long() -> None:
    builder = RecordingBuilder().steady(4).load(5, 10).waiting(10, 20, stopped=60).fault(20, 40)
    found = before_fault(builder.clean().end())
    assert (found.requests, found.not_served) == (100 + 181, 181 / 281)


def test_clients_that_hang_before_the_injection_are_harmed() -> None:
    builder = RecordingBuilder().steady(5).load(5, 10, latency=2.0).waiting(10, 20, stopped=60)
    said = harmed_before(builder.fault(20, 40).clean().end())
    assert said == "160 of 260 requests before the injection were not served, or degraded"


def test_requests_that_are_only_as_slow_as_others_are_not_harmed() -> None:
    builder = RecordingBuilder().steady(5).load(5, 18, latency=2.0).waiting(18.5, 20, stopped=60)
    assert harmed_before(builder.fault(20, 40).clean().end()) == ""


def test_what_this_machine_could_not_send_is_not_asked() -> None:
    recording = RecordingBuilder().load(5, 10, status=0, error="overload").end()
    assert list(asked_between(recording, BEGAN, BEGAN + 60)) == []
    assert list(ended_before(recording, BEGAN + 60)) == []
