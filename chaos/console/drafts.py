"""Drafts of messages, filled in from the record. People edit them and mark them as sent."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from string import Template

from chaos.gameday.event_base import Role
from chaos.gameday.fold import DayState
from chaos.gameday.people_events import IncidentRole
from chaos.gameday.slot_state import SlotState
from chaos.model.scenario import Severity


@dataclass(frozen=True)
class Draft:
    """``template``: its name. ``channel``: where the message usually goes. ``text``: begins with DRILL."""

    template: str
    channel: str
    text: str


Drafts = Callable[[DayState, SlotState], tuple[Draft, ...]]

_OPENING = "DRILL. This is an exercise, nothing is wrong.\n"
# Template -> channel, and the text after the opening. $names are facts from the record.
_TEXTS = {
    "internal_alert": (
        "chat",
        "$severity: $trigger since $since UTC. Commander: $commander. Seen: $seen. Next update: $update.",
    ),
    "status_page_investigating": (
        "status page",
        "Investigating. Since $since UTC some requests fail or are slow. We are looking into it.",
    ),
    "status_page_identified": (
        "status page",
        "Identified. We know what fails and are working on it. Decided: $decision.",
    ),
    "status_page_monitoring": ("status page", "Monitoring. It is mitigated: $mitigation. We keep watching."),
    "status_page_resolved": (
        "status page",
        "Resolved. The service works normally again. It began at $since UTC.",
    ),
    "customer_email": (
        "email",
        "Dear customer,\nsince $since UTC some of your requests failed or were slow. Status: $status. "
        "We will write again when there is news.",
    ),
    "management": (
        "email",
        "$severity since $since UTC. Trigger: $trigger. Status: $status. Decided: $decision. "
        "Needed from you: to fill in.",
    ),
    "enterprise_call": (
        "phone",
        "Say who you are and that this is a drill. Since $since UTC there is a problem: $trigger. "
        "Status: $status. Ask what the customer sees. Promise the next call in $update.",
    ),
    "post_resolution": (
        "email",
        "It is resolved. It began at $since UTC. Mitigated by: $mitigation. The post-mortem follows.",
    ),
}


def plain_drafts(state: DayState, slot: SlotState) -> tuple[Draft, ...]:
    """One draft per message, filled in from the record. It says so where a fact is unknown."""
    facts = _facts(slot, state)
    return tuple(
        Draft(name, channel, _OPENING + Template(text).substitute(facts))
        for name, (channel, text) in _TEXTS.items()
    )


def _seen(slot: SlotState) -> str:
    """The largest share of requests that were not served, as a sentence."""
    rates = [one.error_rate for one in slot.clients if one.error_rate is not None]
    if not rates:
        return "no figures yet"
    if max(rates) < 0.005:
        return "all requests were served so far"
    return f"up to {100 * max(rates):.0f} % of requests are not served"


def _commander(slot: SlotState, state: DayState) -> str:
    """The person who last took the duty; else the participants with that role."""
    taken = [duty.person for duty in slot.duties if duty.duty is IncidentRole.COMMANDER]
    present = [one.name for one in state.people if one.role is Role.COMMANDER]
    return taken[-1] if taken else ", ".join(present) or "to fill in"


def _facts(slot: SlotState, state: DayState) -> dict[str, str]:
    alert, severity = slot.first_alert, slot.severity
    status = "being investigated"
    if slot.mitigated is not None:
        status = "mitigated"
    if slot.resolved is not None:
        status = "resolved"
    return {
        "severity": severity.severity.value if severity else "severity not declared",
        "trigger": f"alert {alert.alert}" if alert else "a problem that was noticed",
        "since": time.strftime("%H:%M", time.gmtime(slot.detected)) if slot.detected else "an unknown time",
        "commander": _commander(slot, state),
        "seen": _seen(slot),
        "status": status,
        "decision": slot.decisions[-1].choice if slot.decisions else "nothing yet",
        "mitigation": (slot.mitigated.words if slot.mitigated else "") or "to fill in",
        "update": _UPDATE.get(severity.severity, "60 minutes") if severity else "60 minutes",
    }


_UPDATE = {Severity.SEV1: "30 minutes", Severity.SEV2: "60 minutes"}
