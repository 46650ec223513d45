"""Answers that say two things at once say nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chaos.model.verdict import Outcome
from chaos.timeline.consistency import inconsistencies
from chaos.timeline.events import Sample
from chaos.timeline.observations import ProbeKind, ProbeStarted
from chaos.timeline.recording import Recording
from chaos.timeline.requests import Request, Requests
from chaos.verdict import judge
from tests.recording_builder import BEGAN, CLOSED, READY
from tests.recordings import demo_recording


def requests(change: Callable[[Request], dict[str, object]]) -> Recording:
    good = demo_recording()
    return replace(good, requests=Requests.of(one.model_copy(update=change(one)) for one in good.requests))


def samples(probe: str, **change: object) -> Recording:
    good = demo_recording()
    events = tuple(
        event.model_copy(update=change) if isinstance(event, Sample) and event.probe == probe else event
        for event in good.events
    )
    return replace(good, events=events)


CASES: dict[str, tuple[Recording, str]] = {
    "served with an error": (
        requests(lambda one: {"status": 500} if one.status == 200 else {}),
        "requests contradict their own status",
    ),
    "served without an answer": (
        requests(lambda one: {"status": 0, "error": "refused"} if one.status == 200 else {}),
        "requests contradict their own status",
    ),
    "answered before it was sent": (
        requests(lambda one: {"sent": one.sent + 2}),
        "requests were answered up to 2.0 s before they were sent",
    ),
    "sent before it was planned": (
        requests(lambda one: {"sent": one.sent - 2}),
        "requests were sent up to 2.0 s before they were planned",
    ),
    "ready with an error": (samples(READY.label, ok=True), f"samples of {READY.label} are called good"),
    "closed with the value of open": (
        samples(CLOSED.label, value=1.0),
        f"samples of {CLOSED.label} are called",
    ),
    "read backwards": (
        samples(READY.label, started=demo_recording().ended),
        f"samples of {READY.label} were answered before they were asked for",
    ),
}


@pytest.mark.parametrize(("late", "found"), [(0.0, False), (2.0, False), (9.0, True), (-2.0, True)])
def test_readings_that_do_not_begin_with_their_probe_are_dated_wrong(late: float, found: bool) -> None:
    good = demo_recording()
    first = min(one.started for one in good.samples(READY.label)) - late
    began = ProbeStarted(
        at=first, mono=first - BEGAN, probe=READY.label, kind=ProbeKind.HTTP, every=0.1, patience=2.0
    )
    problems = inconsistencies(replace(good, events=(*good.events, began)))
    assert any("the first sample of" in problem.what for problem in problems) is found


def test_a_good_run_does_not_contradict_itself() -> None:
    assert inconsistencies(demo_recording()) == ()
    assert judge(demo_recording()).outcome is Outcome.PASS


@pytest.mark.parametrize("case", CASES)
def test_a_contradiction_proves_nothing(case: str) -> None:
    recording, words = CASES[case]
    problems = inconsistencies(recording)
    assert any(words in problem.what for problem in problems)
    assert judge(replace(recording, problems=problems)).outcome is Outcome.INCONCLUSIVE
