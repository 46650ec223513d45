"""Which injects of a scenario are due, and how long the others still have."""

from __future__ import annotations

from chaos.gameday.clock import DayClock
from chaos.gameday.model import Inject
from chaos.gameday.slot_state import SlotState


def due_injects(slot: SlotState, injects: tuple[Inject, ...], clock: DayClock, now: float) -> tuple[int, ...]:
    """Numbers of the injects that are to be played at ``now``. None while the day is held."""
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
    """Policy seconds of the scenario before which it is not played."""
    return inject.at if inject.at is not None else inject.after


def waits_for(inject: Inject, slot: SlotState, clock: DayClock, now: float) -> str:
    """What an inject that was not played waits for, for people."""
    if slot.zero is None:
        return "the steady state"
    if clock.policy(slot.zero, now) < earliest(inject):
        return inject.trigger
    return f"waits until: {inject.when}"
