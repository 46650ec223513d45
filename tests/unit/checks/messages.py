"""Readings of the service that receives notifications, for recordings made by hand.

Instants are seconds since the run began.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from chaos.checks.kit.notified import PROBE
from chaos.collectors.notifications import WINDOW
from chaos.model.notifications import DeliveredNotification, Listing, NotifiedAlert
from chaos.timeline.events import Sample
from tests.recording_builder import BEGAN, RecordingBuilder

ALERT = "dep_breaker_open"
NOTES = {
    "summary": "The dependency is down.",
    "runbook_url": "https://wiki/docs/runbooks/05-dependency.md#steps",
}


@dataclass(frozen=True)
class Sent:
    """One message that arrived ``at``."""

    at: float
    channel: str = "chat"
    status: str = "firing"
    alert: str = ALERT
    labels: Mapping[str, str] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=lambda: NOTES)

    def notification(self, number: int, read: float) -> DeliveredNotification:
        labels = {"alertname": self.alert, "severity": "SEV3", **self.labels}
        alert = NotifiedAlert.model_validate(
            {"status": self.status, "labels": labels, "annotations": dict(self.notes)}
        )
        return DeliveredNotification(number=number, channel=self.channel, age=read - self.at, alerts=(alert,))


def with_messages(
    on: RecordingBuilder,
    sent: Sequence[Sent],
    start: float = 5.0,
    end: float = 85.0,
    made: Callable[[float], bool] = lambda at: True,
) -> RecordingBuilder:
    """One reading a second from ``start`` to ``end``, where ``made`` says so."""
    ordered = sorted(sent, key=lambda one: one.at)
    at = start
    while at <= end:
        if made(at):
            seen = [(n, one) for n, one in enumerate(ordered, 1) if one.at <= at]
            recent = tuple(one.notification(n, at) for n, one in seen if at - one.at <= WINDOW)
            on.add(_sample(at, Listing(count=len(seen), notifications=recent).model_dump_json()))
        at += 1.0
    return on


def _sample(at: float, payload: str) -> Sample:
    return Sample(
        at=BEGAN + at,
        mono=at,
        probe=PROBE,
        ok=True,
        started=BEGAN + at - 0.01,
        started_mono=at - 0.01,
        status=200,
        payload=payload,
    )
