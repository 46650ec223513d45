"""The phases of a scenario, from the events that separate them."""

from __future__ import annotations

from dataclasses import dataclass

from chaos.gameday.clock import DayClock
from chaos.gameday.slot_state import SlotState


@dataclass(frozen=True)
class PhaseSpan:
    """One phase. ``begin`` and ``end``: seconds since the epoch; None if not reached. ``what``: what ends it.

    ``policy``: its length in policy seconds; None if ``begin`` or ``end`` is None.
    """

    name: str
    begin: float | None
    end: float | None
    policy: float | None
    what: str


def phase_spans(slot: SlotState, clock: DayClock) -> tuple[PhaseSpan, ...]:
    """Trigger, discover, respond, recover and debrief, in this order."""
    signs = (slot.noticed, slot.acknowledged, slot.declared)
    human = min((event.at for event in signs if event and slot.after_fault(event)), default=None)
    mitigated = slot.mitigated.at if slot.mitigated else None
    resolved = slot.resolved.at if slot.resolved else None
    bounds = (
        ("trigger", slot.zero, slot.broken, "until the fault is in place"),
        ("discover", slot.broken, human, "until a person noticed, acknowledged or declared it"),
        ("respond", human, mitigated, "until it was mitigated"),
        ("recover", mitigated, resolved, "until it was resolved"),
        ("debrief", resolved, slot.ended if resolved else None, "until the end of the scenario"),
    )
    return tuple(
        PhaseSpan(name, begin, end, _length(clock, begin, end), what) for name, begin, end, what in bounds
    )


def _length(clock: DayClock, begin: float | None, end: float | None) -> float | None:
    if begin is None or end is None:
        return None
    return clock.policy(begin, max(begin, end))
