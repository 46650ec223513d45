"""Which injects of a scenario are due, and what the others wait for."""

from __future__ import annotations

from chaos.gameday.clock import DayClock
from chaos.gameday.model import Inject
from chaos.gameday.slot_state import SlotState


def due_injects(slot: SlotState, injects: tuple[Inject, ...], clock: DayClock, now: float) -> tuple[int, ...]:
    """Indexes of the injects to play at ``now`` (seconds since the epoch), from 0, in the order of the file.

    Empty while the day is on hold, before the timeline begins, and after the scenario has ended.
    """
    if slot.zero is None or slot.ended is not None or clock.held:
        return ()
    passed = clock.policy(slot.zero, now)
    return tuple(
        index
        for index, inject in enumerate(injects)
        if index not in slot.played
        and passed >= earliest(inject)
        and (inject.when is None or inject.when.holds(slot))
    )


def earliest(inject: Inject) -> float:
    """Policy seconds from the beginning of the timeline before which gameday does not play the inject."""
    return inject.at if inject.at is not None else inject.after


def waits_for(inject: Inject, slot: SlotState, clock: DayClock, now: float) -> str:
    """What an inject that was not played waits for, as a text for the facilitator."""
    if slot.zero is None:
        return "waits for the steady state"
    if clock.policy(slot.zero, now) < earliest(inject):
        return inject.trigger
    return f"waits for: {inject.when}"
