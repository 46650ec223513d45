"""Events that are dated in an order in which nothing can happen contradict what they say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chaos.model.verdict import Outcome
from chaos.timeline.consistency import inconsistencies
from chaos.timeline.damage import Damage
from chaos.timeline.events import (
    Event,
    FaultIntended,
    FaultMeasured,
    FaultReverted,
    LeftOver,
    Phase,
    PhaseBegan,
    RunEnded,
    SteadyState,
)
from chaos.timeline.recording import Recording
from chaos.timeline.sequence import out_of_sequence
from chaos.verdict import judge
from tests.recording_builder import BEGAN
from tests.recordings import demo_recording

Where = Callable[[Event], bool]


def dated(at: float, where: Where) -> Recording:
    """The good recording, where some events have another instant."""
    good = demo_recording()
    events = tuple(
        event.model_copy(update={"at": BEGAN + at}) if where(event) else event for event in good.events
    )
    return replace(good, events=events)


def measured(when: str) -> Where:
    return lambda event: isinstance(event, FaultMeasured) and event.when == when


def steady(when: str) -> Where:
    return lambda event: isinstance(event, SteadyState) and event.when == when


def phase(name: Phase) -> Where:
    return lambda event: isinstance(event, PhaseBegan) and event.phase == name


def of(kind: type[Event]) -> Where:
    return lambda event: isinstance(event, kind)


def unplanned() -> Recording:
    good = demo_recording()
    return replace(good, events=(*good.events, FaultIntended(at=BEGAN + 30, mono=30, index=7)))


CASES: dict[str, tuple[Recording, str]] = {
    "steady before, after the injection": (
        dated(21, steady("before")),
        "the steady state before the injection is dated after it",
    ),
    "steady again inside the fault": (
        dated(43, steady("after")),
        "the steady state after the recovery is dated before the last undo",
    ),
    "baseline from the fault": (
        dated(30, measured("before")),
        "1 measurements from before container.kill dep are dated after its injection",
    ),
    "effect from after the undo": (
        dated(50, measured("during")),
        "24 measurements during container.kill dep are dated after its undo",
    ),
    "gone before the undo": (
        dated(40, measured("after")),
        "1 measurements from after container.kill dep are dated before its undo",
    ),
    "steady again after the teardown": (
        dated(75, steady("after")),
        "a steady state is dated after the teardown had begun",
    ),
    "undone in the teardown": (
        dated(74, of(FaultReverted)),
        "a fault was undone only after the teardown had begun",
    ),
    "phases the other way round": (
        dated(3, phase(Phase.TIMELINE)),
        "the phase timeline began 1.0 s before the phase steady",
    ),
    "torn down while the clients were watched": (
        dated(60, phase(Phase.TEARDOWN)),
        "its last sample is dated 11.9 s after the teardown began",
    ),
    "left over before the teardown": (
        dated(60, of(LeftOver)),
        "it says what the teardown left before the teardown began",
    ),
    "ended before it was over": (dated(70, of(RunEnded)), "it has events from 5.0 s after the run had ended"),
    "a fault beyond the plan": (unplanned(), "it has a fault that the plan does not have"),
}


def test_a_run_whose_events_follow_each_other_has_no_problem() -> None:
    assert list(out_of_sequence(demo_recording())) == []
    assert judge(demo_recording()).outcome is Outcome.PASS


@pytest.mark.parametrize("case", CASES)
def test_an_impossible_order_proves_nothing(case: str) -> None:
    recording, words = CASES[case]
    problems = inconsistencies(recording)
    assert Damage("journal.jsonl", words) in problems
    assert judge(replace(recording, problems=problems)).outcome is Outcome.INCONCLUSIVE
