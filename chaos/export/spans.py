"""The phases and faults of a recording as spans of time. Instants are seconds since the epoch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from chaos.timeline.events import FaultInjected, FaultReverted, PhaseBegan
from chaos.timeline.recording import Recording


class SpanKind(StrEnum):
    PHASE = "phase"
    FAULT = "fault"


@dataclass(frozen=True)
class Span:
    kind: SpanKind
    name: str
    start: float
    end: float


def spans(recording: Recording) -> Iterator[Span]:
    """Phases, then faults, each in the order in which they began. Without an end: until the run ended."""
    phases = list(recording.of(PhaseBegan))
    ends = [*(phase.at for phase in phases[1:]), recording.ended]
    for phase, end in zip(phases, ends, strict=False):  # without a phase there is one end too many
        yield Span(SpanKind.PHASE, str(phase.phase), phase.at, end)
    undone = {event.index: event.at for event in recording.of(FaultReverted)}
    summaries = {step.index: step.step.summary() for step in recording.plan.steps}
    for injected in recording.of(FaultInjected):
        name = summaries.get(injected.index, f"fault {injected.index}")
        yield Span(SpanKind.FAULT, name, injected.at, undone.get(injected.index, recording.ended))
