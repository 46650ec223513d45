"""When a promise applies: before the run from the timeline, afterwards from the recording."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce

from chaos.checks.kit.slowness import with_saturation
from chaos.kinds import Fault, Objection, ScenarioContext, UnknownName
from chaos.model.asked import CannotTell
from chaos.model.plan import Plan
from chaos.model.scenario import ALL, ANY, Scenario, TimelineStep
from chaos.model.windows import JudgedWindow
from chaos.timeline.questions import FaultWindow, fault_span, fault_windows
from chaos.timeline.recording import Recording


@dataclass(frozen=True)
class FaultStretch:
    """A stretch with faults in place, after answers had settled. Instants on the run axis.

    The checks judge requests sent in ``[start, end)``: ``end`` is when a witness last saw the effect.
    ``released`` is when the undo began, as far as the recording says: a later answer may come from the
    recovered system. ``injected`` is when the injection was done, before answers had settled.
    """

    injected: float
    start: float
    end: float
    released: float


def while_objections(chosen: Sequence[str], context: ScenarioContext) -> Iterator[Objection]:
    """A problem for each unknown step name, and for a ``while: all`` that never holds."""
    steps = context.scenario.timeline
    known = [step.name for step in steps if step.name is not None]
    for name in chosen:
        if name not in (ANY, ALL, *known):
            yield UnknownName.of(("while",), "step", name, [ANY, ALL, *known])
    if len(chosen) > 1 and {ANY, ALL} & set(chosen):
        yield Objection(("while",), f"{ANY} and {ALL} must stand alone", "list only names of steps")
    elif ALL in chosen and steps and not windows_before(chosen, context, 0.0) and not _open_ended(steps):
        yield Objection(("while",), "the faults are never all in place at once", "make them overlap")


def windows_before(chosen: Sequence[str], context: ScenarioContext, settles_in: float) -> list[JudgedWindow]:
    """The stretches to judge by the timeline; empty if a procedure ends a fault: only the run shows when."""
    steps = _steps_of(chosen, context.scenario)
    if _open_ended(steps):
        return []
    if ALL in chosen:
        overlap = min(step.at + step.hold for step in steps) - max(step.at for step in steps) if steps else 0
        if overlap <= 0:
            return []
        measured_in = max(_measured_in(step) for step in steps)
        return [JudgedWindow(context.real(overlap), measured_in, settles_in)]
    return [JudgedWindow(context.real(step.hold), _measured_in(step), settles_in) for step in steps]


def _open_ended(steps: Iterable[TimelineStep]) -> bool:
    return any(step.answer is not None or step.hold == float("inf") for step in steps)


def _measured_in(step: TimelineStep) -> float:
    return step.measured_in() if isinstance(step, Fault) else 0.0


def _steps_of(chosen: Sequence[str], scenario: Scenario) -> list[TimelineStep]:
    every = {ANY, ALL} & set(chosen)
    return [step for step in scenario.timeline if every or step.name in chosen]


def fault_stretches(recording: Recording, chosen: Sequence[str], settles_in: float) -> list[FaultStretch]:
    """The separate stretches in which answers are judged, in order. ``settles_in``: real seconds after the
    first effect during which answers may still differ.

    Raises ``CannotTell`` if there are none, or the recording ends before a fault does.
    """
    faults = [fault for fault in fault_windows(recording) if _is_chosen(fault, chosen, recording.plan)]
    if any(fault.end is None for fault in faults):
        raise CannotTell("the recording ends before the fault does")
    stretches = [_stretch(fault, settles_in) for fault in faults]
    if ALL in chosen:
        missing = len(faults) < len(recording.plan.steps)
        found = [] if missing or None in stretches else _at_once([one for one in stretches if one])
    else:
        found = _merged([one for one in stretches if one is not None])
    if not found and any(fault.first_seen is not None for fault in faults):
        raise CannotTell("the effect did not last longer than answers may take to change")
    if not found:
        start, end = fault_span(recording) or (recording.began, recording.ended)
        raise CannotTell(with_saturation(recording, start, end, "the fault was not seen to take effect"))
    return found


def _is_chosen(fault: FaultWindow, chosen: Sequence[str], plan: Plan) -> bool:
    return bool({ANY, ALL} & set(chosen)) or plan.steps[fault.index].step.name in chosen


def _stretch(fault: FaultWindow, settles_in: float) -> FaultStretch | None:
    if fault.first_seen is None or fault.last_seen is None or fault.end is None:
        return None
    end = fault.last_seen if fault.last_seen > fault.first_seen else fault.end
    released = max(end, end if fault.undo_began is None else fault.undo_began)
    injected = fault.first_seen if fault.injected is None else fault.injected
    start = fault.first_seen + settles_in
    return FaultStretch(injected, start, end, released) if end > start else None


def _at_once(stretches: Sequence[FaultStretch]) -> list[FaultStretch]:
    if not stretches:
        return []
    both = FaultStretch(
        max(one.injected for one in stretches),
        max(one.start for one in stretches),
        min(one.end for one in stretches),
        min(one.released for one in stretches),
    )
    return [both] if both.end > both.start else []


def _merged(stretches: Sequence[FaultStretch]) -> list[FaultStretch]:
    """Merges overlapping stretches, so that an answer counts once however many faults were in place."""

    def add(done: list[FaultStretch], one: FaultStretch) -> list[FaultStretch]:
        if not done or one.start > done[-1].end:
            return [*done, one]
        last = done[-1]
        end, released = max(last.end, one.end), max(last.released, one.released)
        return [*done[:-1], FaultStretch(last.injected, last.start, end, released)]

    none: list[FaultStretch] = []
    return reduce(add, sorted(stretches, key=lambda one: one.start), none)
