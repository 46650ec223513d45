"""Texts of messages, filled from the record, for people to edit and mark as sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chaos.gameday.fold import DayState
from chaos.gameday.slot_state import SlotState


@dataclass(frozen=True)
class Draft:
    """``template``: its name; ``channel``: where it usually goes; ``text`` begins with DRILL."""

    template: str
    channel: str
    text: str


Drafts = Callable[[DayState, SlotState], tuple[Draft, ...]]

_CHANNELS = {
    "internal_alert": "chat",
    "status_page_investigating": "status page",
    "status_page_identified": "status page",
    "status_page_monitoring": "status page",
    "status_page_resolved": "status page",
    "customer_email": "email",
    "management": "email",
    "enterprise_call": "phone",
}


def plain_drafts(state: DayState, slot: SlotState) -> tuple[Draft, ...]:
    """A first text for each message of the policy."""
    alert = slot.first_alert.alert if slot.first_alert else "a problem that was noticed"
    severity = slot.severity.severity.value if slot.severity else "not declared yet"
    facts = f"Trigger: {alert}. Severity: {severity}."
    return tuple(
        Draft(name, channel, f"DRILL. This is an exercise. {name.replace('_', ' ').capitalize()}. {facts}")
        for name, channel in _CHANNELS.items()
    )
