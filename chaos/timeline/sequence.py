"""Are the events of a run dated in an order in which they can happen? Pure; instants on the run axis.

The numbers of the lines show which were lost or moved. They do not show a wrong instant: a steady state
"before the injection" that is dated after it, or a measurement "while the fault held" from after its undo,
proves the opposite of what it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import inf

from chaos.timeline.events import (
    FaultIntended,
    FaultMeasured,
    FaultReverted,
    GuardrailTripped,
    LeftOver,
    Phase,
    RunEnded,
    RunInterrupted,
    RunStarted,
    Sample,
    SteadyState,
)
from chaos.timeline.lines import NUMBERED_SINCE
from chaos.timeline.recording import Recording

SLACK = 0.5  # seconds by which two events may be in the wrong order: each reads the clock for itself


def out_of_sequence(recording: Recording) -> Iterator[str]:
    """What cannot have happened in this order, in words; empty: nothing."""
    yield from _phases(recording)
    yield from _ends(recording)
    yield from _unplanned(recording)
    yield from _steady(recording)
    for planned in recording.plan.steps:
        yield from _measured(recording, planned.index, planned.step.summary())


def _phases(recording: Recording) -> Iterator[str]:
    began = [(phase, at) for phase in Phase if (at := recording.phase_began(phase)) is not None]
    for (first, earlier), (second, later) in pairwise(began):
        if earlier > later + SLACK:
            yield f"the phase {second} began {earlier - later:.1f} s before the phase {first}"
    teardown = recording.phase_began(Phase.TEARDOWN)
    read = max((one.started for one in recording.of(Sample)), default=None)
    numbered = recording.version >= NUMBERED_SINCE  # the probes of older versions went on
    if numbered and read is not None and teardown is not None and read > teardown + SLACK:
        yield f"its last sample is dated {read - teardown:.1f} s after the teardown began"
    looked = next(recording.of(LeftOver), None)
    if looked is not None and teardown is not None and looked.at < teardown - SLACK:
        yield "it says what the teardown left before the teardown began"


def _ends(recording: Recording) -> Iterator[str]:
    """Nothing happens before the run begins or after it has ended."""
    instants = [event.at for event in recording.events]
    began, ended = next(recording.of(RunStarted), None), next(recording.of(RunEnded), None)
    if began is not None and began.at > min(instants) + SLACK:
        yield f"it has events from {began.at - min(instants):.1f} s before the run began"
    if ended is not None and ended.at < max(instants) - SLACK:
        yield f"it has events from {max(instants) - ended.at:.1f} s after the run had ended"


def _unplanned(recording: Recording) -> Iterator[str]:
    planned = {step.index for step in recording.plan.steps}
    if any(one.index not in planned for one in recording.of(FaultIntended)):
        yield "it has a fault that the plan does not have"


def _steady(recording: Recording) -> Iterator[str]:
    """The steady state holds, then faults are injected and undone, then it holds again."""
    injected = min((one.at for one in recording.of(FaultIntended)), default=None)
    undone = max((one.at for one in recording.of(FaultReverted)), default=None)
    teardown = recording.phase_began(Phase.TEARDOWN)
    for event in recording.of(SteadyState):
        if event.since is not None and event.since > event.at + SLACK:
            yield "a steady state began to hold after it was reached"
        if event.when == "before" and injected is not None and event.at > injected + SLACK:
            yield "the steady state before the injection is dated after it"
        if event.when == "after" and undone is not None and event.at < undone - SLACK:
            yield "the steady state after the recovery is dated before the last undo"
        if teardown is not None and event.at > teardown + SLACK:
            yield "a steady state is dated after the teardown had begun"
    stopped = any(recording.of(RunInterrupted)) or any(recording.of(GuardrailTripped))
    stopped = stopped or any(one.error for one in recording.of(RunEnded))
    if not stopped and undone is not None and teardown is not None and undone > teardown + SLACK:
        yield "a fault was undone only after the teardown had begun"


def _measured(recording: Recording, index: int, name: str) -> Iterator[str]:
    """The witness measures before the injection, then up to the undo, then after it."""
    intended = next((one.at for one in recording.of(FaultIntended) if one.index == index), inf)
    undone = next((one.at for one in recording.of(FaultReverted) if one.index == index), None)
    found = [one for one in recording.of(FaultMeasured) if one.index == index]
    early = sum(one.when == "before" and one.at > intended + SLACK for one in found)
    if early:
        yield f"{early} measurements from before {name} are dated after its injection"
    if undone is None:
        return
    late = sum(one.when == "during" and one.at > undone + SLACK for one in found)
    if late:
        yield f"{late} measurements during {name} are dated after its undo"
    if soon := sum(one.when == "after" and one.at < undone - SLACK for one in found):
        yield f"{soon} measurements from after {name} are dated before its undo"
