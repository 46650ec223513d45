"""How long did a fault take effect? Pure; instants on the run axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from chaos.checks.kit.slowness import with_saturation
from chaos.checks.kit.words import count, span
from chaos.kinds import Fault
from chaos.model.asked import CannotTell, Doubt
from chaos.model.container_states import STATE_VALUE, ContainerStatus
from chaos.model.plan import PlannedStep
from chaos.model.rhythm import HOLDING_EVERY, WITNESS_DEADLINE
from chaos.timeline.events import (
    ContainerState,
    FaultInjected,
    FaultIntended,
    FaultMeasured,
    FaultReverted,
    GuardrailTripped,
    Measurement,
    RunInterrupted,
    SteadyState,
)
from chaos.timeline.questions import stretches_of
from chaos.timeline.recording import Recording
from chaos.timeline.steered import held_between

LEAST_SHARE = 0.9
"""Share of the measurements from the first effect to the undo that must show it: nearly all. A figure of this
project: in the runs of tests/corpus every fault that held shows its effect in all measurements."""

SLACK = 2.0
"""Real seconds by which a measurement may be late: the engine and round trips take time on a busy machine."""

MOST_TAKEN = 3.0
"""Real seconds of one measurement that are no gap, though its result comes at their end: on a busy machine a
command in a container takes so long. More proves nothing of what lies between."""

ORDER_SLACK = 0.1
"""Real seconds by which two events may be in the wrong order: each event reads the clock twice."""


@dataclass(frozen=True)
class EffectSeen:
    """What the witness measured between the injection of a fault and the start of its undo.

    ``seen`` are the measurements that show the effect, of all ``during``. ``held``: seconds for which it is
    proven, of ``planned``. ``longest_gap``: the longest stretch from one measurement that shows it to the
    beginning of the next, or from the last one to the undo. ``step``: seconds between two measurements by
    plan. ``early``: seconds by which it was undone before it was due. ``unfit``: why no effect can be
    seen against the baseline; "" if it can. ``contradicted``: how many of ``seen`` name a state that the
    container did not have then, as the reading of all containers saw it. ``overdue``: seconds by which its
    undo began after it was due.
    """

    baseline: Measurement
    during: tuple[FaultMeasured, ...]
    seen: tuple[FaultMeasured, ...]
    first_after: float | None
    held: float
    planned: float
    longest_gap: float
    step: float
    early: float = 0.0
    unfit: str = ""
    contradicted: int = 0
    overdue: float = 0.0

    def doubt(self) -> Doubt | None:
        """Why the fault does not count; None: it does."""
        if self.first_after is None and self.unfit:
            return Doubt(f"no effect can be seen: {self.unfit} before the fault already")
        if self.first_after is None:
            readings = count(len(self.during), "measurement")
            return Doubt(f"no effect in {readings} of {self.baseline.subject}")
        since = [event for event in self.during if event.at >= self.seen[0].at]
        soon = WITNESS_DEADLINE + self.step
        lasted = f"it took effect for {span(self.held)} of the {span(self.planned)} that were planned"
        if self.first_after > soon:
            return Doubt(f"{lasted}: the first effect was seen {span(self.first_after)} after the injection")
        if len(self.seen) < LEAST_SHARE * len(since):
            readings = count(len(since), "measurement")
            return Doubt(f"{lasted}: seen in {len(self.seen)} of {readings} since the first effect")
        if self.contradicted > (1 - LEAST_SHARE) * len(self.seen):
            readings = count(self.contradicted, "measurement")
            return Doubt(
                f"{readings} of {self.baseline.subject} contradict the recorded states of the container"
            )
        if self.early > SLACK:
            return Doubt(f"it was undone {span(self.early)} before that was due")
        if self.overdue > SLACK:
            return Doubt(f"its undo began {span(self.overdue)} after that was due")
        if self.longest_gap > 2 * self.step + SLACK:
            return Doubt(f"{lasted}: no measurement shows it for {span(self.longest_gap)}")
        return None


def effect_seen(recording: Recording, planned: PlannedStep, fault: Fault) -> EffectSeen:
    """The measurements of one injected fault. Raises ``CannotTell`` if there are none.

    A procedure that answers a fault begins at its first effect: then only that measurement is needed.
    """
    intended = next(e for e in recording.of(FaultIntended) if e.index == planned.index)
    injected = next(e for e in recording.of(FaultInjected) if e.index == planned.index)
    before, during = (measured(recording, planned.index, when) for when in ("before", "during"))
    if not before:
        raise CannotTell("the witness measured nothing before the fault")
    if not during:
        took = injected.at - intended.at
        raise CannotTell(
            with_saturation(recording, intended.at, injected.at, _nothing_during(planned, fault, took))
        )
    if injected.at - during[0].at > ORDER_SLACK:
        raise CannotTell("the recording has a measurement during the fault before its injection had ended")
    if impossible := next((one for one in (*before, *during) if _impossible(one.measurement)), None):
        raise CannotTell(f"a measurement of {impossible.measurement.subject} is less than nothing")
    baseline = fault.baseline([event.measurement for event in before])
    seen = [
        event
        for event in during
        if event.measurement.subject == baseline.subject and fault.took_effect(baseline, event.measurement)
    ]
    answered = planned.step.answer is not None
    end = during[0].at if answered else undo_due(recording, planned, intended.at)
    step = HOLDING_EVERY + fault.measured_in()
    between = [*_between(seen, end)]
    proven = [
        later - earlier
        for earlier, later, gap in between
        if gap <= 2 * step + SLACK and not _unseen_between(during, seen, earlier, later)
    ]
    return EffectSeen(
        baseline=baseline,
        during=tuple(during),
        seen=tuple(seen),
        first_after=seen[0].at - injected.at if seen else None,
        held=sum(proven),
        planned=max(0.0, end - injected.at),
        longest_gap=max((gap for _, _, gap in between), default=0.0),
        step=step,
        early=0.0 if answered else _undone_early(recording, planned, intended.at, end),
        unfit=fault.unfit_baseline(baseline),
        contradicted=_contradicted(recording, fault, injected.at, seen),
        overdue=0.0 if answered else _undone_late(recording, planned, intended.at),
    )


def _contradicted(recording: Recording, fault: Fault, injected: float, seen: Sequence[FaultMeasured]) -> int:
    """How many measurements name a state of the container that it did not have within ``SLACK`` of them.

    0 where the recording has no state of the container from the injection on.
    """
    if len(fault.services()) != 1:
        return 0
    known = [one for one in recording.of(ContainerState) if one.service == fault.services()[0]]
    if not any(one.at >= injected - SLACK for one in known):
        return 0
    number = 0
    for event in seen:
        state, first, last = event.measurement.values.get(STATE_VALUE), event.at - SLACK, event.at + SLACK
        before = [one.state for one in known if one.at < first][-1:]
        had = {*before, *(one.state for one in known if first <= one.at <= last)}
        number += isinstance(state, str) and state not in had and ContainerStatus.UNKNOWN not in had
    return number


def _impossible(measurement: Measurement) -> bool:
    """No time is negative: ``_s`` ends the names of values in seconds. A rate may be: it is a difference."""
    return any(
        name.endswith("_s") and not name.endswith("_per_s") and isinstance(value, float) and value < 0
        for name, value in measurement.values.items()
    )


def _between(seen: Sequence[FaultMeasured], end: float) -> Iterator[tuple[float, float, float]]:
    """From one measurement to the next, and from the last one to the undo: both instants, and the seconds in
    which nothing was being measured.
    """
    for earlier, later in pairwise(seen):
        apart = later.at - earlier.at
        yield earlier.at, later.at, max(0.0, apart - min(later.took or 0.0, MOST_TAKEN))
    if seen and end > seen[-1].at:
        yield seen[-1].at, end, end - seen[-1].at


def measured(recording: Recording, index: int, when: str) -> list[FaultMeasured]:
    """The measurements of one fault ``before``, ``during`` or ``after`` it, oldest first."""
    return [event for event in recording.of(FaultMeasured) if event.index == index and event.when == when]


def undo_due(recording: Recording, planned: PlannedStep, intended: float) -> float:
    """The latest instant at which the undo began: when it was due, or was read back if that came first."""
    due = _due(recording, planned, intended)
    done = next((e.at for e in recording.of(FaultReverted) if e.index == planned.index), recording.ended)
    return done if planned.step.answer is not None else min(due, done)


def _due(recording: Recording, planned: PlannedStep, intended: float) -> float:
    """The latest instant at which the undo of a fault is due: as long after it as planned, plus any holds."""
    held = held_between(stretches_of(recording), intended, recording.ended)
    return intended + (planned.end - planned.start) + held


def _undone_early(recording: Recording, planned: PlannedStep, intended: float, done: float) -> float:
    """Seconds by which the undo came before it was due. 0 in a run that was stopped: its outcome says so.

    Earlier versions undid a fault at a fixed instant of the timeline, however late the injection was.
    """
    if any(recording.of(RunInterrupted)) or any(recording.of(GuardrailTripped)):
        return 0.0
    due = _due(recording, planned, intended)
    zero = next((e.at for e in recording.of(SteadyState) if e.when == "before"), None)
    if zero is not None:
        due = min(due, zero + planned.end + held_between(stretches_of(recording), zero, recording.ended))
    return max(0.0, due - done)


def _undone_late(recording: Recording, planned: PlannedStep, intended: float) -> float:
    """Seconds by which the undo began after it was due; 0 if the recording does not say how long it took."""
    undo = next((e for e in recording.of(FaultReverted) if e.index == planned.index), None)
    if undo is None or undo.took is None:
        return 0.0
    return max(0.0, undo.at - undo.took - _due(recording, planned, intended))


def _nothing_during(planned: PlannedStep, fault: Fault, took: float) -> str:
    holds = planned.end - planned.start
    if planned.step.answer is None and took >= holds:
        return fault.injected_too_late(span(took), span(holds))
    return "the witness measured nothing during the fault"


def _unseen_between(
    during: Sequence[FaultMeasured], seen: Sequence[FaultMeasured], earlier: float, later: float
) -> bool:
    """Is there a measurement between two instants that does not show the effect?"""
    return any(earlier < event.at < later and event not in seen for event in during)
