"""Compares the participants' predictions with what happened."""

from __future__ import annotations

from dataclasses import dataclass

from chaos.gameday.clock import DayClock
from chaos.gameday.slot_state import SlotState


@dataclass(frozen=True)
class SlotFacts:
    """What happened. ``alert``: the first alert. ``minutes``: policy minutes from the fault to that alert.

    ``errors``: the largest share of requests that were not served, 0 to 1. ``latency``: the largest 95th
    percentile, in seconds. None: it did not happen or was not measured.
    """

    alert: str | None
    minutes: float | None
    errors: float | None
    latency: float | None


@dataclass(frozen=True)
class PredictionResult:
    """One prediction beside the facts. ``minutes``: as predicted, in policy minutes. ``users``: its words.

    ``right_alert``: None until the scenario has ended. ``within_factor_two``: is the prediction between half
    and twice the actual minutes? None if either is unknown.
    """

    author: str
    alert: str
    minutes: float | None
    users: str
    right_alert: bool | None
    within_factor_two: bool | None


def facts_of(slot: SlotState, clock: DayClock) -> SlotFacts:
    """The facts with which predictions are compared."""
    first, broken = slot.first_alert, slot.broken
    minutes = None
    if first is not None and broken is not None:
        minutes = clock.policy(broken, max(broken, first.at)) / 60
    seen = [reading for reading in slot.clients if broken is None or reading.at >= broken]
    return SlotFacts(
        alert=first.alert if first else None,
        minutes=minutes,
        errors=max((one.error_rate for one in seen if one.error_rate is not None), default=None),
        latency=max((one.latency_p95 for one in seen if one.latency_p95 is not None), default=None),
    )


def compare(slot: SlotState, clock: DayClock) -> tuple[PredictionResult, ...]:
    """Every prediction beside the facts, sorted by author."""
    facts = facts_of(slot, clock)
    fired = {alert.alert.lower() for alert in slot.fired}
    found = []
    for author, one in sorted(slot.predictions.items()):
        right = (
            None if slot.ended is None else (one.alert.strip().lower() in fired if one.alert else not fired)
        )
        near = None
        if one.minutes is not None and facts.minutes is not None:
            near = facts.minutes / 2 <= one.minutes <= facts.minutes * 2
        found.append(PredictionResult(author, one.alert, one.minutes, one.words, right, near))
    return tuple(found)
